"""Calendars: an employee's calendar (a leased row), the appointments in it, and their history."""
