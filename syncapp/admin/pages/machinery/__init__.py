"""Pages about what runs underneath: jobs, queues, workers."""
