"""How an appointment reads in either system, and how it is written there: texts, times, series, ids, changes."""
