"""Records, and what belongs to one: attempts, conflicts, deliveries, notices, things to delete by hand."""
