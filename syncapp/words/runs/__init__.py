"""What a run did, in sentences: its steps and remarks, and its calls one by one."""
