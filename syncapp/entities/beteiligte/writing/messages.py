"""What people read of us in EspoCRM: the one place where an entity asks words/ for a sentence.

Invariant: everything else of an entity goes on as a code with parameters, and whoever shows it words it.
"""

from collections.abc import Mapping
from typing import Any

from syncapp.words import sentences


def failure_message(kind: str, fault: Mapping[str, Any]) -> str:
    """What went wrong and what to do."""
    return sentences.for_espocrm(kind, fault).strip()


def gone_message(params: Mapping[str, Any]) -> str:
    """Advoware does not know the Beteiligter any more."""
    return sentences.notice_text("deleted_in_advoware", params)
