"""A contact point that lost comes back: EspoCRM's list as it has to be written for that.

Invariant: decides on what EspoCRM shows now and writes nothing; the next run carries the new list like any edit. Only
the list that changes is answered, whole and with every flag.
To extend: a further reason why a value cannot come back is a member of `Obstacle` (core), with its sentence
in words/obstacles.py.
"""

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from syncapp.core.kommunikation.kinds import Medium, espo_spelling, form_of, item_form, shows_extension
from syncapp.core.kommunikation.shapes import ContactPlan, Item, SharedFlags
from syncapp.core.parts import Obstacle
from syncapp.entities.beteiligte.part import LostValue, NotRestorable
from syncapp.entities.beteiligte.parts.kommunikation.losses import FIELD
from syncapp.entities.beteiligte.parts.kommunikation.reading import items_of, kinds
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.entities.beteiligte.probes.same_points import flags_elsewhere
from syncapp.models import ContactLink, SyncRecord
from syncapp.remotes.espocrm.client import EspoClient


def restored(record: SyncRecord, lost: LostValue, *, espocrm: EspoClient) -> dict[str, object]:
    """The attributes to PATCH. Where EspoCRM holds the value that won no more, the lost one is added.

    Raises NotRestorable where nothing can be brought back.
    """
    region = settings.PHONE_REGION
    items = items_of(lost.espo.attributes)
    if items is None:
        raise NotRestorable(Obstacle.NOT_SHOWN)
    extensions = shows_extension((item.value for item in items), region)
    form = form_of(lost.value, region, extensions=extensions)
    spelled = espo_spelling(lost.value, region, extensions=extensions)
    if form is None:
        raise NotRestorable(Obstacle.DELETION)
    if spelled is None:
        raise NotRestorable(Obstacle.NO_ROOM)
    rows = [item for item in items if item.medium is form.medium]
    if any(item_form(item.medium, item.value, region) == form for item in rows):
        raise NotRestorable(Obstacle.PRESENT)
    place = _place(rows, lost.stands, region)
    back = item_form(form.medium, spelled, region)
    shared = flags_elsewhere(record, [back], espocrm=espocrm).get(back, SharedFlags())
    if place is None:
        new = Item(form.medium, spelled, _type(record, lost.field) if form.medium is Medium.phone else None)
        rows.append(shared.of(new))
    else:
        rows[place] = shared.of(replace(rows[place], value=spelled))
    changed = tuple(rows)
    plan = ContactPlan(phones=changed) if form.medium is Medium.phone else ContactPlan(emails=changed)
    return plan.espocrm_values()


def _place(rows: Sequence[Item], stands: str | None, region: str) -> int | None:
    """Where the value stands that won."""
    form = form_of(stands, region, extensions=shows_extension((item.value for item in rows), region))
    return next((n for n, item in enumerate(rows) if item_form(item.medium, item.value, region) == form), None)


def _type(record: SyncRecord, field: str) -> str:
    """The type that the contact point had, else the one of its kind in Advoware."""
    rules = remote_metadata.phone_rules()
    entry_id = field.removeprefix(FIELD)
    link = ContactLink.objects.filter(record=record, entry_id=int(entry_id)).first() if entry_id.isdigit() else None
    if link is None:
        return rules.default_type
    if link.item_type in rules.types:
        return str(link.item_type)
    return kinds().espo_type(link.komm_kz, phone_types=rules.types, default_type=rules.default_type)
