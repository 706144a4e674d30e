"""Appointments: Advoware's Termine and Google Calendar, an employee at a time.

    entity      the row of engine/registry.py
    preview     what the next pass would do, without one
    due_passes  whose pass is due, and asking for it
    read        both lists and the single reads: the snapshot of a pass
    apply       the plan carried out, appointment by appointment
    write       one write to either side, and what its answer makes of the row
    refusals    what an error means for the appointment, the calendar, the pass
    result      how a pass ends
    check       what stops a pass before its plan is carried out
    rows/       rows of the database and the pairs of core.appointments
    finding     what a search of appointments asks
    configured  the installation's choices as a CalendarPolicy, and what was found out about the two systems
    neutral     does a system work, apart from what fails just now
    clients     what a pass works with, and who only looks

A pass is a run of the engine: its leased row is the calendar. Everything it decides, core.appointments decides.
"""
