"""What stops a calendar or a single appointment: what happened, the likely cause, and what to do.

Invariant: no text says what is in an appointment. To extend: the codes of passes are rows of pass_faults, what else
fails one of sentences.py.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from syncapp.core.faults.errors import ErrorKind
from syncapp.words import Words, sentences
from syncapp.words.calendars.pass_faults import FAULTS, PassFault

# What to do about errors of the remote systems, where the words for records of EspoCRM would mislead.
ADVICE: Mapping[str, Words] = {
    ErrorKind.VALIDATION: _("Correct the appointment where it was entered; the next pass tries again by itself."),
    ErrorKind.FORBIDDEN: _("Have the right granted, then choose “Pass now”. docs/GOOGLE_SETUP.md says how."),
    ErrorKind.AUTH: _(
        "Have the login checked with “doctor”; docs/GOOGLE_SETUP.md has the cure of each error of Google."
    ),
    ErrorKind.CONFIGURATION: _("Have the settings checked with “doctor”; it goes on by itself afterwards."),
    ErrorKind.NEEDS_CONFIRMATION: _("Look at what is asked and decide."),
    ErrorKind.BUG: _(
        "It is tried again by itself. Send the technical detail of the pass to whoever looks after Advosync."
    ),
}


def explained(kind: str, fault: Mapping[str, Any]) -> PassFault | None:
    """What is wrong with a calendar or an appointment; None where nothing is."""
    if not kind and not fault:
        return None
    # The words for contents are those of records, and name contact points.
    text = sentences.kind_text(kind, fault if kind == ErrorKind.TRANSIENT else None)
    found = FAULTS.get(str(fault.get("code")))
    what = sentences.sentence(fault) or str(text.meaning)
    if found is None:
        return PassFault(what, str(text.cause), str(ADVICE.get(kind, text.advice)))
    return PassFault(what, str(found.cause), str(found.advice))


def fault_words(kind: str, fault: Mapping[str, Any]) -> str:
    """What is wrong, in a sentence; "" where nothing is."""
    found = explained(kind, fault)
    return str(found.what) if found else ""
