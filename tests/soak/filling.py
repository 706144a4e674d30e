"""Linked records on both sides before the first hour begins, in minutes instead of days.

A tenth are made one by one, with contact points, an address and an account, and carried by the product's first load.
All others are copies of a few of those without lists: rows of the stand-ins and of ours, as that load has left them.
"""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.calendars import set_up
from sandbox import seed_calendar
from sandbox.advoware import children
from sandbox.advoware import records as advoware
from sandbox.espocrm import records as espocrm
from sandbox.espocrm.entities import ADRESSEN, BANK, ENTITY_TYPES
from sandbox.models.espocrm import EspoUser, WebhookEvent
from sandbox.seed_children import account, address
from tests.soak.ground import Ground, say

PERSON = ENTITY_TYPES["CBeteiligte"]
FURNISHED = 10  # one of so many is made one by one
TEMPLATES = 20


@dataclass(frozen=True)
class Populace:
    """(EspoCRM id, betNr) of everybody; `furnished`: those with contact points, an address and an account."""

    everybody: list[tuple[str, int]]
    furnished: list[tuple[str, int]]


def anna() -> EspoUser:
    return EspoUser.objects.get(user_name="anna")


def fields_of(number: int) -> dict[str, object]:
    return {
        "name": f"Mustermann {number:05d}",
        "vorname": "Erika",
        "anrede": "Frau",
        "titel": "Dr.",
        "rechtsform": "natürliche Person",
        "bAnrede": "Sehr geehrte Frau Dr. Mustermann",
        "geburtsdatum": "1961-04-12",
    }


def phone_of(number: int) -> str:
    return f"+4930{20000000 + number}"


