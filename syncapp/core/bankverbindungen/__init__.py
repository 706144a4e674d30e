"""Bank accounts: the pure plan for the accounts of one record.

Purpose: items (EspoCRM), entries (Advoware, where they can be read) and links (ours) go in, a plan comes out.

| row | link | item in EspoCRM | entry in Advoware | result |
| --- | --- | --- | --- | --- |
| 1 | none | new | same IBAN | match: linked, nothing is written |
| 2 | none | new, in use | – | add, where Advoware's list can be read |
| 3 | none | new, in use | cannot be read | add, once people or the setting allow it; old ones are asked about |
| 4 | none | not in use | – | nothing |
| 5 | none | – | new | bring: a new item, not the default one |
| 6 | none | same IBAN twice on one side | – | one pair; the others are shown as double, nothing is written |
| 7 | yes | changed, the IBAN too | as it was | nothing is written: to be changed by hand, or as a new entry |
| 8 | yes | as it was | changed | take; a changed IBAN is told besides: payment data |
| 9 | yes | changed | changed otherwise | conflict: nothing is written on either side |
| 10 | yes | deleted or not in use | as it was | tombstone: to be deleted by hand, never comes back |
| 11 | yes | as it was | gone, seen twice | removal: out of use |
| 12 | yes | only label or default | – | EspoCRM's own, not carried |
| 13 | create under way | any | can be read | adopted by its IBAN; else people are asked |
| 14 | create under way | any | cannot be read | people are asked |

The numbers are those of operations, cases and reports of a plan, and of the tests.
What it shares with addresses is in core/child_lists: links, operations, cases, answers.
Invariant: a plan made from the result of a plan writes nothing, and nothing that it tells shows an account.
To extend: a new row is a function in its module, a line of the table and a test that bears its number.
"""
