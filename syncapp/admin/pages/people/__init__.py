"""Pages about the people who log in."""
