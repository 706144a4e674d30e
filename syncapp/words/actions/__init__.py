"""What acts are called, what they do, and how they stand in the log: by the code of the act."""