def fill(ground: Ground, records: int) -> Populace:
    """The stand-ins and our database, all of it clean; processes are not at work yet."""
    furnished = max(TEMPLATES, records // FURNISHED)
    staff = anna()
    people = [_pair(number, staff, lists=True) for number in range(furnished)]
    templates = [_pair(furnished + number, staff, lists=False) for number in range(TEMPLATES)]
    WebhookEvent.objects.all().delete()
    say(f"{furnished} people with lists are in both systems, the first load begins")
    ground.manage("backfill", "--per-minute", "10000000")
    _all_clean()
    WebhookEvent.objects.all().delete()
    copies = _copy(ground, templates, records - furnished - TEMPLATES)
    _spread_looks()
    say(f"{records} records are linked and clean")
    return Populace([*people, *templates, *copies], people)


def _pair(number: int, staff: EspoUser, *, lists: bool) -> tuple[str, int]:
    fields = fields_of(number)
    row = advoware.create({**fields, "geburtsdatum": f"{fields['geburtsdatum']}T00:00:00"})
    body: dict[str, object] = {**fields, "betnr": row.bet_nr}
    if lists:
        points = {"tlf": f"030 / {20000000 + number}", "kommKz": 1, "bemerkung": "Zentrale", "online": True}
        advoware.create_kommunikation(row.bet_nr, points)
        body["phoneNumberData"] = [{"phoneNumber": phone_of(number), "type": "Office", "primary": True}]
    made = espocrm.create(PERSON, body, staff, skip_duplicate_check=True)
    espo_id = str(made["id"])
    if lists:
        place, money = address(number), account(number, str(fields["name"]))
        espocrm.create(ADRESSEN, {"beteiligteId": espo_id, "name": "Kanzlei", **place}, staff)
        espocrm.create(BANK, {"beteiligteId": espo_id, "name": "Konto", **money}, staff)
        children.create(row.bet_nr, "adressen", place)
        children.create(row.bet_nr, "bankverbindungen", money)
    return espo_id, row.bet_nr


def _all_clean() -> None:
    from syncapp.models import SyncRecord

    others = list(SyncRecord.objects.exclude(status="clean").values_list("espo_id", "status", "kind", "fault")[:5])
    assert not others, others


def _copy(ground: Ground, templates: list[tuple[str, int]], number: int) -> list[tuple[str, int]]:
    """Row for row: in the stand-ins by SQLite, in ours by PostgreSQL, under the same ids and names."""
    if number <= 0:
        return []
    made = [(f"soak{place:013d}", 1_000_000 + place) for place in range(number)]
    with sqlite3.connect(ground.folder / "stand-ins.sqlite3", timeout=60) as stand_ins:
        for nth, (espo_id, betnr) in enumerate(templates):
            own = {"id": "printf('soak%013d', n.i)", "betnr": "1000000 + n.i", "name": "'Mustermann K' || n.i"}
            _rows(stand_ins, "sandbox_esporecord", f"s.id = '{espo_id}'", own, nth, number)
            named = "json_set(s.fields, '$.name', 'Mustermann K' || n.i)"
            own = {"bet_nr": "1000000 + n.i", "fields": named, "row_id": "s.row_id || n.i"}
            _rows(stand_ins, "sandbox_beteiligter", f"s.bet_nr = {betnr}", own, nth, number)
    _copy_ours(templates, number)
    return made


def _rows(base: sqlite3.Connection, table: str, which: str, own: dict[str, str], begin: int, end: int) -> None:
    """Every TEMPLATES-th number from `begin` on is a copy of the one row."""
    columns = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
    chosen = ", ".join(own.get(column, f"s.{column}") for column in columns)
    step = f"i + {TEMPLATES}"
    numbers = f"WITH RECURSIVE n(i) AS (SELECT {begin} UNION ALL SELECT {step} FROM n WHERE {step} < {end})"  # noqa: S608
    base.execute(
        f"{numbers} INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608
        f" SELECT {chosen} FROM n JOIN {table} s ON {which} WHERE n.i < {end}"
    )


def _copy_ours(templates: list[tuple[str, int]], number: int) -> None:
    from django.db import connection

    from syncapp.models import SyncRecord

    columns = [field.column for field in SyncRecord._meta.concrete_fields if not (field.primary_key or field.generated)]
    named = "jsonb_set(s.{}, '{{name}}', to_jsonb('Mustermann K' || n.i))"
    own = {
        "espo_id": "'soak' || lpad(n.i::text, 13, '0')",
        "betnr": "1000000 + n.i",
        "name": "'Mustermann K' || n.i",
        "row_id": "s.row_id || n.i",
        "base_espo": named.format("base_espo"),
        "base_advo": named.format("base_advo"),
    }
    chosen = ", ".join(own.get(column, f's."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        for nth, (espo_id, _betnr) in enumerate(templates):
            cursor.execute(
                f"INSERT INTO syncapp_syncrecord ({names}) SELECT {chosen}"  # noqa: S608
                f" FROM generate_series({nth}, {number - 1}, {TEMPLATES}) AS n(i)"
                " JOIN syncapp_syncrecord s ON s.espo_id = %s",
                [espo_id],
            )
        cursor.execute("ANALYZE")


def _spread_looks() -> None:
    """As if the regular looks had been going on for long: each minute brings a few."""
    from django.conf import settings

    from syncapp.models import SyncRecord

    rows, now = list(SyncRecord.objects.order_by("?").values_list("pk", flat=True)), datetime.now(UTC)
    whole = timedelta(hours=settings.SYNC_RECHECK_HOURS)
    parts = 60
    for part in range(parts):
        chosen = rows[part::parts]
        SyncRecord.objects.filter(pk__in=chosen).update(last_check=now - whole * part / parts)


def furnish_calendars(ground: Ground) -> None:
    """Three employees with a calendar each, live; called while the installation is at work."""
    seed_calendar.load(today=datetime.now(UTC).date())

    class Managed:
        folder, origin = ground.folder, ground.origin

        def manage(self, *arguments: str) -> Any:
            return ground.manage(*arguments)

    set_up(Managed())
