"""Child lists of a record, kept equal entry by entry: what addresses and bank accounts have in common.

Invariant: no kind of list is named here. A further kind is a package beside `adressen`, with its value, its equality
and its rows.
"""
