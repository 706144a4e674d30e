"""A firm's installation on a working day: people in every state, and everything that the lists of the admin show.

Nobody is real; numbers come from the ranges kept free for films. Moments lie before now, so that ages are plausible.
To extend: a further person is a row of PEOPLE, a further state a line in `settle_down`.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Model
from django.utils import timezone

from syncapp.engine import job_queue
from syncapp.engine.rows.counters import LAG_BUCKETS, SYNC_BUCKETS
from syncapp.entities.beteiligte.finding import texts
from syncapp.models import (
    Alert,
    Attempt,
    BulkAction,
    BulkState,
    CallOutcome,
    Case,
    ChildCase,
    Conflict,
    Control,
    Counter,
    DeletionTask,
    DriftReport,
    DriftRow,
    FieldChange,
    Heartbeat,
    HourFigures,
    InboxElement,
    Notice,
    OperatorLog,
    ProxyKey,
    StatusChange,
    Sweep,
    SyncRecord,
)
from syncapp.worker import SyncWorker
from tests.admin import rooms

OLD_NUMBER = "+493023125410"
# first name, family name, phone number
PEOPLE = (
    ("Frieda", "Müller", OLD_NUMBER),
    ("Jürgen", "Größer", "+494066969123"),
    ("Özlem", "Yıldız", "+4917139200451"),
    ("Matthias", "von der Heide", "+498999998333"),
    ("Renate", "Schröder", "+492214710822"),
    ("Ole", "Petersen", "+494066969777"),
    ("Käthe", "Strauß", "+493023125019"),
    ("Henning", "Böttcher", "+496990009312"),
    ("Wiebke", "Jäger", "+4917604069012"),
    ("", "Nußbaum Tiefbau GmbH", "+492214710500"),
    ("Lars", "Lindemann", "+493023125888"),
    ("Marlene", "Voß", "+494066969400"),
)


@dataclass(frozen=True)
class Town:
    """What tests open. Each is a row of the kind its name says."""

    woman: SyncRecord  # Frieda Müller, permanently failed
    refused: SyncRecord
    torn: SyncRecord  # with open conflicts
    locked: SyncRecord
    lost: Conflict
    deletion: DeletionTask
    question: ChildCase  # two similar addresses
    asked: BulkAction
    together: BulkAction  # the open conflicts, to be decided
    running: BulkAction
    attempt: Attempt
    element: InboxElement
    alert: Alert
    drift: DriftReport
    key: ProxyKey


def ago(**span: float) -> Any:
    return timezone.now() - timedelta(**span)


def at(row: Model, **moments: Any) -> None:
    """Put a row's moments where they belong: they are set by the database when it is made."""
    type(row)._default_manager.filter(pk=row.pk).update(**moments)


def person(number: int, status: str = "clean", **columns: Any) -> SyncRecord:
    first, family, phone = PEOPLE[number]
    values = {"name": family, "vorname": first, "rechtsform": "natürliche Person" if first else "GmbH"}
    mail = f"kontakt{number}@kanzlei.example"
    made = rooms.record(
        status,
        **{
            "espo_id": f"68a1f0{number:02d}c4d7e9b3a",
            "betnr": 20_410 + 37 * number,
            "name": f"{first} {family}".strip(),
            "base_espo": values,
            "base_advo": values,
            "last_check": ago(minutes=7 + 13 * number),
            "lists": {
                "phoneNumberData": [[phone, "Office", True, False, False]],
                "emailAddressData": [[mail, "", True, False, False]],
            },
            **columns,
        },
    )
    texts.refresh(made, before=[])
    return made


