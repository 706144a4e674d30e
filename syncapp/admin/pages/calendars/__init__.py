"""Pages of the calendars, below /admin/ops/calendars/. None of them is there where Google is not configured.

doors        who may come in
employee     the page of one calendar: how it stands, the coming weeks, what the next pass does
actions      one act on a calendar: ask, then do
setup        employees from Advoware, one more by hand, an address
cleaning     what is in Google twice, or without its Termin
appointment  one appointment: both sides, what is asked and decided
"""
