"""The doctor on calendars, where they are synced: what is looked at, and every fault with its cure."""
