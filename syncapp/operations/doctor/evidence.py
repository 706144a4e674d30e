"""What several checks look at, read once: EspoCRM's metadata, rights and webhooks, Advoware's legal forms, Redis.

Invariant: each answer, or the error in its place, is kept for the length of one examination. What was read anew
replaces what the installation had kept about the two systems, so that a mended fault is gone at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import redis
from django.conf import settings

from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.core.states import Status
from syncapp.engine.rows import locks
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.entities.beteiligte.snapshot import is_betnr_hidden
from syncapp.models import SyncRecord
from syncapp.remotes.espocrm.client import EspoAccount, EspoRights
from syncapp.remotes.http.errors import RemoteError
from syncapp.remotes.registry import advoware_client, espocrm_client

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a system said, or what went wrong. `value` is None where `error` is set."""

    value: Any = None
    error: RemoteError | None = None


def asked(ask: Callable[[], Any]) -> ProbeResult:
    try:
        return ProbeResult(ask())
    except RemoteError as error:
        return ProbeResult(error=error)


class Evidence:
    """One examination."""

    redis_error = ""  # why there is no `redis_info`

    # --- EspoCRM

    @cached_property
    def own_user(self) -> ProbeResult:
        answer = asked(espocrm_client().current_user)
        if isinstance(answer.value, EspoAccount):
            remote_metadata.keep(remote_metadata.OWN_USER, answer.value.id)
        return answer

    @cached_property
    def entity(self) -> ProbeResult:
        """Metadata of the entity: fields and options."""
        answer = asked(lambda: espocrm_client().metadata(f"entityDefs.{settings.ESPOCRM_ENTITY_TYPE}"))
        if isinstance(answer.value, Mapping) and isinstance(answer.value.get("fields"), Mapping):
            remote_metadata.keep(remote_metadata.ENTITY_FIELDS, dict(answer.value["fields"]))
        return answer

    @property
    def fields(self) -> Mapping[str, Any]:
        value = self.entity.value
        found = value.get("fields") if isinstance(value, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    @cached_property
    def hides_betnr(self) -> bool:
        """Whether EspoCRM leaves the betNr out of a record; without any, nobody can tell."""
        answer = asked(lambda: espocrm_client().list_page(select=("id", "betnr"), max_size=1, no_total=True))
        return any(is_betnr_hidden(row) for row in answer.value.rows) if answer.value else False

    @cached_property
    def field_map(self) -> FieldMap:
        """Raises FieldMapError where the settings contradict EspoCRM."""
        return remote_metadata.field_map()

    @cached_property
    def rights(self) -> EspoRights:
        """Nothing said where they could not be read."""
        return asked(espocrm_client().rights).value or EspoRights({}, {})

    def denied(self, scope: str, right: str) -> bool:
        """Whether a right is refused in so many words; what EspoCRM does not mention counts as unknown."""
        given = self.rights.scopes.get(scope)
        return given is False or (isinstance(given, Mapping) and given.get(right) in ("no", False))

    def limited(self, scope: str, right: str) -> str:
        """To which records a right is limited, the user's own or those of its teams; "" where it is not.

        EspoCRM leaves all others out of its lists without a word: nobody would miss them here.
        """
        given = self.rights.scopes.get(scope)
        level = given.get(right) if isinstance(given, Mapping) else None
        return level if level in ("own", "team") else ""

    @cached_property
    def webhooks(self) -> ProbeResult:
        return asked(espocrm_client().webhooks)

    # --- Advoware

    @cached_property
    def rechtsformen(self) -> ProbeResult:
        answer = asked(advoware_client().rechtsformen)
        if answer.value:
            remote_metadata.keep(remote_metadata.RECHTSFORMEN, sorted(answer.value))
        return answer

    @cached_property
    def known_betnr(self) -> int | None:
        rows = SyncRecord.objects.filter(betnr__isnull=False, status=Status.CLEAN).order_by("-last_check")
        return rows.values_list("betnr", flat=True).first()

    @cached_property
    def read(self) -> ProbeResult:
        """One Beteiligter that is known; an empty answer where none is."""
        betnr = self.known_betnr
        return ProbeResult() if betnr is None else asked(lambda: advoware_client().get(betnr))

    # --- this machine

    @cached_property
    def redis_info(self) -> Mapping[str, Any] | None:
        """What Redis says about itself; None if it does not answer."""
        try:
            return dict(locks.connection(settings.REDIS_URL).info())
        except redis.RedisError as error:
            self.redis_error = type(error).__name__
            return None

    def redis_option(self, name: str) -> str:
        """A configured value; "" where the server does not tell (hosted ones often forbid to ask)."""
        try:
            return str(locks.connection(settings.REDIS_URL).config_get(name).get(name, ""))
        except redis.RedisError:
            return ""
