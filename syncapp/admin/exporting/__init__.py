"""What can be exported, and what stands in it: every list by its own columns, and what is no list.

    columns   one column of an exported list; each list names its own as `export_columns`
    others    the rows of a comparison, the figures, the causes of errors, jobs and queues
    sources   opens what a person may export: looks at the rights, then gives tables of plain cells

Invariant: the rights are those that the owner has when the file is made, not when it was ordered.
"""
