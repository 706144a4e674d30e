"""What a person is asked to do by hand in a remote system, in words.

Invariant: one row a code; the same code stands in the operator log when it is done. To extend: a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from syncapp.words import Words

PHONE_TYPES: Mapping[str, Words] = {
    "Mobile": _("mobile"),
    "Office": _("office"),
    "Home": _("private"),
    "Fax": _("fax"),
    "Other": _("other"),
}


def phone_type(name: str) -> str:
    """A type of EspoCRM's phone numbers; one that is not among EspoCRM's own is called as it is."""
    return str(PHONE_TYPES.get(name, name))


@dataclass(frozen=True, slots=True)
class HandTaskText:
    """`what` and `advice` on the record's page, the rest on the page that confirms; `nothing_waits`: done already."""

    what: Words
    advice: Words
    button: Words
    label: Words
    icon: str
    explanation: Words
    nothing_waits: Words

    def told(self, params: Mapping[str, str]) -> str:
        return str(self.what) % {**params, "type": phone_type(params.get("type", ""))}


HAND_TASKS: Mapping[str, HandTaskText] = {
    "type_corrected": HandTaskText(
        what=_("The type of a contact point is “%(type)s” in EspoCRM now, and still kommKz %(kind)s in Advoware."),
        advice=_("Advoware does not let programs change it: please change it there by hand, if it is to be."),
        button=_("It is corrected"),
        label=_("The type was corrected in Advoware"),
        icon="swap_horiz",
        explanation=_(
            "You confirm that the type of this contact point has been changed by hand in Advoware, as it was in "
            "EspoCRM. The mark that the sync keeps there follows in the next run."
        ),
        nothing_waits=_("Nobody changed the type of this contact point. Reload the page."),
    ),
}
