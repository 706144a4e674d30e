"""How the database finds what a page asks for: the plan of every query on the large tables, in a few words."""

import re
from typing import Any

LARGE = ("syncapp_syncrecord", "syncapp_attempt", "syncapp_searchtext", "syncapp_statuschange", "syncapp_inboxelement")
FEW = 1000
# Plans that read a table from one end to the other, as SQLite and PostgreSQL call them.
SCANS = re.compile(r"\bSCAN (?:TABLE )?(syncapp_\w+)\b(?! USING)|Seq Scan on (syncapp_\w+)")
SORTS = re.compile(r"USE TEMP B-TREE FOR ORDER BY|\bSort\b")
WORDS = re.compile(r"(?:SCAN|SEARCH) .*|.*(?:Scan|Sort).*", re.IGNORECASE)
COSTS = re.compile(r"\s*\(cost=.*?\)|^\s*->\s*")


class Plans:
    """Wraps the execution of queries: counts them, and remembers those on large tables."""

    def __init__(self) -> None:
        self.queries = 0
        self._seen: dict[str, Any] = {}

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")):
            self.queries += 1
        if sql.startswith("SELECT") and any(f'FROM "{table}"' in sql for table in LARGE):
            self._seen.setdefault(sql, params)
        return execute(sql, params, many, context)

    @property
    def statements(self) -> list[str]:
        """Those on large tables."""
        return list(self._seen)

    def explained(self) -> list[str]:
        """A line a query: its table, whether it is read whole, and the steps of the plan."""
        return [_line(sql, params) for sql, params in self._seen.items()]


def _is_long(table: str) -> bool:
    """Whether there is anything to walk along: what fits on a page or two, PostgreSQL reads whole by choice."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return True  # chooses by what there is an index for, however few there are
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} OFFSET {FEW} LIMIT 1")  # noqa: S608 (names of ours)
        return cursor.fetchone() is not None


def _line(sql: str, params: Any) -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"{'EXPLAIN QUERY PLAN' if connection.vendor == 'sqlite' else 'EXPLAIN'} {sql}", params)
        steps = [str(row[-1]) for row in cursor.fetchall()]
    kept = [COSTS.sub("", step).strip() for step in steps if WORDS.fullmatch(step)]
    scanned = sorted({name for step in steps for found in SCANS.findall(step) for name in found if name})
    scanned = [name for name in scanned if name in LARGE and _is_long(name)]
    # A walk along the keys that ends after a page reads no table.
    walked = " LIMIT " in sql and not any(SORTS.search(step) for step in steps)
    scanned = [] if walked else scanned
    said = f"reads {', '.join(scanned)} whole" if scanned else "by index"
    what = re.sub(r"^SELECT .*? FROM", "SELECT … FROM", sql.replace('"', ""), flags=re.DOTALL)
    return f"{said}: `{what[:110]}` → {'; '.join(kept)[:200]}"
