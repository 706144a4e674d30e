"""When two German addresses are the same one: streets, countries, letter blocks."""
