"""Calendars, their appointments, passes, and what gave way. None of it is there where Google is not configured."""
