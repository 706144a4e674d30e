"""What is seen of the sync, in words: heaps of records, regular jobs, differences, sources of a run, alerts."""
