"""`make demo`: the product and its stand-ins on one machine, to watch and to check. Started by `python -m demo`."""
