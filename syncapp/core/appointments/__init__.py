"""Appointments: the pure plan for one employee's Termine and Google calendar.

Purpose: Termine, events and rows go in, one plan comes out; nothing here does anything.

A pass: read both lists; `evidence.needed`, read that singly; `plan.plan`; for each PairPlan commit its row, and for
each of its steps commit the step's intent, send, and commit what `answers` makes of the answer. Where that says
`again`, and after 412 or a Termin that is not what the step expects, plan once more for the pair alone
(`plan.narrowed`), three times at most. The sync token is committed last. `tests/core/appointments/world.py` does just
that in memory.

Invariant: a plan made from what a plan has left behind writes nothing.
To extend: a new row of a table is a function in the module that shows the table, and a test of its name.
"""
