"""Rows of the database and what the plan works with: loading, committing, and the JSON between them."""
