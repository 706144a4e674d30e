"""Finding a record by what people have in hand: a name as it is said, an address, a number, a value that it once held.

texts     what each record is found by, kept in step with it
query     what a search asks of the index, and names that come near
"""
