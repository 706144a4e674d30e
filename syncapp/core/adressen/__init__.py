"""Addresses: the pure plan for the addresses of one record.

Purpose: items (EspoCRM), entries (Advoware) and links (ours) go in, a plan comes out; nothing here does anything.

What it shares with bank accounts is in core/child_lists: links, operations, cases, answers.
Invariant: a plan made from the result of a plan writes nothing.
To extend: a new row is a function in its module, a line of `rows` and a test that bears its number.
"""
