"""Keys and calls of the proxy."""
