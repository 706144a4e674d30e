"""The decision table of bank accounts. Documents render it; each row has a test that bears its number.

Invariant: the numbers are those of operations, cases and reports of a plan. To extend: a new row is a line here, a
function in `pairs` or `newcomers`, and a test.
"""

from syncapp.core.child_lists.rows import TableRow

ROWS: tuple[TableRow, ...] = (
    TableRow(1, "none", "new", "same IBAN", "match: linked, nothing is written"),
    TableRow(2, "none", "new, in use", "–", "add, where Advoware's list can be read"),
    TableRow(
        3,
        "none",
        "new, in use",
        "cannot be read",
        "add, once people or the setting allow it; old ones are asked about",
    ),
    TableRow(4, "none", "not in use", "–", "nothing"),
    TableRow(5, "none", "–", "new", "bring: a new item, not the default one"),
    TableRow(
        6, "none", "same IBAN twice on one side", "", "one pair; the others are shown as double, nothing is written"
    ),
    TableRow(
        7, "yes", "changed, the IBAN too", "as it was", "nothing is written: to be changed by hand, or as a new entry"
    ),
    TableRow(8, "yes", "as it was", "changed", "take; a changed IBAN is told besides: payment data"),
    TableRow(9, "yes", "changed", "changed otherwise", "conflict: nothing is written on either side"),
    TableRow(10, "yes", "deleted or not in use", "as it was", "tombstone: to be deleted by hand, never comes back"),
    TableRow(11, "yes", "as it was", "gone, seen twice", "removal: out of use"),
    TableRow(12, "yes", "only label or default", "", "EspoCRM's own, not carried"),
    TableRow(13, "create under way", "any", "can be read", "adopted by its IBAN; else people are asked"),
    TableRow(14, "create under way", "any", "cannot be read", "people are asked"),
)
