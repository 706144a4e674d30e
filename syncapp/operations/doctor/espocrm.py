"""Checks of EspoCRM: address, login, clock, entity and fields, phones, webhooks, rights."""

from collections.abc import Iterator, Mapping

from django.conf import settings

from syncapp.core.beteiligte.field_table import FieldMapError
from syncapp.core.kommunikation.kinds import KOMM_KINDS
from syncapp.core.systems import SYSTEM_NAMES, System
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.operations.doctor.evidence import Evidence
from syncapp.operations.doctor.reaching import clock_faults, reaching_fault
from syncapp.operations.doctor.shapes import Check, Found
from syncapp.operations.notifications import notify
from syncapp.operations.onboarding import entity
from syncapp.operations.onboarding.espocrm import WantedWebhook, wanted_webhooks
from syncapp.remotes.http.errors import AuthFailed, Forbidden
from syncapp.remotes.registry import espocrm_client
from syncapp.words import reasons


def check_address(evidence: Evidence) -> Iterator[Found]:
    fault = reaching_fault(evidence.own_user.error, system=System.ESPOCRM, address=settings.ESPOCRM_API_BASE_URL)
    if fault is not None:
        yield fault


def check_login(evidence: Evidence) -> Iterator[Found]:
    error = evidence.own_user.error
    if isinstance(error, AuthFailed | Forbidden):
        yield Found("espocrm_locked_out" if error.status == 403 else "espocrm_login")


def check_clock(evidence: Evidence) -> Iterator[Found]:
    yield from clock_faults(SYSTEM_NAMES[System.ESPOCRM], espocrm_client().last_server_date)


def check_entity(evidence: Evidence) -> Iterator[Found]:
    if isinstance(evidence.entity.error, Forbidden):
        yield Found("metadata_refused")
    elif not evidence.fields:
        yield Found("entity_missing", {"entity": settings.ESPOCRM_ENTITY_TYPE})


def check_fields(evidence: Evidence) -> Iterator[Found]:
    if not evidence.fields:
        return
    try:
        field_map = evidence.field_map
    except FieldMapError as error:
        yield Found("field_map_wrong", {"error": str(error)})
        return
    copied = []
    for fault in entity.faults(evidence.fields, field_map):
        if fault.problem == "copied":
            copied.append(fault.name)
        else:
            yield Found(f"field_{fault.problem}", {"name": fault.name, "found": fault.found, "wanted": fault.wanted})
    if copied:
        yield Found("field_copied", {"names": ", ".join(copied)})
    if evidence.hides_betnr:
        yield Found("betnr_hidden")


def check_locking(evidence: Evidence) -> Iterator[Found]:
    value = evidence.entity.value
    if isinstance(value, Mapping) and evidence.fields and not value.get("optimisticConcurrencyControl"):
        yield Found("locking_off")


def check_phones(evidence: Evidence) -> Iterator[Found]:
    definition = evidence.fields.get("phoneNumber")
    if not isinstance(definition, Mapping):
        return
    rules = remote_metadata.phone_rules()
    wanted = dict.fromkeys(kind.espo_type for kind in KOMM_KINDS if kind.espo_type)
    lacking = [name for name in wanted if name not in rules.types]
    if lacking:
        instead = "Other" if "Other" in rules.types else rules.default_type
        yield Found("phone_types", {"types": ", ".join(lacking), "instead": instead})


def check_numbers(evidence: Evidence) -> Iterator[Found]:
    definition = evidence.fields.get("phoneNumber")
    if isinstance(definition, Mapping) and definition.get("international") is False:
        yield Found("national_numbers")


def check_webhooks(evidence: Evidence) -> Iterator[Found]:
    if evidence.webhooks.error is not None:
        yield Found("webhooks_refused")
        return
    for wanted in wanted_webhooks():
        yield from _webhook_faults(evidence, wanted)


