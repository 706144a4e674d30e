"""Jobs, queues and workers as people see them. RQ keeps them in Redis; without it there is nothing to show."""
