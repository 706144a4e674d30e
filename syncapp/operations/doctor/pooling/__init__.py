"""PgBouncer or the like before PostgreSQL: what gives it away, and what it would break."""
