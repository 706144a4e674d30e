"""What is kept of the people who log in, beside Django's own rows."""
