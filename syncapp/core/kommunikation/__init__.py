"""Kommunikation: the pure plan for phones, faxes and e-mails of one record.

Purpose: items (EspoCRM), entries (Advoware) and links (ours) go in, a plan comes out; nothing here does anything.

Invariant: a plan made from the result of a plan is empty.
To extend: a new row is a function in the module of its stage; the order of the stages is in `plan`.
"""
