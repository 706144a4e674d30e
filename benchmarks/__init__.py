"""Benchmarks: what a sync costs against the limit of what is possible, as ratios within one run.

`python -m benchmarks` runs all of them, `python -m benchmarks latency sweep` some. Each measures itself against an
ideal on the same machine in the same minute, several times, and reports the median with its spread, since single
seconds say nothing.
To extend: a module with a function that yields `Result`s, and its row in `benchmarks/__main__.py`.
"""
