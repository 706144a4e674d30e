"""Bank accounts: the pure plan for the accounts of one record.

Purpose: items (EspoCRM), entries (Advoware, where they can be read) and links (ours) go in, a plan comes out.

What it shares with addresses is in core/child_lists: links, operations, cases, answers.
Invariant: a plan made from the result of a plan writes nothing, and nothing that it tells shows an account.
To extend: a new row is a function in its module, a line of `rows` and a test that bears its number.
"""
