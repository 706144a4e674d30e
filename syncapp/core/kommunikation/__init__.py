"""Kommunikation: the pure plan for phones, faxes and e-mails of one record.

Purpose: items (EspoCRM), entries (Advoware) and links (ours) go in, a plan comes out; nothing here does anything.

    kinds      the kommKz table and the normal form of a contact point
    shapes     the frozen words: Item, Entry, Link, Facts, Operation, ContactPlan
    knowledge  what we know of each entry: settled writes, adopted POSTs, bases from markers
    planning/  the plan builder, which holds the pieces while a plan is laid out, and what several rows share
    advoware_side, espocrm_side    the passes, one function per row of their tables
    plan       the plan as a whole
    answers    what a remote answer makes of our links; the hash

Invariant: a plan made from the result of a plan is empty.
To extend: a new row is a function in the module of its pass; the order of the passes is in `plan`.
"""
