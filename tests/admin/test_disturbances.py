"""A system that is away is seen at once, and nobody is promised what cannot be kept while it is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.core.requests import QueueName
from syncapp.engine import control, queue_pauses
from syncapp.models import Alert, Breaker, BulkAction, CalendarEmployee, OperatorLog, SyncRecord
from syncapp.operations.actions import ACTIONS, ActionContext, child_cases, perform
from syncapp.operations.actions.bulk import many
from syncapp.operations.exports import orders
from tests.admin import rooms
from tests.support.servers import saying_nothing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
SYSTEMS = ["advoware", "espocrm"]
NAMES = {"advoware": "Advoware", "espocrm": "EspoCRM"}


def away(system: str = "advoware", *, minutes: int = 5, **columns: Any) -> Breaker:
    now = timezone.now()
    return Breaker.objects.create(
        **{
            "system": system,
            "kind": "transient",
            "reason": "no answer in time",
            "failures": 5,
            "opens": 3,
            "open_since": now - timedelta(minutes=minutes),
            "open_until": now + timedelta(minutes=4),
            **columns,
        }
    )


def clock(moment: Any) -> str:
    return f"{timezone.localtime(moment):%H:%M}"


def home(client: Client) -> str:
    return " ".join(client.get(reverse("admin:index")).text.split())


@pytest.mark.parametrize("system", SYSTEMS)
def test_home_says_which_since_when_why_how_many_wait_when_next_and_what_to_do(clerk: Client, system: str) -> None:
    row = away(system)
    for _times in range(3):
        rooms.record("dirty")
    rooms.failed("transient", next_retry_at=timezone.now() + timedelta(minutes=3))
    rooms.permanently_failed()
    text = home(clerk)
    assert f"{NAMES[system]} ist seit {clock(row.open_since)} gestört: keine Antwort innerhalb der Wartezeit" in text
    assert "4 Datensätze warten." in text, "what has failed for good does not wait"
    assert f"Nächster Versuch: um {clock(row.open_until)} Uhr." in text
    assert "Wahrscheinliche Ursache:" in text
    assert "Was zu tun ist:" in text
    assert reverse("admin:ops_system", args=[system]) in text


def test_home_says_so_in_the_first_minute_and_the_tile_says_until_when(clerk: Client) -> None:
    away(minutes=0)
    rooms.record("dirty")
    text = home(clerk)
    assert "Advoware ist seit" in text
    assert "<b>1</b> Abgleich steht aus<small>bis Advoware wieder antwortet</small>" in text


def test_the_alert_is_not_told_a_second_time_beside_it(operator: Client) -> None:
    away(minutes=20)
    alert = Alert.objects.create(rule="breaker_open", params={"systems": "Advoware"})
    banners = operator.get(reverse("admin:index")).context["banners"]
    assert [(banner.icon, banner.alert_id) for banner in banners] == [("cloud_off", alert.pk)]


def system_page(client: Client, system: str = "advoware", **query: str) -> str:
    return " ".join(client.get(reverse("admin:ops_system", args=[system]), query).text.split())


def test_the_page_of_a_system_and_its_button(clerk: Client, as_role: Callable[[str], Client]) -> None:
    row = away()
    rooms.record("dirty")
    text = system_page(clerk)
    assert f"gestört</span> seit {clock(row.open_since)}" in text
    assert "1 Datensatz wartet" in text
    assert "Jetzt erneut versuchen" in text
    assert "Jetzt erneut versuchen" not in system_page(as_role("Reader"))
    assert as_role("Reader").post(reverse("admin:ops_system", args=["advoware"])).status_code == 403


def test_trying_again_has_a_worker_ask_and_shows_what_it_found(clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "syncapp.engine.job_queue.enqueue_call", lambda job, *, queue_name: rung.append((job, queue_name))
    )
    away()
    answer = clerk.post(reverse("admin:ops_system", args=["advoware"]))
    assert answer.status_code == 302
    assert rung == [("syncapp.jobs.try_systems", "webhook")]
    row = Breaker.objects.get()
    assert row.open_until is not None
    assert row.open_until <= timezone.now()
    assert (OperatorLog.objects.get().action, OperatorLog.objects.get().result) == ("try_system", "advoware")
    asking = " ".join(clerk.get(answer.url).text.split())
    assert "Advoware wird jetzt gefragt" in asking
    assert "every 2s" in asking
    Breaker.objects.update(tried_at=timezone.now(), open_until=timezone.now() + timedelta(minutes=2))
    assert "wurde gefragt und arbeitet noch nicht: keine Antwort innerhalb der Wartezeit" in clerk.get(answer.url).text
    Breaker.objects.update(open_until=None, open_since=None, failures=0, opens=0)
    well = clerk.get(answer.url).text
    assert "Advoware hat geantwortet" in well
    assert reverse("admin:ops_system_state", args=["advoware"]) not in well, "and nobody asks any more"


def test_there_is_nothing_to_try_where_nothing_is_disturbed(clerk: Client) -> None:
    answer = clerk.post(reverse("admin:ops_system", args=["advoware"]), follow=True)
    assert "Advoware ist nicht mehr gestört" in answer.text
    assert clerk.get(reverse("admin:ops_system", args=["sap"])).status_code == 404


ASKS_FOR_RUN = sorted(code for code, act in ACTIONS.items() if act.enqueues)
FITTING: dict[str, Callable[[], Any]] = {
    "release_lock": rooms.locked,
    "resume": lambda: rooms.record("dirty", hold="paused"),
    "create_after_all": lambda: rooms.failed("needs_confirmation", betnr=None),
}


@pytest.mark.parametrize("code", ASKS_FOR_RUN)
def test_before_an_act_its_page_says_what_is_away_and_what_will_therefore_happen(boss: Client, code: str) -> None:
    record = FITTING.get(code, rooms.record)()
    address = reverse("admin:ops_record_act", args=[record.pk, code])
    words = "Angefordertes bleibt vorgemerkt"
    assert words not in boss.get(address).text
    row = away()
    text = boss.get(address).text
    assert words in text
    assert f"Advoware ist seit {clock(row.open_since)} gestört" in text


@pytest.mark.parametrize("code", sorted(set(ACTIONS) - set(ASKS_FOR_RUN) - {"unlink"}))
def test_an_act_that_needs_no_run_is_not_burdened_with_it(boss: Client, code: str) -> None:
    away()
    address = reverse("admin:ops_record_act", args=[rooms.record().pk, code])
    assert "gestört" not in boss.get(address).text


def test_what_a_person_did_by_hand_is_noted_and_not_told_as_synced(clerk: Client) -> None:
    record = rooms.record()
    record.links.create(entry_id=7, komm_kz=1, base={"espo": "+49 511 12345"}, type_change_told="Mobile")
    away()
    address = reverse("admin:ops_by_hand", args=[record.pk, "kommunikation", "type_corrected", 7])
    assert "Advoware ist seit" in clerk.get(address).text
    found = [str(message) for message in clerk.post(address, {}, follow=True).context["messages"]]
    assert "Vermerkt" in found[0]
    assert "Advoware ist seit" in found[1]


def test_an_act_that_calls_espocrm_itself_says_that_it_will_be_refused(boss: Client) -> None:
    away("espocrm")
    address = reverse("admin:ops_record_act", args=[rooms.record().pk, "unlink"])
    assert "wird wahrscheinlich abgelehnt" in boss.get(address).text
    conflict = rooms.lost()
    assert "wird wahrscheinlich abgelehnt" in boss.get(reverse("admin:ops_restore", args=[conflict.pk])).text


@pytest.mark.parametrize(
    "switch, words",
    [
        (
            lambda: control.set_mode(mode="paused", by="anna"),
            "Angefordertes bleibt vorgemerkt, bis die Pause beendet wird",
        ),
        (lambda: control.set_mode(mode="shadow", by="anna"), "Schattenbetrieb: Ein Lauf plant nur"),
        (lambda: control.hold_side(side="advoware", held=True, by="anna"), "In Advoware wird nichts geschrieben"),
    ],
)
def test_switches_stand_in_the_way_too(boss: Client, switch: Callable[[], Any], words: str) -> None:
    switch()
    assert words in boss.get(reverse("admin:ops_record_act", args=[rooms.record().pk, "sync_now"])).text


def test_google_stands_in_the_way_of_calendars_alone(boss: Client, settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    away("google_calendar")
    row = CalendarEmployee.objects.create(kuerzel="SB", google_address="sb@kanzlei.example")
    kept = "Angefordertes bleibt vorgemerkt"
    assert kept in boss.get(reverse("admin:syncapp_calendaremployee_change", args=[row.pk])).text
    record = rooms.record()
    address = reverse("admin:ops_record_act", args=[record.pk, "sync_now"])
    assert kept not in boss.get(address).text
    assert kept not in boss.post(address, follow=True).text


def test_what_waits_for_google_is_calendars_and_no_record(clerk: Client, settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    away("google_calendar")
    CalendarEmployee.objects.create(kuerzel="SB", status="dirty", mode="live")
    record = rooms.record("dirty")
    page = clerk.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text
    assert "Google ist seit" not in page, "a run does not call it"
    assert "Wartet, bis er an der Reihe ist" in page
    assert "bis Google wieder antwortet" not in home(clerk)
    text = system_page(clerk, "google_calendar")
    assert "1 Kalender wartet" in text
    assert "Datensatz wartet" not in text


def test_held_writes_to_google_stand_in_the_way_of_calendars_alone(boss: Client, settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    control.hold_side(side="google", held=True, by="anna")
    row = CalendarEmployee.objects.create(kuerzel="SB", google_address="sb@kanzlei.example")
    held = "In Google wird nichts geschrieben"
    assert held in boss.get(reverse("admin:syncapp_calendaremployee_change", args=[row.pk])).text
    assert held not in boss.get(reverse("admin:ops_record_act", args=[rooms.record().pk, "sync_now"])).text


def test_paused_queues_stand_in_the_way_where_no_other_carries_it_out(boss: Client, settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    settings.QUEUE_NAMES = [*QueueName]
    calendar = CalendarEmployee.objects.create(kuerzel="SB", google_address="sb@kanzlei.example")
    of_a_record = reverse("admin:ops_record_act", args=[rooms.record().pk, "sync_now"])
    of_a_calendar = reverse("admin:syncapp_calendaremployee_change", args=[calendar.pk])
    tells = "Bis das endet, wird nichts ausgeführt"
    queue_pauses.pause(queue=QueueName.URGENT, by="anna", reason="Umzug")
    assert tells not in boss.get(of_a_record).text, "a minute later it goes by the other queue"
    queue_pauses.pause(queue=QueueName.SWEEP, by="anna", reason="Umzug")
    assert tells in boss.get(of_a_record).text
    assert tells not in boss.get(of_a_calendar).text
    queue_pauses.pause(queue=QueueName.CALENDAR, by="anna", reason="Umzug", until=timezone.now() + timedelta(hours=1))
    assert "durch anna pausiert: Vor" in boss.get(of_a_calendar).text


def test_what_waits_for_a_worker_of_a_paused_queue_is_not_called_at_work(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "AT_ONCE", 0)
    monkeypatch.setattr(orders, "AT_ONCE", -1)
    queue_pauses.pause(queue=QueueName.BULK, by="anna", reason="Umzug")
    user = User.objects.get(username="chefin")
    bulk = many.propose(code="pause", ids=[rooms.record().pk], user=user)
    tells, promises = "Bis das endet, wird nichts ausgeführt", ("in Arbeit", "die Arbeit geht weiter")
    address = reverse("admin:ops_many", args=[bulk.pk])
    assert tells in boss.get(address).text, "before it is confirmed"
    export = orders.order(source="syncrecord", title="Datensätze", query="", form="xlsx", user=user, rows=1)
    for text in (
        boss.post(address, {"reason": "Umzug"}, follow=True).text,
        boss.get(reverse("admin:ops_many_progress", args=[bulk.pk])).text,
        boss.get(reverse("admin:ops_export_progress", args=[export.pk])).text,
    ):
        assert tells in text
        assert not any(words in text for words in promises)
    queue_pauses.resume(queue=QueueName.BULK, by="anna")
    assert "die Arbeit geht weiter" in boss.get(address).text


def test_after_an_act_nothing_is_called_done_that_was_only_asked_for(boss: Client) -> None:
    away()
    record = rooms.failed()
    text = boss.post(reverse("admin:ops_record_act", args=[record.pk, "sync_now"]), follow=True).text
    assert "Angefordert: Erneut versuchen." in text
    assert "Erledigt" not in text
    assert "bleibt vorgemerkt" in text
    assert reverse("admin:ops_state", args=[record.pk]) in text, "and the page follows the record"


def test_a_decision_promises_no_seconds_while_a_system_is_away(boss: Client) -> None:
    away()
    conflict = rooms.conflict()
    address = reverse("admin:ops_decide", args=[conflict.record_id])
    assert "bleibt vorgemerkt" in boss.get(address).text
    text = boss.post(address, {f"keep_{conflict.pk}": "espocrm"}, follow=True).text
    assert "ist angefordert" in text
    assert "Sekunden" not in text
    assert "bleibt vorgemerkt" in text


def held(record: SyncRecord, code: str) -> None:
    perform(code=code, record=record, action_context=ActionContext(actor="demo", reason="Mandat ruht"))
    record.refresh_from_db()


@pytest.mark.parametrize("code, words", [("pause", "pausiert"), ("ignore", "ignoriert")])
def test_no_run_is_promised_for_a_record_that_somebody_holds(
    code: str, words: str, boss: Client, settings: Any
) -> None:
    settings.ESPOCRM_ADRESSEN = "entity"
    conflict, case = rooms.conflict(), rooms.child_case()
    for record in (conflict.record, case.record):
        held(record, code)
    decide = reverse("admin:ops_decide", args=[conflict.record_id])
    task = reverse("admin:ops_child_case", args=[case.pk])
    told = f"gilt, sobald jemand den Datensatz weiterlaufen lässt ({words} von demo seit"
    for address, said in (
        (decide, {f"keep_{conflict.pk}": "espocrm"}),
        (task, {"answer": "different", "seen": child_cases.stamp(case)}),
    ):
        assert told in boss.get(address).text
        answer = boss.post(address, said, follow=True)
        messages = " ".join(str(message) for message in answer.context["messages"])
        assert f"{told}" in messages
        assert ": Mandat ruht)" in messages
        assert "angefordert" not in messages


def test_the_head_of_a_held_record_says_by_whom_and_why(boss: Client) -> None:
    record = rooms.record()
    held(record, "pause")
    for name in ("syncapp_syncrecord_change", "ops_state"):
        text = boss.get(reverse(f"admin:{name}", args=[record.pk])).text
        assert "Pausiert von demo seit" in text
        assert "Mandat ruht" in text


def test_a_hold_of_which_nobody_knows_any_more_is_said_without_a_name(boss: Client) -> None:
    text = boss.get(reverse("admin:ops_state", args=[rooms.record(hold="paused").pk])).text
    assert "Von Hand pausiert" in text


def test_a_record_held_with_others_names_who_did_it(boss: Client) -> None:
    bulk = BulkAction.objects.create(code="pause", ids=[1], total=1, actor="sabine", reason="Umzug")
    text = boss.get(reverse("admin:ops_state", args=[rooms.record(hold="paused", held_by=bulk).pk])).text
    assert "Pausiert von sabine seit" in text
    assert "Umzug" in text


def test_an_act_on_many_that_set_another_hold_does_not_name_this_one(boss: Client) -> None:
    """Paused with others by sabine, unlinked by demo since."""
    bulk = BulkAction.objects.create(code="pause", ids=[1], total=1, actor="sabine", reason="Umzug")
    record = rooms.record(hold="unlinked", held_by=bulk)
    OperatorLog.objects.create(action="unlink", record=record, actor="demo", reason="falsche Person")
    text = boss.get(reverse("admin:ops_state", args=[record.pk])).text
    assert "Gelöst von demo seit" in text
    assert ("falsche Person" in text, "Umzug" in text) == (True, False)


def test_ending_a_hold_is_not_told_to_wait_for_its_end(boss: Client) -> None:
    record = rooms.record()
    held(record, "pause")
    address = reverse("admin:ops_record_act", args=[record.pk, "resume"])
    assert "weiterlaufen lässt (" not in boss.get(address).text
    assert "weiterlaufen lässt (" not in boss.post(address, follow=True).text


@pytest.mark.parametrize("paused", ["all", "record"])
def test_one_after_another_no_run_within_a_minute_is_promised_that_does_not_come(paused: str, boss: Client) -> None:
    conflict = rooms.conflict()
    if paused == "all":
        control.set_mode(mode="paused", by="anna", reason="Umzug")
    else:
        held(conflict.record, "pause")
    said = {"conflict": conflict.pk, "seen_espo": conflict.espo, "seen_advo": conflict.advo, "keep": "espocrm"}
    text = boss.post(reverse("admin:ops_queue"), said, follow=True).text
    assert "innerhalb einer Minute" not in text
    assert "zurzeit überträgt es kein Lauf" in text
    assert ("Alles ist" if paused == "all" else "pausiert von demo seit") in text


def test_the_record_is_followed_until_it_comes_to_rest(clerk: Client) -> None:
    record = rooms.record("dirty")
    address = reverse("admin:ops_state", args=[record.pk])
    assert "every 3s" in clerk.get(address).text
    type(record).objects.update(status="clean", dirty_since=None)
    text = clerk.get(address).text
    assert "every 3s" not in text
    assert "Beide Seiten sind gleich" in text
    assert "Seite neu anzeigen" in text


def test_pages_say_before_the_button_that_no_worker_gets_a_job(boss: Client, settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    row = CalendarEmployee.objects.create(kuerzel="SB", google_address="sb@kanzlei.example")
    record, conflict = rooms.record(), rooms.conflict()
    user = User.objects.get(username="chefin")
    bulk = many.propose(code="resync", ids=[record.pk] * 2000, user=user)
    addresses = [
        reverse("admin:ops_record_act", args=[record.pk, "sync_now"]),
        reverse("admin:ops_decide", args=[conflict.record_id]),
        reverse("admin:ops_restore", args=[rooms.lost().pk]),
        reverse("admin:ops_many", args=[bulk.pk]),
        reverse("admin:syncapp_calendaremployee_change", args=[row.pk]),
        reverse("admin:ops_calendar_act", args=[row.pk, "share"]),
    ]
    tells = "Redis antwortet nicht: Kein Arbeitsprozess bekommt einen Auftrag."
    assert [address for address in addresses if tells in boss.get(address).text] == []
    settings.REDIS_URL = "redis://127.0.0.1:1/1"
    assert [boss.get(address).text.count(tells) for address in addresses] == [1] * len(addresses)
    assert tells not in boss.get(reverse("admin:ops_record_act", args=[record.pk, "pause"])).text, "no run is needed"


@pytest.mark.django_db(transaction=True)
def test_a_redis_that_says_nothing_is_waited_for_once(clerk: Client, settings: Any) -> None:
    """By the page that asks, the act that enqueues, and the page that it leads to: one connection and its repeat."""
    act = reverse("admin:ops_record_act", args=[rooms.record("dirty").pk, "sync_now"])
    with saying_nothing() as (port, calls):
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/1"
        assert "Redis antwortet nicht" in clerk.get(act).text
        assert "Redis antwortet nicht" in clerk.post(act, {"reason": ""}, follow=True).text
        assert "webhooks" in clerk.get(reverse("admin:ops_machinery")).text.casefold()
    assert len(calls) == 2


@pytest.mark.parametrize(
    "reason, tells",
    [("too many requests", "Es ist viel auf einmal zu übertragen"), ("no answer in time", "Ein Neustart")],
)
def test_a_system_that_takes_calls_more_slowly_is_told_apart_from_one_that_is_down(
    clerk: Client, settings: Any, reason: str, tells: str
) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    away("google_calendar", reason=reason)
    others = {"Es ist viel auf einmal zu übertragen", "Ein Neustart"} - {tells}
    for text in (home(clerk), system_page(clerk, "google_calendar")):
        assert tells in text
        assert not any(other in text for other in others)


def test_the_command_line_that_paused_is_told_in_german(boss: Client) -> None:
    control.set_mode(mode="paused", by="command line (root)", reason="Umzug")
    queue_pauses.pause(queue=QueueName.SWEEP, by="command line (root)", reason="Umzug")
    record = rooms.record("dirty")
    CalendarEmployee.objects.create(kuerzel="SB")
    OperatorLog.objects.create(actor="command line (root)", action="purge_person", record=record)
    for address in (
        reverse("admin:index"),
        reverse("admin:ops_switches"),
        reverse("admin:ops_jobs"),
        reverse("admin:ops_record_act", args=[record.pk, "sync_now"]),
        reverse("admin:syncapp_syncrecord_change", args=[record.pk]),
    ):
        text = boss.get(address).text
        assert "Befehlszeile (root)" in text
        assert "command line" not in text
