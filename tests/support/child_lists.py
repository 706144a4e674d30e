"""The addresses, or the bank accounts, of one record in both stand-ins: as people edit them, and what a run does.

`run` answers the writes of the run, in order and without those of the record itself: `POST Adressen`,
`PATCH CAdressen`.
"""

from dataclasses import dataclass, field
from typing import Any

from demo.people import Json, Staff
from syncapp.core.adressen.plan import NAME as ADRESSEN
from syncapp.models import ChildCase, ChildKind, ChildLink
from tests.support.firm import Firm

ENTITIES = {ChildKind.ADRESSEN: "CAdressen", ChildKind.BANK: "CBankverbindungen"}
LISTS = {ChildKind.ADRESSEN: ADRESSEN, ChildKind.BANK: "bankverbindungen"}
PATHS = {ChildKind.ADRESSEN: "Adressen", ChildKind.BANK: "Bankverbindungen"}
RECORD = frozenset({"Beteiligte", "CBeteiligte"})


@dataclass
class ChildLists:
    firm: Firm
    espo_id: str
    betnr: int
    kind: ChildKind = ChildKind.ADRESSEN
    entity: str = ""
    staff: Staff = field(init=False)

    def __post_init__(self) -> None:
        self.entity = self.entity or ENTITIES[self.kind]
        self.staff = Staff(self.firm.sandbox.origin, entity=self.entity)

    # --- people in EspoCRM

    def item(self, **attributes: object) -> str:
        """Its sync status is empty, as people leave it; ours is written only along with something else then."""
        made = self.staff.create(**{"name": "x", "beteiligteId": self.espo_id, "syncStatus": "", **attributes})
        return str(made["id"])

    def edit_item(self, item: str, **attributes: object) -> None:
        self.staff.change(item, **attributes)

    def delete_item(self, item: str) -> None:
        self.staff.delete(item)

    @property
    def items(self) -> dict[str, Json]:
        return {str(row["id"]): row for row in self.staff.all() if row["beteiligteId"] == self.espo_id}

    # --- people in Advoware

    def _tell(self, **verbs: object) -> list[Json]:
        shown = self.firm.sandbox.control.tell(f"advoware/beteiligte/{self.betnr}", **{LISTS[self.kind]: verbs})
        return list(shown[LISTS[self.kind]])

    def entry(self, **fields: object) -> int:
        return max(int(entry["id"]) for entry in self._tell(add=[fields]))

    def edit_entry(self, number: int, **fields: object) -> None:
        self._tell(edit=[{"id": number, **fields}])

    def remove_entry(self, *numbers: int) -> None:
        self._tell(remove=list(numbers))

    @property
    def entries(self) -> dict[int, Json]:
        (found,) = (one for one in self.firm.sandbox.state()["advoware"] if one["betNr"] == self.betnr)
        return {int(entry["id"]): entry for entry in found[LISTS[self.kind]]}

    # --- runs

    def run(self, **options: Any) -> list[str]:
        self.firm.sandbox.clear_calls()
        self.firm.sync(self.espo_id, **options)
        return self.writes

    @property
    def writes(self) -> list[str]:
        """Of the lists, in the order in which they were sent."""
        sent = [(method, _where(path)) for _system, method, path in self.firm.sandbox.calls() if method != "GET"]
        return [f"{method} {where}" for method, where in sent if where not in {*RECORD, "Note"}]

    def is_silent(self) -> None:
        """A further run writes nothing, not even the record, and reads each list once."""
        assert self.run() == []
        counts = self.firm.counts()
        assert counts == {"espocrm": {"GET": 2}, "advoware": {"GET": 1}}, counts

    # --- what we know

    @property
    def status(self) -> str:
        return str(self.firm.record(self.espo_id).status)

    @property
    def cases(self) -> list[tuple[int, str]]:
        rows = ChildCase.objects.filter(record__espo_id=self.espo_id, kind=self.kind, closed_at=None)
        return sorted((row.row, row.code) for row in rows)

    def case(self, code: str) -> ChildCase:
        return ChildCase.objects.get(record__espo_id=self.espo_id, kind=self.kind, closed_at=None, code=code)

    @property
    def links(self) -> list[tuple[str | None, int | None, str]]:
        rows = ChildLink.objects.filter(record__espo_id=self.espo_id, kind=self.kind).order_by("entry_id", "espo_id")
        return [(row.espo_id, row.entry_id, row.alias_of or row.state) for row in rows]

    @property
    def reports(self) -> list[str]:
        return sorted(one["code"] for one in self.firm.record(self.espo_id).reports)


def _where(path: str) -> str:
    """The list, or the entity, of a remote address."""
    pieces = [piece for piece in path.split("/") if piece]
    named = [piece for piece in pieces[pieces.index("v1") + 1 :] if piece != "advonet"]
    return named[2] if named[0] == "Beteiligte" and len(named) > 2 else named[0]
