"""What rows are found by: the columns that such a table has, and the index that answers a search of it."""
