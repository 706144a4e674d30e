"""Numbers for people: lists as files, the sheet of a month, and the landing page as it moves."""
