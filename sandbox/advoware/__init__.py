"""The stand-in Advoware."""
