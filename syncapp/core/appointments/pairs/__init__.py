"""What becomes of one appointment: where its sides stand, the merge, the decision table, and items without a row."""
