"""EspoCRM made ready: the webhooks created or repaired, and what an administrator there still has to do.

Invariant: only webhooks that lead to a path of ours are touched; others of the same event belong to somebody else.
What belongs to lists that are switched off is neither made nor asked for.
Deciding and doing are apart: `plan_webhooks` reads, `carry_out` writes.
To extend: another webhook is an entry of EVENTS (core/requests.py), which the addresses in syncapp/urls.py follow;
the fields of another entity whose records belong to ours are a row of child_entities.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from syncapp.core.requests import EVENTS
from syncapp.entities.beteiligte.parts import CHILD_NAMES, PARTS, AnyList, child_entities_in_use
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import OperatorLog
from syncapp.operations.onboarding import child_entities, entity
from syncapp.operations.onboarding.labels import RESOURCES, in_each_language, labels_of
from syncapp.remotes.espocrm.client import EspoWebhookEntry
from syncapp.remotes.registry import espocrm_client
from syncapp.words.plain_errors import PlainError, in_words

PATH = "/webhooks/espocrm/"

# What the role of the API user needs: where the administrator finds it, what it must be, and why it is not obvious.
ROLE: tuple[tuple[str, str, str], ...] = (
    ("the entity", "create: no, read: all, edit: all, delete: no, stream: all", ""),
    (
        "the entities of addresses and bank accounts",
        "create: yes, read: all, edit: all, delete: no",
        "only where they are kept equal; delete: all with ADRESSE_REMOVE=delete",
    ),
    ("Webhooks", "enabled", ""),
    ("Users", "read: all", "so that notes can mention people"),
    ("Mention Permission", "all", "else EspoCRM drops every mention without a word, and nobody is notified"),
    ("Message Permission", "all", "else notes to users are refused; for a deleted record there is no other way"),
)


@dataclass(frozen=True, slots=True)
class WantedWebhook:
    """One event that we have to hear of, and where it is sent: `path` behind PUBLIC_URL."""

    event: str
    path: str

    @property
    def url(self) -> str:
        return f"{settings.PUBLIC_URL.rstrip('/')}{self.path}"

    def is_ours(self, hook: EspoWebhookEntry) -> bool:
        """Whether the address is one of an installation like this, here or where it was before."""
        return urlsplit(hook.url).path.endswith(self.path)


def wanted_webhooks() -> tuple[WantedWebhook, ...]:
    """The record's own, and those of each entity whose records belong to it and are kept equal."""
    entities = {"beteiligte": settings.ESPOCRM_ENTITY_TYPE}
    entities |= {child.name: child.entity_type() for child in child_entities_in_use()}
    return tuple(
        WantedWebhook(f"{entity_type}.{event}", f"{PATH}{name}/{event}")
        for name, entity_type in entities.items()
        for event in EVENTS
    )


def unwanted(found: Sequence[EspoWebhookEntry]) -> list[EspoWebhookEntry]:
    """Of a list that is not kept equal (any more), or that has another entity now: its deliveries are for nothing."""
    wanted = {hook.event for hook in wanted_webhooks()}
    starts = tuple(f"{PATH}{name}/" for name in CHILD_NAMES)
    here = [hook for hook in found if any(start in urlsplit(hook.url).path for start in starts)]
    return [hook for hook in here if hook.event not in wanted]


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing to do: `what` is keep, create, repair or remove; `changes` are EspoCRM's names."""

    event: str
    what: str
    webhook_id: str = ""
    changes: tuple[tuple[str, object], ...] = ()

    @property
    def words(self) -> str:
        details = ", ".join(f"{name}: {value}" for name, value in self.changes)
        named = f" {self.webhook_id}" if self.webhook_id else ""
        return f"{self.what} webhook{named} for {self.event}{' (' + details + ')' if details else ''}"


def plan_webhooks(*, without: frozenset[str] = frozenset()) -> list[SetupStep]:
    """What has to be done; reads EspoCRM's list, changes nothing. `without`: entities that are yet to be made."""
    if not settings.PUBLIC_URL:
        raise PlainError("PUBLIC_URL is not set: EspoCRM would not know where to send its webhooks")
    with in_words():
        found = espocrm_client().webhooks()
    possible = [wanted for wanted in wanted_webhooks() if wanted.event.split(".")[0] not in without]
    steps = [step for wanted in possible for step in _steps(wanted, found)]
    return steps + [SetupStep(hook.event, "remove", hook.id) for hook in unwanted(found)]


def _steps(wanted: WantedWebhook, found: Sequence[EspoWebhookEntry]) -> Iterator[SetupStep]:
    ours = [hook for hook in found if hook.event == wanted.event and wanted.is_ours(hook)]
    if not ours:
        yield SetupStep(wanted.event, "create", changes=(("url", wanted.url),))
        return
    # The one whose secret is known here is kept, else one that leads here already.
    known = {webhook_id for webhook_id, _key in settings.ESPOCRM_WEBHOOK_SECRETS}
    ours.sort(key=lambda hook: (hook.id not in known, hook.url != wanted.url, not hook.is_active, hook.id))
    kept = ours[0]
    needed = {"url": wanted.url, "isActive": True, "skipOwn": False}
    has = {"url": kept.url, "isActive": kept.is_active, "skipOwn": kept.skip_own}
    changes = tuple((name, value) for name, value in needed.items() if has[name] != value)
    yield SetupStep(wanted.event, "repair" if changes else "keep", kept.id, changes)
    for spare in ours[1:]:
        yield SetupStep(wanted.event, "remove", spare.id)


