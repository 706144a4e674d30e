"""Contact points that a system refused, in words: which one, which system, why, the likely cause, and what to do.

Invariant: the same sentences on the page and in EspoCRM; who may not see values gets them without.
To extend: a further cause is a row of CAUSES, a further thing that can be refused a row of REFUSALS.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from syncapp.core.systems import SYSTEM_NAMES
from syncapp.words import Words, reasons

NAMED = 5
HIDDEN = "…"
POINTS: Mapping[str, Words] = {
    "phone": gettext_lazy("the phone number"),
    "email": gettext_lazy("the e-mail address"),
    "phoneNumberData": gettext_lazy("the phone numbers"),
    "emailAddressData": gettext_lazy("the e-mail addresses"),
}
REFUSALS: Mapping[str, Words] = {
    "value": gettext_lazy("{system} did not take {point} {value}: {reason}."),
    "mark": gettext_lazy("{system} did not take the mark that the sync keeps at {value}: {reason}."),
    "emptying": gettext_lazy("{system} did not let {point} {value} be emptied: {reason}."),
    "awaited": gettext_lazy(
        "{system} did not answer whether it entered {point} {value}; it is sent again once it cannot arrive any more."
    ),
    "not_kept": gettext_lazy("{system} confirmed {point} {value} and did not keep it as it was sent."),
    "not_emptied": gettext_lazy("{system} confirmed that {point} {value} was emptied, and still holds it."),
    "list_refused": gettext_lazy("{system} did not take {point}, although nothing in them is new."),
    "list_ignored": gettext_lazy("{system} confirmed the change of {point} and left them as they were."),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """The likely cause, and what to do about it."""

    cause: Words
    advice: Words


CAUSES: Mapping[str, Cause] = {
    "not_accepted": Cause(
        gettext_lazy("A number or an address that {system} does not accept in this form."),
        gettext_lazy("Correct the contact point in EspoCRM; the sync then starts by itself."),
    ),
    "unsendable": Cause(
        gettext_lazy("Control characters, as they come from copying out of other programs."),
        gettext_lazy("Type the contact point anew in EspoCRM; the sync then starts by itself."),
    ),
    "no_right": Cause(
        gettext_lazy("The interface user may not change contact points in {system}, or one is locked there."),
        gettext_lazy("Have the right granted in {system}, then choose “Try again”."),
    ),
    "no_answer": Cause(
        gettext_lazy("A disturbance of {system}."),
        gettext_lazy("Nothing: it is tried again by itself."),
    ),
    "not_kept": Cause(
        gettext_lazy("{system} ignores the change of this entry, or keeps only the beginning of a long value."),
        gettext_lazy(
            "Make the same change in {system} by hand: enter, shorten or delete the contact point there; "
            "then choose “Try again”. Until then it is not sent again."
        ),
    ),
    "list_refused": Cause(
        gettext_lazy("One that stands in EspoCRM already is one that EspoCRM does not accept any more."),
        gettext_lazy(
            "Open the record in EspoCRM, choose “Save”, and correct what it marks then; the sync starts by itself."
        ),
    ),
    "list_ignored": Cause(
        gettext_lazy("The interface user may see the field and not edit it, or a script there undoes the change."),
        gettext_lazy("Have the right granted or the script mended in EspoCRM, then choose “Try again”."),
    ),
}


def contact_sentence(points: Iterable[Mapping[str, Any]], *, values: bool) -> str:
    """What was refused, one sentence each; the first few, and how many more."""
    said = list(dict.fromkeys(_sentence(point, values=values) for point in points))
    more = len(said) - NAMED
    if more > 0:
        said[NAMED:] = [
            ngettext("%(count)s more was not taken.", "%(count)s more were not taken.", more) % {"count": more}
        ]
    return " ".join(said) or _("Some contact points could not be written.")


def _sentence(point: Mapping[str, Any], *, values: bool) -> str:
    template = str(REFUSALS.get(str(point.get("what")), REFUSALS["value"]))
    return template.format(
        system=_system(point),
        point=POINTS.get(str(point.get("point")), _("the contact point")),
        value=(point.get("value") if values else "") or HIDDEN,
        reason=reasons.told(str(point.get("reason") or "–")),
    )


def contact_cause(points: Iterable[Mapping[str, Any]]) -> str:
    return " ".join(dict.fromkeys(str(row.cause).format(system=_system(point)) for point, row in _causes(points)))


def contact_advice(points: Iterable[Mapping[str, Any]]) -> str:
    return " ".join(dict.fromkeys(str(row.advice).format(system=_system(point)) for point, row in _causes(points)))


def _causes(points: Iterable[Mapping[str, Any]]) -> Iterable[tuple[Mapping[str, Any], Cause]]:
    return ((point, CAUSES.get(str(point.get("cause")), CAUSES["not_accepted"])) for point in points)


def _system(point: Mapping[str, Any]) -> str:
    return SYSTEM_NAMES.get(str(point.get("system")), "")
