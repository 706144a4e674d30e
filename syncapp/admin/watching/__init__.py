"""What watches over the records: sweeps, comparisons, alerts."""
