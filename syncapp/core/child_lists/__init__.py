"""Child lists of a record, kept equal entry by entry: what addresses and bank accounts have in common.

    shapes     the frozen words: Link, Operation, Case, Report, ChildPlan
    builder    the pieces while a plan is laid out, and the list as a whole (missing, shrunk)
    settling   what became of creates and writes that were not answered
    answers    what a remote answer, a refusal or a person's answer makes of our links
    decisions  which answers a case offers to people, and how the next run takes them up

Invariant: no kind of list is named here. A further kind is a package beside `adressen`, with its value, its equality
and its rows.
"""
