"""Benchmarks: what a sync costs against the limit of what is possible, as ratios within one run.

`python -m benchmarks` runs all of them and writes RESULTS.md, `python -m benchmarks latency sweep` runs some and only
prints. Each runs in a process, with a database, a Redis and stand-ins of its own, and measures itself against an ideal
on the same machine in the same minute, several times: the median and its range are told, since single seconds say
nothing. docs/PERFORMANCE.md says what each measures and why.
To extend: a module with a function that takes a `Bench` and yields `Figure`s, and its row in `benchmarks/table.py`.
"""
