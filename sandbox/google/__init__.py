"""The stand-in Google Calendar."""
