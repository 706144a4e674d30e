"""Numbers and lists as files: for spreadsheets and for other programs.

    tables   what a file is made of: a title, heads, rows of plain cells, none of which is taken for a formula
    forms    XLSX, CSV for spreadsheets, CSV for programs; formulas neutralised in all of them
    orders   a file that somebody ordered: made by a worker, kept for a day for that person alone

Invariant: what is written was given by a source that looked at its owner's rights when the file was made (the admin's,
admin/exporting); nothing here knows a list. Values stand in the file and nowhere else.
"""
