"""One action on many records: chosen by a list, by a command, done in the background or at once."""
