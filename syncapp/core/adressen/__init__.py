"""Addresses: the pure plan for the addresses of one record.

Purpose: items (EspoCRM), entries (Advoware) and links (ours) go in, a plan comes out; nothing here does anything.

    countries, equality    when two German addresses are one, and when people are asked
    shapes                 the frozen words: Address, Item, Entry, AddressFacts, AddressPolicy
    fields                 which attribute and which key holds which part
    sight                  what EspoCRM sees of an address, and what stays hidden from it
    markers, letter_block  what is written into an entry's remark, and into its letter block
    knowledge              settled writes, adopted creates, what is left free
    pairs, aliases, newcomers    the rows of the table, which stands in `rows`
    plan_builder           the pieces while a plan is laid out
    plan                   the plan as a whole

What it shares with bank accounts is in core/child_lists: links, operations, cases, answers.
Invariant: a plan made from the result of a plan writes nothing.
To extend: a new row is a function in its module, a line of `rows` and a test that bears its number.
"""
