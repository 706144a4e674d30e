"""What this installation and this employee want: the choices that the plan goes by.

Invariant: the values are those of the settings and stored rows. A choice that is left out is the careful one.
To extend: a setting is a field of CalendarPolicy; what hangs on one employee, a field of CalendarOwner.
"""

from dataclasses import dataclass
from enum import StrEnum

from syncapp.core.appointments.forms.canonical import ALL_DAY
from syncapp.core.appointments.shapes import AdvowareTermin
from syncapp.core.systems import GOOGLE, System


class CalendarSide(StrEnum):
    advoware = System.ADVOWARE.value
    google = GOOGLE


class ConflictRule(StrEnum):
    """CALENDAR_CONFLICT_POLICY: who leads where both sides changed one group differently."""

    origin = "origin"
    advoware = "advoware"
    google = "google"
    ask = "ask"


class DeleteInAdvoware(StrEnum):
    """CALENDAR_DELETE_IN_ADVOWARE: which Termine go when their event was deleted in Google."""

    own = "own"
    all = "all"
    never = "never"


class GoneAndChanged(StrEnum):
    """CALENDAR_GONE_AND_CHANGED: deleted in Advoware, changed in Google."""

    ask = "ask"
    advoware = "advoware"
    google = "google"


class Private(StrEnum):
    """CALENDAR_PRIVATE: what Google shows of a private Termin."""

    busy = "busy"
    full = "full"
    skip = "skip"


class FirmWide(StrEnum):
    """CALENDAR_FIRM_WIDE: where Termine of the whole firm are shown."""

    own = "own"
    copy = "copy"
    ignore = "ignore"


# How Advoware calls the whole firm.
FIRM_WIDE_NAMES = frozenset({"", "alle", "allgemein"})
_SEPARATORS = str.maketrans(",;/|", "    ")


@dataclass(frozen=True)
class CalendarPolicy:
    """The installation's choices.

    can_delete: whether Advoware deletes Termine, as found out; None: not tried yet. create_in_google: False while
    Google's quota breaker is open.
    """

    installation: str = "advosync"
    conflict: ConflictRule = ConflictRule.origin
    delete_in_advoware: DeleteInAdvoware = DeleteInAdvoware.own
    gone_and_changed: GoneAndChanged = GoneAndChanged.ask
    private: Private = Private.busy
    firm_wide: FirmWide = FirmWide.own
    special: bool = False
    missing_time: str = ALL_DAY
    past_days: int = 30
    future_days: int = 365
    can_delete: bool | None = None
    create_in_google: bool = True


@dataclass(frozen=True)
class CalendarOwner:
    """Whose calendar it is. firm_wide: the calendar of the whole firm."""

    kuerzel: str
    calendar_id: str
    full_content: bool = True
    write_to_advoware: bool = False
    firm_wide: bool = False


def owners(anwalt: str) -> frozenset[str]:
    """The kuerzel a Termin names, in one spelling; several if Advoware should ever name several."""
    names = anwalt.strip().casefold()
    return frozenset(names.translate(_SEPARATORS).split()) if not names.isalnum() else frozenset({names})


def is_firm_wide(anwalt: str) -> bool:
    return owners(anwalt) <= FIRM_WIDE_NAMES


def belongs(termin: AdvowareTermin, employee: CalendarOwner, policy: CalendarPolicy) -> bool:
    """Whether that Termin is to be in this calendar. Number 0 is none: what has it cannot be told from another."""
    if termin.fr_nr == 0 or (termin.fr_nr < 0 and not policy.special):
        return False
    if is_firm_wide(termin.anwalt):
        return policy.firm_wide is (FirmWide.own if employee.firm_wide else FirmWide.copy)
    mine = employee.kuerzel.casefold()
    # A kuerzel may hold what stands between several of them elsewhere.
    named = mine in owners(termin.anwalt) or mine == termin.anwalt.strip().casefold()
    return named and not employee.firm_wide


def is_companion(termin: AdvowareTermin, employee: CalendarOwner) -> bool:
    """Whether Google only shows it: what is changed there is put back."""
    return termin.fr_nr < 0 or termin.several_rows or is_copy(termin.anwalt, employee)


def is_copy(anwalt: str, employee: CalendarOwner) -> bool:
    """Whether what bears that `anwalt` is for the whole firm, and this the calendar of one of its people."""
    return is_firm_wide(anwalt) and not employee.firm_wide
