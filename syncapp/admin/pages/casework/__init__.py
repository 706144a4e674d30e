"""Pages for working through many things: conflicts one after another, errors by cause, lists as somebody wants them.

asking       what an act asks for beside a reason: a side for each field, a day
queue        one open conflict after another, by keyboard
causes       errors that are the same, and being quiet about them
saved_views  lists with their filters and order, kept under a name
"""
