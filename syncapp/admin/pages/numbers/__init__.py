"""Numbers for people: lists as files, and the sheet of a month."""