def _webhook_faults(evidence: Evidence, wanted: WantedWebhook) -> Iterator[Found]:
    event, url = wanted.event, wanted.url
    same_event = [hook for hook in evidence.webhooks.value or () if hook.event == event and wanted.is_ours(hook)]
    here = [hook for hook in same_event if hook.url == url]
    if not same_event:
        yield Found("webhook_missing", {"event": event})
        return
    if not here:
        yield Found("webhook_elsewhere", {"event": event, "url": same_event[0].url})
        return
    if len(here) > 1:
        yield Found("webhook_twice", {"event": event, "number": len(here)})
    hook = next((hook for hook in here if hook.is_active), here[0])
    if not hook.is_active:
        yield Found("webhook_inactive", {"event": event})
    if (hook.id, hook.secret_key) not in set(settings.ESPOCRM_WEBHOOK_SECRETS):
        yield Found("webhook_secret", {"event": event})
    if hook.skip_own:
        yield Found("webhook_skips", {"event": event})


def check_rights(evidence: Evidence) -> Iterator[Found]:
    for scope, level, code in (
        (settings.ESPOCRM_ENTITY_TYPE, "read", "no_read"),
        (settings.ESPOCRM_ENTITY_TYPE, "edit", "no_edit"),
        ("Note", "create", "no_note"),
        ("User", "read", "no_user_read"),
    ):
        if evidence.denied(scope, level):
            yield Found(code)
    name = settings.ESPOCRM_ENTITY_TYPE
    for right in ("read", "edit"):
        if limit := evidence.limited(name, right):
            yield Found("rights_limited", {"right": right, "level": limit, "entity": name})


# Permission of the role -> the fault where it is missing; where EspoCRM does not tell: the fault that a note met.
PERMISSIONS = {
    "mentionPermission": ("no_mention", "mentions_dropped", notify.MENTIONS_DROPPED),
    "messagePermission": ("no_message", "notes_refused", notify.NOTES_REFUSED),
}


def check_notices(evidence: Evidence) -> Iterator[Found]:
    """By the permissions that EspoCRM tells; where it tells none, by what became of our latest notes."""
    if not evidence.denied("Note", "create"):  # else said above
        for name in PERMISSIONS:
            yield from _permission_fault(name, evidence.rights.permissions.get(name))
    if not settings.ESPOCRM_NOTIFY_USERS:
        yield Found("notify_users_missing")
    for user_id in settings.ESPOCRM_NOTIFY_USERS:
        if espocrm_client().user_name(user_id) is None:
            yield Found("notify_user_unknown", {"user": user_id})


def _permission_fault(name: str, level: object) -> Iterator[Found]:
    missing, met_code, met = PERMISSIONS[name]
    reason = remote_metadata.kept(met)
    if level == "all":
        notify.right_is_there(met)
    elif level is not None:
        yield Found(missing, {"level": level})
    elif reason is not None:
        yield Found(met_code, {"reason": reasons.told(str(reason))})


def check_bookkeeping(evidence: Evidence) -> Iterator[Found]:
    """What EspoCRM refused of our own fields is sent again, unless the field is still visibly wrong."""
    refused = remote_metadata.bookkeeping_refused()
    if not refused or not evidence.fields:
        return
    found = entity.faults(evidence.fields, evidence.field_map)
    wrong = {fault.name for fault in found if fault.problem in ("missing", "type", "length", "options", "read_only")}
    remote_metadata.trust_bookkeeping(refused - wrong)
    for name in sorted(refused & wrong):
        yield Found("bookkeeping_refused", {"name": name})


ADDRESS, LOGIN, ENTITY = "espocrm_address", "espocrm_login", "espocrm_entity"
INSIDE = (ADDRESS, LOGIN, "migrations")
CHECKS: tuple[Check, ...] = (
    Check(ADDRESS, check_address, ("migrations",)),
    Check(LOGIN, check_login, (ADDRESS,)),
    Check("espocrm_clock", check_clock, (ADDRESS,)),
    Check(ENTITY, check_entity, INSIDE),
    Check("espocrm_fields", check_fields, (*INSIDE, ENTITY)),
    Check("espocrm_locking", check_locking, (*INSIDE, ENTITY)),
    Check("espocrm_phones", check_phones, (*INSIDE, ENTITY)),
    Check("espocrm_numbers", check_numbers, (*INSIDE, ENTITY)),
    Check("espocrm_webhooks", check_webhooks, INSIDE),
    Check("espocrm_rights", check_rights, INSIDE),
    Check("espocrm_notices", check_notices, INSIDE),
    Check("espocrm_bookkeeping", check_bookkeeping, (*INSIDE, ENTITY)),
)
