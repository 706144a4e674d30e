"""The operations room: lists, pages and acts for the people who look after the sync. Importing it registers them."""

from syncapp.admin import logs, parts, records

__all__ = ["logs", "parts", "records"]
