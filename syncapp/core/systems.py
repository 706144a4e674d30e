"""The remote systems, by the names under which breakers, metrics, notices and settings know them."""

from enum import StrEnum


class System(StrEnum):
    """To extend: a member here, a folder in `remotes/`, and a row in `remotes/registry.py`."""

    ESPOCRM = "espocrm"
    ADVOWARE = "advoware"
