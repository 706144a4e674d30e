"""What EspoCRM did not take of a run's lists: named by a 400, or dropped without a word.

Invariant: decides only what is accused and left out (core/kommunikation/refusals.py); the plan is made anew from that.
"""

from collections.abc import Mapping
from dataclasses import replace

from django.conf import settings

from syncapp.core.kommunikation.answers import TOO_MANY, Accused, likely_culprit, room_left
from syncapp.core.kommunikation.contact_lists import PLAIN
from syncapp.core.kommunikation.kinds import Form, item_form
from syncapp.core.kommunikation.refusals import Refusals
from syncapp.core.kommunikation.shapes import LIST_OF, ContactPlan, Entry, Variant
from syncapp.entities.beteiligte.parts.kommunikation.reading import items_of
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.http.errors import Invalid

# EspoCRM names the field, not the attribute that holds its list.
MEDIUM_OF_FIELD = {field: medium for medium, name in LIST_OF.items() for field in (name, PLAIN[name])}


def after_refusal(refusal: Invalid, plan: ContactPlan, sent: Mapping[str, object], before: Refusals) -> Refusals | None:
    """What to leave out after a 400; None if it does not name a list that was sent."""
    medium = MEDIUM_OF_FIELD.get(str(refusal.field))
    if medium is None or LIST_OF[medium] not in sent:
        return None
    if refusal.rule == TOO_MANY and (most := room_left(plan, medium)) is not None:
        return replace(before, most={**before.most, medium: most})
    accused = None if refusal.rule == TOO_MANY else likely_culprit(plan, medium, region=settings.PHONE_REGION)
    if accused is None:
        return replace(before, lists=before.lists | {medium})
    return replace(before, accused=(*before.accused, accused))


def not_kept(
    answer: EspoEntity,
    shown_before: EspoEntity,
    plan: ContactPlan,
    sent: Mapping[str, object],
    entries: tuple[Entry, ...],
    before: Refusals,
) -> Refusals:
    """What to leave out where EspoCRM took the PATCH, and shows that it did not do what it said; else as before.

    It drops what the API user may not edit without a word. Taken for synced, the value would then pass for one that
    somebody deleted in EspoCRM. Nothing of a list was kept: the list is at fault, else the additions that are missing.
    """
    refusals, new = before, _additions(plan, entries)
    for medium, name in LIST_OF.items():
        wanted, shown, held = (_forms(of, name) for of in (sent, answer.attributes, shown_before.attributes))
        if wanted is None or shown is None or held is None:
            continue
        missing = tuple(one for form, one in new if form.medium is medium and form in wanted - shown)
        stuck = (held - wanted) & shown
        if missing and not stuck and shown != held:
            refusals = replace(refusals, accused=(*refusals.accused, *missing))
        elif missing or stuck:
            refusals = replace(refusals, lists=refusals.lists | {medium}, ignored=refusals.ignored | {medium})
    return refusals


def _additions(plan: ContactPlan, entries: tuple[Entry, ...]) -> list[tuple[Form, Accused]]:
    """What the PATCH was to bring to EspoCRM, by normal form, as it stands in Advoware now."""
    tlfs = {entry.id: entry.tlf or "" for entry in entries}
    return [
        (base.form, Accused(base.medium, operation.entry_id, tlfs[operation.entry_id], certain=True))
        for operation in plan.operations
        if operation.variant in (Variant.add_item, Variant.change_item)
        and operation.entry_id is not None
        and operation.done
        and (base := operation.done.base)
    ]


def _forms(attributes: Mapping[str, object], name: str) -> frozenset[Form] | None:
    """The normal forms of one list; None where it is not shown."""
    if not isinstance(attributes.get(name), list):
        return None
    items = items_of({**dict.fromkeys(LIST_OF.values()), name: attributes[name]}) or ()
    return frozenset(item_form(item.medium, item.value, settings.PHONE_REGION) for item in items)
