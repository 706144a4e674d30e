"""Why a value of a part that lost cannot be brought back, one sentence for each obstacle.

Invariant: every member of `Obstacle` has its row. To extend: a member there, a row here.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.core.parts import Obstacle
from syncapp.words import Words

SENTENCES: Mapping[Obstacle, Words] = {
    Obstacle.NOT_SHOWN: _("EspoCRM does not show the contact points of this record."),
    Obstacle.DELETION: _(
        "What lost was a deletion. Delete the contact point or the address in EspoCRM by hand, if it is to go."
    ),
    Obstacle.NO_ROOM: _("EspoCRM cannot hold this value. Enter it by hand, spelled so that EspoCRM takes it."),
    Obstacle.PRESENT: _("The value stands in EspoCRM already."),
    Obstacle.EDITED: _(
        "Somebody has entered another value in EspoCRM since. If the lost one is right, enter it there by hand."
    ),
    Obstacle.NOT_LINKED: _("What the value belonged to is gone on one side. Enter the value in EspoCRM by hand."),
    Obstacle.NOT_KEPT: _("Of a bank account only the last characters are kept here. Enter it in EspoCRM by hand."),
    Obstacle.LINKED_ANEW: _(
        "The record has been linked anew since: the value belongs to the Beteiligter of that time. "
        "If it is right for this one too, enter it in EspoCRM by hand."
    ),
    Obstacle.OUTSIDE_PILOT: _("The record is not part of the pilot: nothing is written for it."),
}
