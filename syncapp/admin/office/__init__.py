"""People, their roles, what they did, and their mass actions."""
