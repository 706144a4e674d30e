"""What people read about calendars.

cases            decisions, reasons, questions, reports and counts: a table for each kind of code of core.appointments
faults           what stops a calendar or an appointment, where it comes from and what to do
pass_faults      the sentences of the codes that passes leave
google_reasons   what Google's refusals are called
looks            icons and tones
when             days, times and series as people write them
"""
