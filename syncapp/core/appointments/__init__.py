"""Appointments: the pure plan for one employee's Termine and Google calendar.

Purpose: Termine, events and rows go in, one plan comes out; nothing here does anything.
"""
