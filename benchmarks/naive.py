"""A straightforward implementation, for comparison: one call after the other, each as the first idea has it.

It marks the record as being synced, reads what it needs, writes, reads back the rowId and reports, and so needs five
calls for a create or an update to Advoware, four towards EspoCRM and two where nothing changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.firm import Bench


@dataclass(frozen=True, slots=True)
class NaiveSync:
    """`stage` sets the scene: EspoCRM id and betNr; `run` is the straightforward way; `allowed`: our limit."""

    stage: Callable[[Bench], tuple[str, int]]
    run: Callable[[Bench, str, int], None]
    allowed: int


def _create(bench: Bench, espo_id: str, betnr: int) -> None:
    bench.sandbox.anna.change(espo_id, syncStatus="syncing")
    person = bench.sandbox.anna.read(espo_id)
    made = bench.sandbox.clerk.create(name=person["name"], vorname=person["vorname"])
    again = bench.sandbox.clerk.read(made["betNr"])
    bench.sandbox.anna.change(espo_id, syncStatus="clean", advowareRowId=again["rowId"])


def _to_advoware(bench: Bench, espo_id: str, betnr: int) -> None:
    bench.sandbox.anna.change(espo_id, syncStatus="syncing")
    person = bench.sandbox.anna.read(espo_id)
    bench.sandbox.clerk.change(betnr, titel=person["titel"])  # reads, then writes
    bench.sandbox.anna.change(espo_id, syncStatus="clean")


def _to_espocrm(bench: Bench, espo_id: str, betnr: int) -> None:
    bench.sandbox.anna.change(espo_id, syncStatus="syncing")
    bench.sandbox.anna.read(espo_id)
    there = bench.sandbox.clerk.read(betnr)
    bench.sandbox.anna.change(espo_id, titel=there["titel"], syncStatus="clean")


def _nothing(bench: Bench, espo_id: str, betnr: int) -> None:
    bench.sandbox.anna.read(espo_id)
    bench.sandbox.clerk.read(betnr)


def _new(bench: Bench) -> tuple[str, int]:
    return bench.new(), 0


def _pair(edit: Callable[[Bench, Any], object]) -> Callable[[Bench], tuple[str, int]]:
    def stage(bench: Bench) -> tuple[str, int]:
        record = bench.pairs(1)[0]
        edit(bench, record)
        return record.espo_id, record.betnr

    return stage


CASES = {
    "create": NaiveSync(_new, _create, 3),
    "update to Advoware": NaiveSync(_pair(lambda b, r: b.sandbox.anna.change(r.espo_id, titel="Dr.")), _to_advoware, 4),
    "update to EspoCRM": NaiveSync(_pair(lambda b, r: b.sandbox.clerk.change(r.betnr, titel="Prof.")), _to_espocrm, 3),
    "no change": NaiveSync(_pair(lambda b, r: None), _nothing, 2),
}
