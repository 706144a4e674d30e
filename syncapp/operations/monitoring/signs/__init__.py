"""Signs of life: parts of the installation, workers, regular jobs, and what is disturbed right now."""
