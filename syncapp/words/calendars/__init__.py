"""What people read about calendars.

cases    decisions, reasons, questions, reports and counts: a table for each kind of code of core.appointments
faults   what stops a calendar or an appointment, where it comes from and what to do
when     days, times and series as people write them
"""
