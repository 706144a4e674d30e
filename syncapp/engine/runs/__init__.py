"""One run for one row: the pipeline, its steps and context, how it ends, what it measured."""
