"""Finding by what people have in hand: what is kept of a text and what is asked go through the same steps.

folding       how text is made comparable, for what is kept and for what is asked alike
long_numbers  numbers, spelled so that an index tells them apart
marking       which words of a text a search has met
likeness      how near a text comes to what was asked
"""
