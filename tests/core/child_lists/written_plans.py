"""Every plan that the row tests of a child list make, written out in full.

A row test says what matters; these pages say all of it: each write with its values, each link before and after, each
case with its text's parameters. `python -m tests.core.child_lists.written_plans` writes them anew; read the difference.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

from syncapp.core.child_lists.shapes import CREATES, ChildPlan, PairLink
from tests.core.adressen import stories as address_stories
from tests.core.adressen import test_rows as address_rows
from tests.core.adressen.world import World as AddressWorld
from tests.core.bankverbindungen import test_rows as bank_rows
from tests.core.bankverbindungen.world import World as BankWorld

CORE = Path(__file__).resolve().parents[1]
PAGES: dict[str, tuple[Path, tuple[ModuleType, ...], Any]] = {
    "adressen": (CORE / "adressen/plans.txt", (address_rows, address_stories), AddressWorld),
    "bankverbindungen": (CORE / "bankverbindungen/plans.txt", (bank_rows,), BankWorld),
}


def page(name: str) -> str:
    _, modules, world = PAGES[name]
    return "\n".join(line for module in modules for line in _of_module(module, world)) + "\n"


def _spelled(value: object) -> str:
    """A set in one order, whatever the order in which it was built."""
    return "{" + ", ".join(map(repr, sorted(value))) + "}" if isinstance(value, set | frozenset) else str(value)


def _of_module(module: ModuleType, world: Any) -> Iterator[str]:
    for name, function in vars(module).items():
        if not name.startswith("test_"):
            continue
        for params in _params(function):
            made = _recorded(world, function, params)
            yield f"# {name} {', '.join(f'{key}={_spelled(value)}' for key, value in params.items())}".rstrip()
            for number, plan in enumerate(made, start=1):
                yield f"run {number}"
                yield from (f"  {line}" for line in _lines(plan))


def _params(function: Callable[..., None]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{}]
    for mark in getattr(function, "pytestmark", []):
        names = [each.strip() for each in mark.args[0].split(",")]
        rows = [row if len(names) > 1 else (row,) for row in mark.args[1]]
        found = [{**one, **dict(zip(names, row, strict=True))} for one in found for row in rows]
    return found


def _recorded(world: Any, function: Callable[..., None], params: dict[str, Any]) -> list[ChildPlan[Any]]:
    made: list[ChildPlan[Any]] = []
    run = world.run

    def recording(self: Any, *args: Any, **kwargs: Any) -> ChildPlan[Any]:
        made.append(plan := run(self, *args, **kwargs))
        return plan

    world.run = recording
    try:
        function(**params)
    finally:
        world.run = run
    return made


def _lines(plan: ChildPlan[Any]) -> Iterator[str]:
    head = [str(plan.stopped or ""), "owed" if plan.owed else "", *sorted(plan.shrunk)]
    creates = sum(one.act in CREATES for one in plan.operations)
    head += [f"removes {plan.removals}" if plan.removals else "", f"creates {creates}" if creates else ""]
    yield " ".join(word for word in head if word) or "-"
    for one in plan.operations:
        values = dict(sorted(one.values.items()))
        yield f"row {one.row}: {one.act}{' (removes)' if one.removes else ''} {values}"
        yield f"  before {_link(one.intent)}"
        yield f"  after  {_link(one.done) if one.done else None}"
    yield from (f"keeps {_link(link)}" for link in plan.kept)
    for case in plan.cases:
        yield f"case {case.code} (row {case.row}) {case.espo_id}/{case.entry_id} {dict(sorted(case.params.items()))}"
    for report in plan.reports:
        told = dict(sorted(report.params.items()))
        yield f"mentions {report.code} (row {report.row}) {report.espo_id}/{report.entry_id} {told}"
    states = " ".join(f"{key}:{value}" for key, value in sorted(plan.states.items()))
    if states:
        yield f"states {states}"


def _link(link: PairLink[Any]) -> str:
    shown = [f"{link.espo_id}/{link.entry_id} {link.state}"]
    for each in fields(link)[2:]:
        value = getattr(link, each.name)
        if value not in (None, (), False, "") and each.name != "state":
            shown.append(f"{each.name}={_value(value)}")
    return " ".join(shown)


def _value(value: Any) -> str:
    if hasattr(value, "to_json"):
        return str(value.to_json())
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if hasattr(value, "__dataclass_fields__"):
        return "{" + ", ".join(f"{each.name}: {_value(getattr(value, each.name))}" for each in fields(value)) + "}"
    return str(value)


if __name__ == "__main__":
    for name, (path, _, _) in PAGES.items():
        path.write_text(page(name))
