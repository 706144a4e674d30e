"""Addresses: the second child list of a Beteiligter."""
