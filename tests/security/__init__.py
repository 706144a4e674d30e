"""The installation as a stranger would look at it: every address, every role, every stored value."""
