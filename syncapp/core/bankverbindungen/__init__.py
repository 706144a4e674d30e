"""Bank accounts: the pure plan for the accounts of one record.

Purpose: items (EspoCRM), entries (Advoware, where they can be read) and links (ours) go in, a plan comes out.

    iban             check digits, compact form, what may be shown
    shapes           the frozen words: Account, Item, Entry, BankFacts, BankPolicy; and Keeper: what may be kept
    fields           which attribute and which key holds which part
    pairs, newcomers the rows of the table, which stands in `rows`
    plan_builder     the pieces while a plan is laid out
    plan             the plan as a whole

What it shares with addresses is in core/child_lists: links, operations, cases, answers.
Invariant: a plan made from the result of a plan writes nothing, and nothing that it tells shows an account.
To extend: a new row is a function in its module, a line of `rows` and a test that bears its number.
"""