def settle_down(by: User, *, woman: SyncRecord | None = None) -> Town:
    """Everything that a list or a page can show, once at least. woman: a record that there is in both systems too."""
    rooms.go_live()
    Control.objects.update(
        live_since=ago(days=41), changed_at=ago(days=41), by="jan.peters", reason="Probelauf beendet"
    )
    be_alive()
    woman = woman or person(0)
    SyncRecord.objects.filter(pk=woman.pk).update(
        status="permanently_failed",
        kind="transient",
        fault=rooms.AWAY,
        retry_count=5,
        auto_reset_at=timezone.now() + timedelta(hours=20),
        last_synced_at=ago(hours=26),
        last_check=ago(hours=4.5),
        dirty_since=ago(hours=6),
    )
    for rows in (woman.attempts, woman.changes, woman.status_changes, woman.elements):
        rows.all().delete()
    woman.refresh_from_db()
    refused = person(1, "failed", kind="validation", fault=rooms.TOO_LONG, dirty_since=ago(hours=2))
    torn = person(2, "conflict", dirty_since=ago(minutes=50))
    person(
        3, "failed", kind="create_outcome_unknown", fault={"code": "create_outcome_unknown", "params": {}}, betnr=None
    )
    person(
        4,
        "failed",
        kind="transient",
        fault=rooms.AWAY,
        retry_count=2,
        next_retry_at=timezone.now() + timedelta(minutes=9),
    )
    locked = rooms.locked(name="Ole Petersen", espo_id="68a1f005c4d7e9b3a", lease_holder="worker-webhook:4711:33")
    gone = person(6, "deleted_in_espocrm", completed=1, dirty_since=None)
    person(7, hold="paused", status="dirty")
    for number in (8, 9, 10, 11):
        person(number)
    rooms.conflict(torn)
    rooms.conflict(torn, field="geburtsdatum", base_espo="1971-03-09", espo="1971-09-03", advo="1971-03-08")
    lost = rooms.conflict(
        refused,
        field="zusatz",
        base_espo=None,
        espo="c/o Kanzlei",
        advo="2. Hof links",
        open=False,
        kept="espocrm",
        policy="espocrm_wins",
    )
    at(lost, at=ago(days=3))
    deletion = DeletionTask.objects.create(record=gone, espo_id=gone.espo_id, betnr=gone.betnr)
    at(deletion, created_at=ago(days=2))
    done = DeletionTask.objects.create(
        record=None, espo_id="68a1f0ffc4d7e9b3a", betnr=19_998, done_at=ago(days=6), done_by=by
    )
    at(done, created_at=ago(days=8))
    Case.objects.create(
        record=woman,
        assignee=by,
        due=timezone.localdate() + timedelta(days=1),
        changed_by=by.username,
        note="Rückruf zugesagt.",
    )
    attempt = _history(woman)
    return Town(
        woman=woman,
        refused=refused,
        torn=torn,
        locked=locked,
        lost=lost,
        deletion=deletion,
        question=_tasks(refused, torn),
        attempt=attempt,
        element=InboxElement.objects.latest("pk"),
        alert=_alerts(by),
        drift=_drift(refused, woman),
        key=_programs(),
        **_great(woman, by),
    )


def _tasks(first: SyncRecord, second: SyncRecord) -> ChildCase:
    """Addresses and accounts that wait for somebody, one that was answered and one that has closed itself."""
    here, there = {"strasse": "Lindenallee 7", "plz": "30159", "ort": "Hannover"}, {"plz": "1010", "ort": "Wien"}
    both = {f"espo_{name}": text for name, text in here.items()} | {f"advo_{name}": text for name, text in here.items()}
    question = rooms.child_case(first, params={**both, "advo_strasse": "Lindenallee 17"}, opened_at=ago(hours=3))
    moved = {f"espo_{name}": text for name, text in {**here, **there, "land": "Österreich"}.items()}
    by_hand = {**both, **moved}
    rooms.child_case(second, code="change_in_advoware", row=12, params=by_hand, opened_at=ago(hours=20))
    rooms.account_case(second, opened_at=ago(days=1))
    gone = {"code": "delete_in_advoware", "row": 14, "params": here}
    rooms.child_case(first, **gone, opened_at=ago(days=4), done_at=ago(days=3), done_by="sabine.krause")
    rooms.child_case(second, **gone, opened_at=ago(days=6), closed_at=ago(days=5))
    rooms.child_case(
        first,
        code="waiting",
        row=4,
        params={"advo_strasse": "Uferstraße 3", "advo_ort": "Hamburg"},
        opened_at=ago(days=2),
    )
    return question


