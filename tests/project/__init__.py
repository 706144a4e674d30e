"""The house around the code: settings, supervision, documents."""
