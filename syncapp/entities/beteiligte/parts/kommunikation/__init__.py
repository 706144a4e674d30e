"""Kommunikation: the phones, faxes and e-mails of a Beteiligter.

    part        the part's answers to the record: read, write, commit, forget, and the rest
    reading     items, entries, facts and policy, from what has been read
    store       link rows and the links of core, there and back
    outcome     what those writes leave to the PATCH and to the closing commit
    writing     the plan's writes to Advoware, one after the other, each answer committed
    refusals    what EspoCRM did not take, and what is left out for it
    refused_points   what EspoCRM refused, as links and reports show it
    losses      values that EspoCRM overrules, in the conflict log
    news        what people are told, once
    describing  both sides next to each other, for a page
    remembered, restoring   what pages show of it, and what a person says about a single contact point

Invariant: every entry of a record that is worked on has its link row before the first write; nothing here decides,
the plan (core/kommunikation) does. To extend: a new operation is a row of core/kommunikation.
"""
