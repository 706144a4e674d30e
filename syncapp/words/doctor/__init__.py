"""What the doctor says: each fault with its cause and its cure, and what it compares of an API description."""
