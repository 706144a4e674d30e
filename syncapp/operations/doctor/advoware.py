"""Checks of Advoware: address, token, clock, legal forms, a read."""

from collections.abc import Iterator

from django.conf import settings

from syncapp.core.beteiligte.field_table import MAPPING
from syncapp.core.systems import SYSTEM_NAMES, System
from syncapp.operations.doctor.evidence import Evidence
from syncapp.operations.doctor.reaching import clock_faults, in_words, reaching_fault
from syncapp.operations.doctor.shapes import Check, Found
from syncapp.remotes.http.errors import AuthFailed, Misconfigured, RemoteError, Transient
from syncapp.remotes.registry import advoware_client


def _login_fault(error: RemoteError | None) -> bool:
    """Whether the token request failed: the only POST that the probe makes."""
    return error is not None and error.operation.startswith("POST")


def check_token(evidence: Evidence) -> Iterator[Found]:
    error = evidence.rechtsformen.error
    if error is None:
        return
    params = in_words(error)
    if _login_fault(error):
        found = reaching_fault(error, system=System.ADVOWARE, address=settings.ADVOWARE_AUTH_URL)
        if found is not None and found.code == "advoware_strange":
            found = Found("token_strange", params)
        yield found or Found("token_refused", params)
    elif isinstance(error, AuthFailed):
        yield Found("advoware_login", params)


def check_address(evidence: Evidence) -> Iterator[Found]:
    error = evidence.rechtsformen.error
    if _login_fault(error) or not isinstance(error, Misconfigured | Transient):
        return
    if evidence.read.value is not None:
        return  # a Beteiligter can be read: only the list of legal forms is missing
    found = reaching_fault(error, system=System.ADVOWARE, address=settings.ADVOWARE_API_BASE_URL)
    if found is not None:
        yield found


def check_clock(evidence: Evidence) -> Iterator[Found]:
    yield from clock_faults(SYSTEM_NAMES[System.ADVOWARE], advoware_client().last_server_date)


def check_rechtsformen(evidence: Evidence) -> Iterator[Found]:
    error = evidence.rechtsformen.error
    if error is not None:
        yield Found("rechtsformen_unreadable", in_words(error))
        return
    known = {form.casefold() for form in evidence.rechtsformen.value}
    if not known:
        yield Found("rechtsformen_empty")
        return
    unknown = [form for form in settings.COMPANY_RECHTSFORMEN if form.casefold() not in known]
    if unknown:
        yield Found("company_forms_unknown", {"forms": ", ".join(unknown)})


def check_read(evidence: Evidence) -> Iterator[Found]:
    if evidence.known_betnr is None:
        yield Found("nothing_linked")
    elif evidence.read.error is not None:
        yield Found("betnr_unreadable", {"betnr": evidence.known_betnr, **in_words(evidence.read.error)})
    else:
        absent = [row.key for row in MAPPING if row.key not in evidence.read.value.raw]
        if absent:
            yield Found("fields_not_shown", {"betnr": evidence.known_betnr, "fields": ", ".join(absent)})


ADDRESS, TOKEN = "advoware_address", "advoware_token"
CHECKS: tuple[Check, ...] = (
    Check(TOKEN, check_token, ("migrations",)),
    Check(ADDRESS, check_address, (TOKEN,)),
    Check("advoware_clock", check_clock, (TOKEN, ADDRESS)),
    Check("advoware_rechtsformen", check_rechtsformen, (TOKEN, ADDRESS)),
    Check("advoware_read", check_read, (TOKEN, ADDRESS)),
)
