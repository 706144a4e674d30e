"""Beteiligte: the field table, what is known without a base, the snapshot of a record and the plan made of it."""