def _history(woman: SyncRecord) -> Attempt:
    """A day of Frieda Müller: synced in the morning, changed at noon, then Advoware was away."""
    first = Attempt.objects.create(
        record=woman,
        espo_id=woman.espo_id,
        trigger="update",
        source="webhook",
        started_at=ago(hours=26),
        duration_ms=840,
        outcome="done",
        verdict="espocrm_newer",
        fields_changed=["advoware.titel"],
        summary={"Var1": {"done": 1}},
    )
    change = FieldChange.objects.create(
        record=woman, attempt=first, side="advoware", field="titel", before=None, after="Dr."
    )
    at(change, at=ago(hours=26))
    moments = (6, 5.9, 5.8, 5.5, 4.5)
    tries = [
        Attempt.objects.create(
            record=woman,
            espo_id=woman.espo_id,
            trigger="update",
            source="webhook" if n == 0 else "sweep",
            started_at=ago(hours=hours),
            duration_ms=30_120,
            outcome="failed",
            kind="transient",
            fault=rooms.AWAY,
        )
        for n, hours in enumerate(moments)
    ]
    for number, (action, result, hours) in enumerate(
        (("update", "counted", 6), ("update", "echo", 26), ("create", "counted", 700), ("update", "irrelevant", 30))
    ):
        element = InboxElement.objects.create(
            delivery=uuid.UUID(int=number + 1),
            record=woman,
            espo_id=woman.espo_id,
            action=action,
            result=result,
            attributes={"id": woman.espo_id, "name": "Müller", "phoneNumber": "+493023125410"},
        )
        at(element, received_at=ago(hours=hours), judged_at=ago(hours=hours))
    step = StatusChange.objects.create(record=woman, before="clean", after="dirty", event="changed", cause="webhook")
    at(step, at=ago(hours=6))
    notice = Notice.objects.create(
        record=woman, espo_id=woman.espo_id, event="permanently_failed", params={}, user_id="anna"
    )
    at(notice, created_at=ago(hours=4.5), sent_at=ago(hours=4.4))
    log = OperatorLog.objects.create(
        actor="sabine.krause",
        action="sync_now",
        target=woman.espo_id,
        record=woman,
        reason="Mandantin hat angerufen",
        result="",
    )
    at(log, at=ago(hours=5.5))
    for hours in range(1, 8):
        Sweep.objects.create(
            started_at=ago(minutes=15 * hours),
            finished_at=ago(minutes=15 * hours - 0.1),
            counts={"discovered": hours % 3, "picked": hours, "rechecked": 100},
        )
    Sweep.objects.create(
        started_at=ago(hours=5),
        finished_at=ago(hours=4.9),
        counts={},
        fault={"discovered": "EspoCRM: 503 Service Unavailable"},
    )
    _figures()
    return tries[-1]


def _figures() -> None:
    """Counters of a month, growing by the hour as on working days."""
    sums = {"heaps": {}, "calls": {}, "conflicts": {"all": 0}, "kinds": {}, "duration": {}, "lag": {}}  # type: dict[str, dict[str, int]]
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    rows = []
    for back in range(30 * 24, 0, -1):
        hour = now - timedelta(hours=back)
        busy = (7 <= timezone.localtime(hour).hour <= 18) * (12 + hour.day % 7) + 2
        for heap, share in (("equal", 10), ("held", 0.2), ("failed", 0.5), ("waiting", 0.4)):
            sums["heaps"][heap] = sums["heaps"].get(heap, 0) + round(busy * share)
        for system, share in (("espocrm", 24), ("advoware", 17)):
            sums["calls"][system] = sums["calls"].get(system, 0) + busy * share
        for kind, share in (("transient", 0.4), ("validation", 0.1)):
            sums["kinds"][kind] = sums["kinds"].get(kind, 0) + round(busy * share)
        sums["conflicts"]["all"] += busy // 9
        for key, bounds in (("duration", SYNC_BUCKETS), ("lag", LAG_BUCKETS)):
            for place, share in ((2, 50), (3, 20 + hour.hour % 5), (4, (hour.day + hour.hour * 3) % 7)):
                name = str(bounds[place])
                sums[key][name] = sums[key].get(name, 0) + busy * share
        rows.append(HourFigures(hour=hour, figures={key: dict(tally) for key, tally in sums.items()}))
    HourFigures.objects.bulk_create(rows)
    this_hour = {"done": ("equal", 61), "held": ("held", 1), "failed": ("failed", 3), "shadow": ("waiting", 1)}
    for outcome, (heap, number) in this_hour.items():
        Counter.objects.create(name="sync", labels=f"outcome={outcome}", value=sums["heaps"][heap] + number)
    for key, name in (("duration", "sync_duration_seconds_bucket"), ("lag", "sync_lag_seconds_bucket")):
        for bound, number in sums[key].items():
            Counter.objects.create(name=name, labels=f"le={bound}", value=number + 7)
    Counter.objects.create(name="sync_conflicts", value=sums["conflicts"]["all"] + 1)
    for kind, number in sums["kinds"].items():
        Counter.objects.create(name="sync_errors", labels=f"kind={kind}", value=number + 1)
    for system, number in sums["calls"].items():
        Counter.objects.create(name="remote_calls", labels=f"system={system}", value=number + 200)


