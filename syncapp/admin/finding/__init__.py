"""What a search and a long list show: why a row was found, how many there are, and the answers of Ctrl+K.

naming     how a record is told from others of its name, and what the search has met
numbers    numbers that somebody can type into an address
palette    the answers of Ctrl+K and "/": from every list that takes part, and from the menu
counting   how many rows a list has, as far as it is worth counting
day_range  a filter from one day to another
rows       what is the same in every row is made once
"""
