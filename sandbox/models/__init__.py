"""Tables of both stand-ins, in the database alias "sandbox"; the modules are imported so that Django knows the models."""

from sandbox.models import advoware, espocrm

__all__ = ["advoware", "espocrm"]
