"""The decision table of addresses. Documents render it; each row has a test that bears its number.

Invariant: the numbers are those of operations, cases and reports of a plan. To extend: a new row is a line here, a
function in `pairs`, `aliases` or `newcomers`, and a test.
"""

from syncapp.core.child_lists.rows import TableRow

ROWS: tuple[TableRow, ...] = (
    TableRow(1, "none", "new", "marker or number, or fully equal", "match: linked, nothing is written"),
    TableRow(2, "none", "new", "only similar", "held: people are asked whether it is the same address"),
    TableRow(3, "none", "new", "–", "add: a new entry with all that can be said, and a marker"),
    TableRow(4, "none", "–", "new", "bring: a new item with the entry's number"),
    TableRow(5, "none", "–", "equal to a pair", "alias: no item; the entry follows the pair and is shown as double"),
    TableRow(6, "none", "equal to a pair", "–", "alias: no entry; the item follows the pair and is shown as double"),
    TableRow(7, "yes", "as it was", "as it was", "nothing"),
    TableRow(8, "yes", "main part changed", "as it was", "put: the whole entry as read, the changes laid over"),
    TableRow(9, "yes", "as it was", "changed", "take: the item gets the whole address"),
    TableRow(10, "yes", "changed", "changed alike", "match: the bases are renewed"),
    TableRow(11, "yes", "main part changed", "changed otherwise", "put: EspoCRM leads; the lost value is logged"),
    TableRow(
        12, "yes", "changed", "fixed parts would differ", "nothing is written: to be changed by hand, or sent as new"
    ),
    TableRow(13, "yes", "only flags, dates or remark", "any", "nothing is written: told once, the base stays"),
    TableRow(
        14, "yes", "deleted or emptied", "as it was", "tombstone: to be deleted or ended by hand, never comes back"
    ),
    TableRow(15, "yes", "deleted", "changed, also later", "bring: somebody uses it again"),
    TableRow(16, "yes", "as it was", "gone, seen twice", "removal: out of use, else a task (or deleted, by setting)"),
    TableRow(17, "yes", "changed", "gone, seen twice", "the link is dropped, the edit is sent as a new entry"),
    TableRow(18, "yes", "gone", "gone", "the link is dropped"),
    TableRow(19, "yes", "moved to another Beteiligter", "any", "row 14 for the old one, row 3 for the new one"),
    TableRow(20, "any", "refused", "refused", "frozen until that value changes, and said so"),
    TableRow(21, "none", "empty", "empty", "ignored"),
    TableRow(
        22,
        "create under way",
        "any",
        "any",
        "adopted when seen; else people are asked, it is never sent again by itself",
    ),
)
