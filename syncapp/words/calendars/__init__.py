"""What people read about calendars."""