def _alerts(by: User) -> Alert:
    open_one = Alert.objects.create(rule="many_errors", params={"number": 63, "limit": 50})
    seen = Alert.objects.create(
        rule="long_round", params={"hours": 31}, acknowledged_at=ago(hours=20), acknowledged_by=by
    )
    over = Alert.objects.create(
        rule="breaker_open",
        params={"systems": "Advoware"},
        closed_at=ago(days=2, hours=-1),
        acknowledged_at=ago(days=2, minutes=-12),
        acknowledged_by=by,
    )
    at(open_one, opened_at=ago(hours=1))
    at(seen, opened_at=ago(hours=30))
    at(over, opened_at=ago(days=2))
    return open_one


def _great(woman: SyncRecord, by: User) -> dict[str, BulkAction]:
    """An act that waits for its confirmation, one at work, one done."""
    ids = list(SyncRecord.objects.order_by("pk").values_list("pk", flat=True))
    said = {
        "actor": "jan.peters",
        "reason": "Advoware war wegen eines Updates nicht erreichbar",
        "total": 250,
        "ids": ids,
    }
    running = BulkAction.objects.create(
        **said,
        code="sync_now",
        state=BulkState.RUNNING,
        position=150,
        done=149,
        moved_at=timezone.now(),
        worker="w",
        refused={"Gerade läuft eine Synchronisation.": 1},
    )
    done = BulkAction.objects.create(**{**said, "total": 40}, code="resync", state=BulkState.DONE, position=40, done=40)
    at(running, created_at=ago(minutes=1))
    at(done, created_at=ago(days=1))
    asked = BulkAction.objects.create(code="sync_now", ids=ids[:5], total=5, actor=by.username, user=by)
    open_ones = list(Conflict.objects.filter(open=True).values_list("pk", flat=True))
    together = BulkAction.objects.create(
        code="decide_conflicts", ids=open_ones, total=len(open_ones), actor=by.username, user=by
    )
    return {"asked": asked, "running": running, "together": together}


def _drift(*records: SyncRecord) -> DriftReport:
    for back, unexpected in ((21, 3), (14, 0), (7, 1)):
        report = DriftReport.objects.create(
            by="jan.peters",
            scope="all",
            finished_at=ago(days=back),
            records=1240,
            equal=1215 - unexpected,
            expected=25,
            unexpected=unexpected,
        )
        at(report, started_at=ago(days=back, minutes=4))
    for record, field, reason, expected in (
        (records[0], "vorname", "failed", True),
        (records[1], "kommunikation", "failed", True),
        (records[1], "titel", "unexplained", False),
    ):
        DriftRow.objects.create(
            report=report,
            record=record,
            espo_id=record.espo_id,
            betnr=record.betnr,
            field=field,
            state="differs",
            reason=reason,
            expected=expected,
        )
    return report


def be_alive() -> None:
    """The parts that beat have beaten."""
    for name in ("dispatcher", "sweep"):
        Heartbeat.objects.update_or_create(pk=name, defaults={"at": ago(minutes=1 if name == "dispatcher" else 9)})


def workers_are_there(connection: redis.Redis) -> list[SyncWorker]:
    """One worker for each queue, as far as Redis knows; whoever needs them for longer has them `show_life`."""
    queues = [(name, job_queue.queue(name, settings.REDIS_URL)) for name in settings.QUEUE_NAMES]
    made = [SyncWorker([queue], connection=connection, name=f"{name}-{uuid.uuid4().hex}") for name, queue in queues]
    for worker in made:
        worker.register_birth()
    return made


def _programs() -> ProxyKey:
    """Two keys of other programs, and calls of every outcome."""
    rooms.proxy_key("n8n", revoked_at=ago(days=3), revoked_by="jan.peters", revoke_reason="Server getauscht")
    key = rooms.proxy_key("Telefonanlage", networks=["10.0.5.0/24"], last_used_at=ago(minutes=4))
    for outcome in CallOutcome.values:
        rooms.proxy_call(key=key, caller=key.name, outcome=outcome, code="", parameters=["from"])
    return key
