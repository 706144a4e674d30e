"""EspoCRM made ready: the three webhooks created or repaired, and what an administrator there still has to do.

Invariant: only webhooks that lead to a path of ours are touched; others of the same event belong to somebody else.
Deciding and doing are apart: `plan_webhooks` reads, `carry_out` writes.
To extend: another webhook is an entry of ACTIONS and its address in syncapp/urls.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import OperatorLog
from syncapp.operations.onboarding import entity
from syncapp.operations.onboarding.labels import label_files
from syncapp.remotes.espocrm.client import EspoWebhookEntry
from syncapp.remotes.registry import espocrm_client
from syncapp.words.plain_errors import PlainError, in_words

ACTIONS = ("create", "update", "delete")
PATH = "/webhooks/espocrm/beteiligte/"
# A module of its own: EspoCRM lays it under what the Entity Manager has written, none of which a copy can replace.
MODULE = "custom/Espo/Modules/Advosync/Resources"


# What the role of the API user needs: where the administrator finds it, what it must be, and why it is not obvious.
ROLE: tuple[tuple[str, str, str], ...] = (
    ("the entity", "create: no, read: all, edit: all, delete: no, stream: all", ""),
    ("Webhooks", "enabled", ""),
    ("Users", "read: all", "so that notes can mention people"),
    ("Mention Permission", "all", "else EspoCRM drops every mention without a word, and nobody is notified"),
    ("Message Permission", "all", "else notes to users are refused; for a deleted record there is no other way"),
)


def event_of(action: str) -> str:
    return f"{settings.ESPOCRM_ENTITY_TYPE}.{action}"


def url_of(action: str) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}{PATH}{action}"


def is_ours(hook: EspoWebhookEntry, action: str) -> bool:
    """Whether the address is one of an installation like this, here or where it was before."""
    return urlsplit(hook.url).path.endswith(f"{PATH}{action}")


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing to do: `what` is keep, create, repair or remove; `changes` are EspoCRM's names."""

    action: str
    what: str
    webhook_id: str = ""
    changes: tuple[tuple[str, object], ...] = ()

    @property
    def words(self) -> str:
        details = ", ".join(f"{name}: {value}" for name, value in self.changes)
        named = f" {self.webhook_id}" if self.webhook_id else ""
        return f"{self.what} webhook{named} for {event_of(self.action)}{' (' + details + ')' if details else ''}"


def plan_webhooks() -> list[SetupStep]:
    """What has to be done; reads EspoCRM's list, changes nothing."""
    if not settings.PUBLIC_URL:
        raise PlainError("PUBLIC_URL is not set: EspoCRM would not know where to send its webhooks")
    with in_words():
        found = espocrm_client().webhooks()
    return [step for action in ACTIONS for step in _steps(action, found)]


def _steps(action: str, found: Sequence[EspoWebhookEntry]) -> Iterator[SetupStep]:
    ours = [hook for hook in found if hook.event == event_of(action) and is_ours(hook, action)]
    if not ours:
        yield SetupStep(action, "create", changes=(("url", url_of(action)),))
        return
    # The one whose secret is known here is kept, else one that leads here already.
    known = {webhook_id for webhook_id, _key in settings.ESPOCRM_WEBHOOK_SECRETS}
    ours.sort(key=lambda hook: (hook.id not in known, hook.url != url_of(action), not hook.is_active, hook.id))
    kept = ours[0]
    wanted = {"url": url_of(action), "isActive": True, "skipOwn": False}
    has = {"url": kept.url, "isActive": kept.is_active, "skipOwn": kept.skip_own}
    changes = tuple((name, value) for name, value in wanted.items() if has[name] != value)
    yield SetupStep(action, "repair" if changes else "keep", kept.id, changes)
    for spare in ours[1:]:
        yield SetupStep(action, "remove", spare.id)


def carry_out(steps: Sequence[SetupStep], *, actor: str) -> int:
    """Do it; how many webhooks were changed. One row in the operator log."""
    client = espocrm_client()
    done = [step for step in steps if step.what != "keep"]
    with in_words():
        for step in done:
            if step.what == "create":
                client.create_webhook(event_of(step.action), url_of(step.action))
            elif step.what == "repair":
                client.update_webhook(step.webhook_id, **dict(step.changes))
            else:
                client.delete_webhook(step.webhook_id)
    if done:
        result = "; ".join(step.words for step in done)
        OperatorLog.objects.create(actor=actor, action="setup_espocrm", count=len(done), result=result)
    return len(done)


def secrets_line() -> str:
    """The line for .env, from the webhooks as EspoCRM has them now. A secret: for the terminal, not for a log."""
    with in_words():
        found = espocrm_client().webhooks()
    pairs = [
        f"{hook.id}:{hook.secret_key}"
        for action in ACTIONS
        for hook in found
        if hook.event == event_of(action) and hook.url == url_of(action) and hook.secret_key
    ]
    return f"ESPOCRM_WEBHOOK_SECRETS={','.join(pairs)}"


def secrets_known() -> bool:
    """Whether the settings have exactly what the line would say."""
    wanted = secrets_line().partition("=")[2]
    known = {f"{webhook_id}:{key}" for webhook_id, key in settings.ESPOCRM_WEBHOOK_SECRETS}
    return bool(wanted) and set(wanted.split(",")) <= known


@dataclass(frozen=True, slots=True)
class EntityWork:
    """What an administrator of EspoCRM has to do: faults in words, the files that mend them by path, the script."""

    faults: tuple[str, ...]
    files: Mapping[str, Mapping[str, Any]]
    metadata: dict[str, Any]
    formula: str


def entity_work() -> EntityWork:
    """Reads the metadata anew."""
    name = settings.ESPOCRM_ENTITY_TYPE
    with in_words():
        client = espocrm_client()
        definition = client.metadata(f"entityDefs.{name}")
        fields = definition.get("fields") if isinstance(definition, dict) else None
        if not isinstance(fields, dict):
            raise PlainError(f"EspoCRM shows no entity {name}: create it, or set ESPOCRM_ENTITY_TYPE")
        remote_metadata.keep(remote_metadata.ENTITY_FIELDS, fields)
        field_map = remote_metadata.field_map()
    attributes = remote_metadata.attribute_names(fields)
    found = entity.faults(fields, field_map, attributes=attributes)
    metadata = entity.metadata_patch(fields, field_map, attributes=attributes)
    return EntityWork(
        faults=tuple(f"{fault.name}: {_problem(fault)}" for fault in found),
        files={
            f"{MODULE}/module.json": {"order": 100},
            f"{MODULE}/metadata/entityDefs/{name}.json": metadata,
            **label_files(metadata["fields"], field_map, folder=MODULE, entity=name),
        },
        metadata=metadata,
        formula=entity.formula(field_map),
    )


def _problem(fault: entity.FieldFault) -> str:
    return {
        "missing": f"missing ({fault.wanted})",
        "type": f"is {fault.found}, should be {fault.wanted}",
        "length": f"holds {fault.found} characters, Advoware's {fault.wanted}",
        "options": f"lacks the options {fault.wanted}",
        "untranslated": "is a list of options without a value map (ESPOCRM_VALUE_MAP)",
        "mapped": f"has no option {fault.found}, which ESPOCRM_VALUE_MAP names",
        "copied": "is copied by Duplicate (duplicateIgnore is not set)",
    }[fault.problem]
