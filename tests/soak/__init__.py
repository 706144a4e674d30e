"""`make soak`: eight hours of a firm's life in one, with faults and rolling restarts, and the books at the end.

__main__    what is asked for, in which order it happens, the table at the end
ground      the installation: PostgreSQL, Redis, the stand-ins, the product's own processes under its supervisor
filling     thousands of linked records, and calendars, before the first hour begins
people      who edits what in EspoCRM and Advoware; a further kind of edit is a row of EDITS
desks       the same for calendars
programs    other programs that use Advoware, with the keys that they have
operators   pages that are read, acts that are done, questions that are answered
faults      what breaks every minute; a further fault is a row of FAULTS
watching    memory and disk while it runs
quiet       from the last fault until nothing is left to do
books       what has to be true at the end
"""
