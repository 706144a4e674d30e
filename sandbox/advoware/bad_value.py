"""What the stand-in Advoware refuses."""


class BadValue(Exception):
    """A value that Advoware answers with 400; the message names the field."""
