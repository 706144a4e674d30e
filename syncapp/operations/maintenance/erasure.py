"""Erasing one person's values, for who has the right to be forgotten.

Invariant: what a sync still needs is not touched: while the record lives in EspoCRM, its bases, links and open cases
stay, and history alone is erased, with what it used to be called. Once it is gone there, the row remains as a number
without a person: EspoCRM id, betNr, what happened and when. To extend: a further place that holds values is a row of
HISTORY or LIVING.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from syncapp.core.proxy.paths import MAX_SEGMENTS
from syncapp.core.proxy.resources import EVERYTHING, blanks_behind
from syncapp.core.states import Status
from syncapp.engine.rows.due import free
from syncapp.entities.beteiligte.finding import texts
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.models import (
    Case,
    ChildCase,
    ChildLink,
    Conflict,
    Export,
    FieldChange,
    InboxElement,
    KeptAnswer,
    OperatorLog,
    ProxyCall,
    SearchText,
    Snooze,
    SyncRecord,
)

NUMBERED = "Beteiligte"
Rows = Callable[[str], "QuerySet[Any]"]

SEARCHED = Q(query__startswith="q=") | Q(query__contains="&q=")
NO_VALUES: Mapping[str, Any] = {"base_espo": None, "base_advo": None, "espo": None, "advo": None, "entered": None}
# What a row of ours knows of the person, and what it becomes.
NOBODY: Mapping[str, Any] = {
    "name": "",
    "assigned_user_id": "",
    "base_espo": {},
    "base_advo": {},
    "base_versions": {},
    "espocrm_status": {},
    "list_seen": {},
    "open_intents": [],
    "refused_values": {},
    "superseded": [],
    "decisions": {},
    "fault": {},
    "reports": [],
    **{column: empty for part in PARTS for column, empty in part.personal.items()},
}


def _elements(espo_id: str) -> "QuerySet[InboxElement]":
    """What webhooks brought about the person, and about what belongs to them."""
    return InboxElement.objects.filter(Q(espo_id=espo_id) | Q(record__espo_id=espo_id)).exclude(attributes={})


def _calls(espo_id: str) -> "QuerySet[ProxyCall]":
    """Calls of other programs about the person: the betNr stands in their path, behind the name of what it numbers."""
    betnr = SyncRecord.objects.filter(espo_id=espo_id).values_list("betnr", flat=True).first()
    if not betnr:
        return ProxyCall.objects.none()
    about = Q(pk__in=())
    for template in ProxyCall.objects.order_by().values_list("template", flat=True).distinct():
        for place in blanks_behind(template, NUMBERED):
            about |= Q(template=template, **{f"path_ids__{place}": str(betnr)})
    # A row for everything keeps each part of the path.
    for place in range(MAX_SEGMENTS - 1):
        named = {f"path_ids__{place}__iexact": NUMBERED, f"path_ids__{place + 1}": str(betnr)}
        about |= Q(template=EVERYTHING, **named)
    return ProxyCall.objects.filter(about)


# Where values are, and what is put in their place; without a replacement the rows themselves go.
HISTORY: tuple[tuple[Rows, Mapping[str, Any]], ...] = (
    (lambda espo_id: _elements(espo_id).filter(judged_at__isnull=False), {"attributes": {}}),
    (
        lambda espo_id: FieldChange.objects.filter(record__espo_id=espo_id).exclude(before=None, after=None),
        {"before": None, "after": None},
    ),
    (lambda espo_id: Conflict.objects.filter(record__espo_id=espo_id, open=False).exclude(**NO_VALUES), NO_VALUES),
    (
        lambda espo_id: ChildCase.objects.filter(record__espo_id=espo_id, closed_at__isnull=False).exclude(params={}),
        {"params": {}},
    ),
    (lambda espo_id: KeptAnswer.objects.filter(call__in=_calls(espo_id)), {}),
    (_calls, {"path_ids": []}),
    # Made anew at once, of what the record is called now: see purge_person.
    (lambda espo_id: SearchText.objects.filter(record__espo_id=espo_id).exclude(former=[]), {}),
    # Whoever is named in a file of a list cannot be found there: all files with values go, and can be ordered again;
    # and so do those of a list that was searched through, by a name as likely as not.
    (lambda espo_id: Export.objects.filter(Q(with_values=True) | SEARCHED), {}),
)
LIVING: tuple[tuple[Rows, Mapping[str, Any]], ...] = (
    (lambda espo_id: _elements(espo_id).filter(judged_at__isnull=True), {"attributes": {}}),
    (lambda espo_id: Conflict.objects.filter(record__espo_id=espo_id, open=True), {**NO_VALUES, "open": False}),
    *(place for part in PARTS for place in part.erase()),
    (lambda espo_id: ChildLink.objects.filter(record__espo_id=espo_id), {}),
    (lambda espo_id: ChildCase.objects.filter(record__espo_id=espo_id), {}),
    (lambda espo_id: Snooze.objects.filter(record__espo_id=espo_id), {}),
    (lambda espo_id: SearchText.objects.filter(record__espo_id=espo_id, former=[]), {}),
    (lambda espo_id: Case.objects.filter(record__espo_id=espo_id).exclude(note=""), {"note": ""}),
    (lambda espo_id: SyncRecord.objects.filter(free(), espo_id=espo_id).exclude(**NOBODY), NOBODY),
)


def places(espo_id: str) -> tuple[tuple[Rows, Mapping[str, Any]], ...]:
    """What may be erased now: history alone, or all of it once EspoCRM does not know the person any more."""
    return HISTORY if is_synced(espo_id) else HISTORY + LIVING


def is_synced(espo_id: str) -> bool:
    """Whether what its sync works with has to stay: as far as we know EspoCRM has the record, or a run is at it."""
    gone = SyncRecord.objects.filter(free(), espo_id=espo_id, status=Status.DELETED_IN_ESPOCRM).exists()
    known = SyncRecord.objects.filter(espo_id=espo_id).exists()
    return known and not gone


def values_of_person(*, espo_id: str) -> int:
    """How many rows hold values of this person that can be erased now."""
    return sum(rows(espo_id).count() for rows, _replacement in places(espo_id))


@transaction.atomic
def purge_person(*, espo_id: str, actor: str) -> int:
    """Erase one person's values; how many rows. Leaves a row in the operator log, without a name."""
    erased = sum(_erase(rows(espo_id), replacement) for rows, replacement in places(espo_id))
    texts.fill_gaps()
    record = SyncRecord.objects.filter(espo_id=espo_id).first()
    OperatorLog.objects.create(actor=actor, action="purge_person", target=espo_id, record=record, count=erased)
    return erased


def _erase(rows: "QuerySet[Model]", replacement: Mapping[str, Any]) -> int:
    return rows.update(**replacement) if replacement else rows.delete()[0]
