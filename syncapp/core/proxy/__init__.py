"""What the proxy decides, without doing it: which path is meant, whether it is offered, whether a key may, how often.

    paths       the one canonical reading of a path and of a query
    resources   the table of what is offered at all
    grants      what a key may of it, and how a fixed value limits an answer
    bodies      JSON that may go on
    rate        the token bucket
    codes       every answer of our own: its status, and whether a caller may repeat

Invariant: an address that goes out is made of a row of the table and of checked segments, never of the caller's text.
What is not plainly right is refused, not repaired.
"""
