"""Many rows fast: a few are made through the models, the rest are copies of them by one statement a table."""

from datetime import datetime, timedelta
from typing import Any

TEMPLATES = 20
HISTORY = 3
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT {begin} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {end})"
# Where the copies' betNr begin; the templates stay below.
FIRST = 10_000_000
# Seconds between two attempts: the history reaches back, however long it is, and no more of it is of today.
APART = 60


class Filling:
    """The tables of an installation, growing. A tenth of the records failed, for one of two reasons; each has
    three attempts."""

    def __init__(self) -> None:
        from django.utils import timezone

        from syncapp.models import Attempt, SearchText, SyncRecord

        now = timezone.now()
        SyncRecord.objects.bulk_create(_record(number, now) for number in range(TEMPLATES))
        self._records = list(SyncRecord.objects.order_by("pk").values_list("pk", flat=True))
        SearchText.objects.bulk_create(_search_text(number, pk) for number, pk in enumerate(self._records))
        Attempt.objects.bulk_create(_attempt(turn, now) for turn in range(HISTORY))
        self._attempts = list(Attempt.objects.order_by("pk").values_list("pk", flat=True))
        self.size = 0

    def grow(self, size: int) -> None:
        """Up to so many records beside the first few, with their attempts and search texts."""
        from syncapp.models import Attempt, SearchText, SyncRecord

        own = {
            "espo_id": "'bench' || CAST(1000000000 + n.i AS TEXT)",
            "betnr": f"{FIRST} + n.i",
            "name": "'Mustermann ' || CAST(n.i AS TEXT)",
        }
        numbers = NUMBERS.format(begin=self.size, end=size)
        source = f"n JOIN {SyncRecord._meta.db_table} s ON s.id = {self._records[0]} + (n.i % {TEMPLATES})"
        _copy(SyncRecord, own, source, numbers)
        fresh = f"{SyncRecord._meta.db_table} r"
        new = f"r.betnr >= {FIRST + self.size}"
        ids = ", ".join(map(str, self._attempts))
        linked = {"record_id": "r.id", "espo_id": "r.espo_id", "started_at": _earlier("s.started_at", "r.betnr")}
        _copy(Attempt, linked, f"{fresh} JOIN {Attempt._meta.db_table} s ON s.id IN ({ids}) WHERE {new}")
        # As long for each of them, so that none of them is a piece of another one.
        number = f"CAST(r.betnr + {FIRST} AS TEXT)"
        text = f"'^^mustermann ^^' || {number} || ' ^^+49221' || {number} || ' ^^lindenallee ^^' || {number} || 'a'"
        spelled = " || ' ' || ".join(
            _spelled(run, length) for run, length in ((number, 8), (f"'49221' || {number}", 13))
        )
        texts = {"record_id": "r.id", "text": text, "numbers": spelled, "former": "'[]'"}
        _copy(SearchText, texts, f"{fresh} WHERE {new}")
        self.size = size
        _settle()


def _spelled(run: str, length: int) -> str:
    """An expression: what long_numbers.kept makes of these digits."""
    from syncapp.core.finding.long_numbers import GROUP, SIGNS

    words = []
    for begin in range(GROUP):
        groups = [
            f"CAST(substr({run}, {at + 1}, {GROUP}) AS INTEGER)" for at in range(begin, length - GROUP + 1, GROUP)
        ]
        signs = [f"substr('{SIGNS}', {one} {act} {len(SIGNS)} + 1, 1)" for one in groups for act in ("/", "%")]
        words.append(" || ".join(signs))
    return " || ' ' || ".join(words)


def _earlier(moment: str, number: str) -> str:
    """An expression: as many times APART before that moment as the record's number says."""
    from django.db import connection

    seconds = f"({number} - {FIRST}) * {APART}"
    if connection.vendor == "postgresql":
        return f"{moment} - ({seconds}) * INTERVAL '1 second'"
    return f"strftime('%Y-%m-%d %H:%M:%f', {moment}, '-' || ({seconds}) || ' seconds')"


def _copy(model: Any, own: dict[str, str], source: str, numbers: str = "") -> None:
    """Insert copies of the rows `s`, with columns of their own; a generated key is left to the database."""
    from django.db import connection

    fields = [f for f in model._meta.concrete_fields if not f.generated]
    columns = [f.column for f in fields if not f.primary_key or f.column in own]
    chosen = ", ".join(own.get(column, f"s.{connection.ops.quote_name(column)}") for column in columns)
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"{numbers} INSERT INTO {model._meta.db_table} ({names}) SELECT {chosen} FROM {source}")  # noqa: S608


def _settle() -> None:
    """What an installation does by itself: kept counts are put together, statistics gathered."""
    from django.db import connection

    from syncapp.operations.maintenance import record_counts, upkeep

    record_counts.fold()
    upkeep.gather_statistics()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _record(number: int, now: datetime) -> Any:
    from syncapp.models import SyncRecord

    failed = number % 10 == 0
    return SyncRecord(
        espo_id=f"template{number:09d}",
        betnr=100 + number,
        name=f"Vorlage {number}",
        status="failed" if failed else "clean",
        kind="transient" if failed else "",
        fault=_fault(("espocrm", "advoware")[number // 10 % 2]) if failed else {},
        requested=1,
        completed=1,
        next_retry_at=now + timedelta(hours=1) if failed else None,
        last_check=now - timedelta(minutes=number * 60),
        last_synced_at=now - timedelta(hours=number),
        dirty_since=now - timedelta(minutes=number) if failed else None,
        base_espo={"name": f"Vorlage {number}", "titel": "Dr.", "geburtsdatum": "1961-04-12"},
        base_advo={"name": f"Vorlage {number}", "titel": "Dr.", "geburtsdatum": "1961-04-12"},
        lists={"phoneNumberData": [["+4930123456", "Office", True]]},
    )


def _fault(system: str) -> dict[str, Any]:
    params = {"system": system, "operation": "GET", "status": 503, "reason": "http_status"}
    return {"code": "remote_transient", "params": params}


def _search_text(number: int, record: int) -> Any:
    from syncapp.core.finding import long_numbers
    from syncapp.models import SearchText

    text = f"^^vorlage ^^{number} ^^+4930123456 ^^musterstraße ^^{number}"
    return SearchText(record_id=record, text=text, numbers=long_numbers.kept(text))


def _attempt(turn: int, now: datetime) -> Any:
    from syncapp.models import Attempt

    return Attempt(
        espo_id="template",
        trigger="update",
        source="webhook",
        started_at=now - timedelta(hours=2 + turn),
        outcome="done",
        verdict="no_change",
        duration_ms=100,
        calls={"espocrm": {"GET": 1}, "advoware": {"GET": 1}},
    )
