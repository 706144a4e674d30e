"""What keeps a contact point that lost from being brought back.

To extend: a member here, its sentence in words/obstacles.py.
"""

from enum import StrEnum


class Obstacle(StrEnum):
    """Why a contact point cannot be brought back."""

    NOT_SHOWN = "not_shown"  # EspoCRM answers no contact points for this record
    DELETION = "deletion"  # what lost was a deletion
    NO_ROOM = "no_room"  # EspoCRM has no way to hold the value
    PRESENT = "present"  # the value stands there
