"""What a search shows: why a row was found, and the answers of Ctrl+K.

naming    how a record is told from others of its name, and what the search has met
numbers   numbers that somebody can type into an address
command   the answers of Ctrl+K and "/": from every list that takes part, and from the menu
"""