def carry_out(steps: Sequence[SetupStep], *, actor: str) -> int:
    """Do it; how many webhooks were changed. One row in the operator log."""
    client = espocrm_client()
    done = [step for step in steps if step.what != "keep"]
    with in_words():
        for step in done:
            if step.what == "create":
                client.create_webhook(step.event, str(dict(step.changes)["url"]))
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
        for wanted in wanted_webhooks()
        for hook in found
        if hook.event == wanted.event and hook.url == wanted.url and hook.secret_key
    ]
    return f"ESPOCRM_WEBHOOK_SECRETS={','.join(pairs)}"


def is_known(line: str) -> bool:
    """Whether the settings have all that the line says."""
    wanted = line.partition("=")[2]
    known = {f"{webhook_id}:{key}" for webhook_id, key in settings.ESPOCRM_WEBHOOK_SECRETS}
    return bool(wanted) and set(wanted.split(",")) <= known


@dataclass(frozen=True, slots=True)
class EntityWork:
    """What an administrator of EspoCRM has to do for one entity: faults in words, files by path, the script.

    A file is JSON, or a text where EspoCRM wants a program.
    """

    entity: str
    faults: tuple[str, ...]
    files: Mapping[str, Mapping[str, Any] | str]
    metadata: Mapping[str, Any]
    formula: str
    is_new: bool = False


def entity_works() -> list[EntityWork]:
    """The record's entity, and those whose records belong to it. Reads the metadata anew."""
    children = [(child, _made_for(child)) for child in child_entities_in_use()]
    return [_own_work(children), *(_child_work(child, made) for child, made in children)]


def _own_work(children: Sequence[tuple[AnyList, child_entities.ChildWork]]) -> EntityWork:
    name = settings.ESPOCRM_ENTITY_TYPE
    links = {link: said for _child, made in children for link, said in made.links_of_parent.items()}
    with in_words():
        client = espocrm_client()
        definition = client.metadata(f"entityDefs.{name}")
        fields = definition.get("fields") if isinstance(definition, dict) else None
        if not isinstance(fields, dict):
            raise PlainError(f"EspoCRM shows no entity {name}: create it, or set ESPOCRM_ENTITY_TYPE")
        remote_metadata.keep(remote_metadata.ENTITY_FIELDS, fields)
        field_map = remote_metadata.field_map()
    metadata = entity.metadata_patch(fields, field_map)
    metadata |= {"links": links} if links else {}
    return EntityWork(
        entity=name,
        faults=_told(entity.faults(fields, field_map)),
        files={
            f"{RESOURCES}/module.json": {"order": 100},
            f"{RESOURCES}/metadata/entityDefs/{name}.json": metadata,
            **in_each_language(lambda: labels_of(metadata["fields"], field_map), name=name),
            **child_entities.files_of_names([child for child, made in children if made.is_ours]),
        },
        metadata=metadata,
        formula=entity.formula(field_map, listed=[name for part in PARTS for name in part.listed()]),
    )


def _made_for(child: AnyList) -> child_entities.ChildWork:
    name = child.entity_type()
    with in_words():
        definition = espocrm_client().metadata(f"entityDefs.{name}")
    shown = definition if isinstance(definition, dict) else {}
    fields, links = (found if isinstance(found := shown.get(part), dict) else {} for part in ("fields", "links"))
    made = child_entities.made_for(child, fields, parent=settings.ESPOCRM_ENTITY_TYPE, links=links)
    remote_metadata.keep_child_fields(name, fields)
    return made


def _child_work(child: AnyList, made: child_entities.ChildWork) -> EntityWork:
    files = child_entities.files_of(child, made)
    return EntityWork(child.entity_type(), _told(made.faults), files, made.metadata, made.formula, made.is_new)


def _told(faults: Iterable[entity.FieldFault]) -> tuple[str, ...]:
    return tuple(f"{fault.name}: {_problem(fault)}" for fault in faults)


def _problem(fault: entity.FieldFault) -> str:
    return {
        "missing": f"missing ({fault.wanted})",
        "no_entity": "EspoCRM has no such entity; the files make it",
        "number": f"missing ({fault.wanted}): without it, what was lost is found again by equality alone",
        "type": f"is {fault.found}, should be {fault.wanted}",
        "length": f"holds {fault.found} characters, Advoware's {fault.wanted}",
        "options": f"lacks the options {fault.wanted}",
        "untranslated": "is a list of options without a value map (ESPOCRM_VALUE_MAP)",
        "mapped": f"has no option {fault.found}, which ESPOCRM_VALUE_MAP names",
        "read_only": "is read-only for everybody (readOnly is set)",
        "copied": "is copied by Duplicate (duplicateIgnore is not set)",
    }[fault.problem]
