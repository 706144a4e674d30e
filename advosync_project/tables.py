"""Tables in Markdown: drawn from rows, or taken from the docstring that describes the code below it."""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module

NOTHING = "–"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown. A cell without anything to say says NOTHING: an empty one is a missing text."""
    lines = [[_cell(cell) for cell in row] for row in (head, *rows)]
    if empty := [row for row in lines if not all(row)]:
        raise ValueError(f"an empty cell in the table of {', '.join(head)}: {empty[0]}")
    lines.insert(1, ["---"] * len(head))
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).replace("|", "\\|").split())


def table_of(module: str, name: str = "", number: int = 0) -> Callable[[], str]:
    """A docstring's tables describe the code below them; this is the one with that number."""

    def draw() -> str:
        owner: object = import_module(module)
        for part in name.split(".") if name else ():
            owner = getattr(owner, part)
        return _tables((owner.__doc__ or "").splitlines())[number]

    return draw


def _tables(lines: Sequence[str]) -> list[str]:
    found: list[list[list[str]]] = [[]]
    for line in [*lines, ""]:
        if line.strip().startswith("|"):
            found[-1].append([cell.strip() for cell in line.strip().strip("|").split("|")])
        elif found[-1]:
            found.append([])
    return [
        table(rows[0], [row for row in rows[1:] if not all(set(c) <= {"-"} for c in row)]) for rows in found if rows
    ]
