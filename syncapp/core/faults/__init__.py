"""What can go wrong: kinds of error, when each is tried again, and traces without values."""
