"""The product. Its version stands here and nowhere else: pyproject.toml, the command and the admin read it."""

__version__ = "0.1.0"
