"""From an empty server to a trusted first day.

Invariant: nothing here writes records by itself; the load asks the same services for the same runs as a webhook does.
"""
