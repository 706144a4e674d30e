"""What several processes agree about through the database: requests, what is due, the lease, locks, inbox, notices."""
