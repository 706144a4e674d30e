"""Bank accounts: the third child list of a Beteiligter."""
