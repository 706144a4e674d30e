"""Addresses: the pure plan for the addresses of one record.

Purpose: items (EspoCRM), entries (Advoware) and links (ours) go in, a plan comes out; nothing here does anything.

| row | link | item in EspoCRM | entry in Advoware | result |
| --- | --- | --- | --- | --- |
| 1 | none | new | marker or number, or fully equal | match: linked, nothing is written |
| 2 | none | new | only similar | held: people are asked whether it is the same address |
| 3 | none | new | – | add: a new entry with all that can be said, and a marker |
| 4 | none | – | new | bring: a new item with the entry's number |
| 5 | none | – | equal to a pair | alias: no item; the entry follows the pair and is shown as double |
| 6 | none | equal to a pair | – | alias: no entry; the item follows the pair and is shown as double |
| 7 | yes | as it was | as it was | nothing |
| 8 | yes | main part changed | as it was | put: the whole entry as read, the changes laid over |
| 9 | yes | as it was | changed | take: the item gets the whole address |
| 10 | yes | changed | changed alike | match: the bases are renewed |
| 11 | yes | main part changed | changed otherwise | put: EspoCRM leads; the lost value is logged |
| 12 | yes | changed | fixed parts would differ, or none left | nothing is written: changed by hand, or sent as new |
| 13 | yes | only flags, dates or remark, of a new entry too | any | nothing is written: told once, the base stays |
| 14 | yes | deleted or emptied | as it was | tombstone: to be deleted or ended by hand, never comes back |
| 15 | yes | deleted | changed, also later | bring: somebody uses it again |
| 16 | yes | as it was | gone, seen twice | removal: out of use, else a task (or deleted, by setting) |
| 17 | yes | changed | gone, seen twice | the link is dropped, the edit is sent as a new entry |
| 18 | yes | gone | gone | the link is dropped |
| 19 | yes | moved to another Beteiligter | any | row 14 for the old one, row 3 for the new one |
| 20 | any | refused | refused | frozen until that value changes, and said so |
| 21 | none | empty | empty | ignored |
| 22 | create under way | any | any | adopted when seen; else people are asked, it is never sent again by itself |

The numbers are those of operations, cases and reports of a plan, and of the tests.
What it shares with bank accounts is in core/child_lists: links, operations, cases, answers.
Invariant: a plan made from the result of a plan writes nothing.
To extend: a new row is a function in its module, a line of the table and a test that bears its number.
"""
