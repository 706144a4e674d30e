"""What an act asks for beside a reason: shown on its page, read from its form.

Invariant: what is read here is checked again by the act itself.
To extend: a row of ASKED, named by `asks` of an act, with its part in templates/ops/casework/.
"""

from collections import Counter as Tally
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.core.sides import Side
from syncapp.models import Conflict
from syncapp.operations.actions.shapes import ActionRefused
from syncapp.operations.actions.snoozing import LONGEST

PORTION = 2000
SAMPLES = 2
COUNTED = ("all", "filled in EspoCRM", "filled in Advoware")


@dataclass(frozen=True, slots=True)
class FieldCount:
    """Open conflicts of one field among those that were chosen; `empty_*`: where that side holds nothing. `keep`: the
    side that was chosen in an answer that was refused."""

    field: str
    number: int
    empty_espocrm: int
    empty_advoware: int
    samples: tuple[Conflict, ...]
    keep: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """How one thing is asked for. shown: of these rows, and with what an answer has said that was refused; that stays.
    read: what was chosen, or ActionRefused with a sentence."""

    template: str
    shown: Callable[[Sequence[int], QueryDict], Mapping[str, Any]]
    read: Callable[[QueryDict], dict[str, Any]]


def question(asks: str, ids: Sequence[int], said: QueryDict) -> dict[str, Any]:
    """For the page, with what was said there and refused; nothing where the act asks for nothing."""
    row = ASKED.get(asks)
    return {"asked_template": row.template, **row.shown(ids, said)} if row else {}


def answer(asks: str, form: QueryDict) -> dict[str, Any]:
    """What was chosen. Raises ActionRefused."""
    row = ASKED.get(asks)
    return row.read(form) if row else {}


def _fields(ids: Sequence[int], said: QueryDict) -> Mapping[str, Any]:
    numbers: Tally[tuple[str, str]] = Tally()
    for start in range(0, len(ids), PORTION):
        rows = Conflict.objects.filter(pk__in=ids[start : start + PORTION], open=True).order_by().values_list("field")
        for field, *counts in rows.annotate(Count("pk"), Count("espo"), Count("advo")):
            numbers.update({(field, what): number for what, number in zip(COUNTED, counts, strict=True)})
    found = (_field_count(field, numbers, ids) for field in sorted({field for field, _what in numbers}))
    return {"fields": [replace(one, keep=said.get(f"keep_{one.field}", "")) for one in found]}


def _field_count(field: str, numbers: Mapping[tuple[str, str], int], ids: Sequence[int]) -> FieldCount:
    number, filled_espocrm, filled_advoware = (numbers[field, what] for what in COUNTED)
    return FieldCount(field, number, number - filled_espocrm, number - filled_advoware, _samples(field, ids))


def _samples(field: str, ids: Sequence[int]) -> tuple[Conflict, ...]:
    rows = Conflict.objects.filter(pk__in=ids[:PORTION], field=field, open=True).select_related("record")
    return tuple(rows.order_by("pk")[:SAMPLES])


def _chosen_sides(form: QueryDict) -> dict[str, Any]:
    chosen = {name.removeprefix("keep_"): side for name, side in form.items() if name.startswith("keep_")}
    fields = {field: side for field, side in chosen.items() if side in Side.__members__}
    if not fields:
        raise ActionRefused(_("Nothing was chosen."))
    return {"fields": fields}


def _days(ids: Sequence[int], said: QueryDict) -> Mapping[str, Any]:
    today = timezone.localdate()
    return {"earliest": today + timedelta(days=1), "latest": today + LONGEST, **_until(said)}


def _until(form: QueryDict) -> dict[str, Any]:
    return {"until": form.get("until", "").strip()[:10]}


ASKED: Mapping[str, Asked] = {
    "fields": Asked("ops/casework/ask_fields.html", _fields, _chosen_sides),
    "until": Asked("ops/casework/ask_until.html", _days, _until),
}
