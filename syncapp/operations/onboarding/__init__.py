"""From an empty server to a trusted first day.

    espocrm    webhooks made or repaired, missing fields, the formula: what setup_espocrm does and prints
    backfill   the first load: preview, run, resumed after any stop
    links      candidates that the firm supplies, verified one by one before they are linked

Invariant: nothing here writes records by itself; the load asks the same services for the same runs as a webhook does.
"""
