"""A child list as it is remembered, for pages that ask no system; what people have to do about it are cases.

Invariant: from the links alone. Of an account no more is known here than may be kept of one.
To extend: a kind whose lost values can be brought back implements `restoring`.
"""

from collections.abc import Callable

from syncapp.core.child_lists.shapes import LinkState, V
from syncapp.core.parts import Obstacle
from syncapp.entities.beteiligte.clients import Clients
from syncapp.entities.beteiligte.part import KnownLine, LostValue, NotRestorable, Unconcerned
from syncapp.entities.beteiligte.parts.child_lists.kind import ChildListKind
from syncapp.models import ChildLink, SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.espocrm.client import EspoEntity


class RememberedList(ChildListKind[V], Unconcerned):
    """See entities/beteiligte/part.py for what each of these is asked for."""

    def known(self, row: SyncRecord) -> tuple[KnownLine, ...]:
        if not self.is_on():
            return ()
        pairs = ChildLink.objects.filter(record_id=row.pk, kind=self.kind, alias_of="", state=LinkState.linked)
        return tuple(self._known(link) for link in pairs.order_by("entry_id", "pk"))

    def _known(self, link: ChildLink) -> KnownLine:
        espo, advo = (
            None if base is None else self.spelling().kept(self.shape.from_json(base))
            for base in (link.base_espo, link.base_advo)
        )
        return KnownLine(self.name, espo, advo, "" if link.entry_id is None else str(link.entry_id))

    def beside(
        self,
        row: SyncRecord,
        *,
        espo: EspoEntity | None = None,
        advo: AdvowareBeteiligter | None = None,
        clients: Clients,
    ) -> tuple[KnownLine, ...]:
        """What is known alone: a list of its own is not read for a page while a system is disturbed."""
        del espo, advo, clients
        return self.known(row)

    def restoring(self, row: SyncRecord, lost: LostValue, *, clients: Clients) -> Callable[[], object]:
        del row, lost, clients
        raise NotRestorable(Obstacle.NOT_KEPT)
