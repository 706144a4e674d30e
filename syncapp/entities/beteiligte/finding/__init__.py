"""Finding a record by what people have in hand: a name as it is said, an address, a number, a value that it once held.

folding   how text is made comparable, for what is kept and for what is asked alike
long_numbers  numbers, spelled so that an index tells them apart
texts     what each record is found by, kept in step with it
query     what a search asks of the index, and names that come near
marking   which words of a text a search has met
index     the two kinds of index: trigrams in PostgreSQL, a full-text table of trigrams in SQLite
"""
