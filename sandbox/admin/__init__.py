"""Pages on which a person plays the staff of either side; every edit goes the way that a write through the API goes."""

from sandbox.admin import advoware, espocrm, termine

__all__ = ["advoware", "espocrm", "termine"]
