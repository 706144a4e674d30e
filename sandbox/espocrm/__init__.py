"""A stand-in for EspoCRM 9.2.7's REST API, as far as an integration of Beteiligte meets it."""
