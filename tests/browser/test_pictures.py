"""The pictures of the documents, taken from the real pages: `make pictures`. Looked at by people before they are kept.

Not collected otherwise, so that a test run changes no file. To extend: a picture is a row of PICTURES, and is shown in
docs/BEDIENUNG.md.
"""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from PIL import Image

from syncapp.models import CalendarEmployee, Control, SyncRecord
from syncapp.worker import SyncWorker
from tests.admin import rooms
from tests.browser.conftest import member_of_staff
from tests.browser.town import OLD_NUMBER, Town, ago, be_alive, person, settle_down, workers_are_there
from tests.browser.visitor import Visitor
from tests.support.calendars import Office, day, hours
from tests.support.firm import Firm

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
LARGEST = 200_000
Step = Callable[[Visitor, Town], object]
# name: (how to get there, height of the picture)
PICTURES: dict[str, tuple[Step, int]] = {
    "startseite": (lambda v, t: v.go("index"), 1180),
    "datensaetze": (lambda v, t: v.go("syncapp_syncrecord_changelist"), 1060),
    "datensatz": (lambda v, t: v.see_record(t.woman), 1215),
    "konflikte": (lambda v, t: v.go("syncapp_conflict_changelist"), 560),
    "entscheiden": (lambda v, t: v.go("ops_decide", t.torn.pk), 760),
    "nacheinander": (lambda v, t: v.go("ops_queue"), 720),
    "gemeinsam": (lambda v, t: v.go("ops_many", t.together.pk), 840),
    "ursachen": (lambda v, t: v.go("ops_causes"), 760),
    "bestaetigen": (lambda v, t: v.go("ops_record_act", t.woman.pk, "sync_now"), 560),
    "viele": (lambda v, t: v.go("ops_many", t.asked.pk), 640),
    "fortschritt": (lambda v, t: v.go("ops_many", t.running.pk), 480),
    "vergleich": (lambda v, t: v.go("syncapp_driftreport_change", t.drift.pk), 820),
    "loeschen": (lambda v, t: v.go("syncapp_deletiontask_changelist"), 460),
    "aufgaben": (lambda v, t: v.go("syncapp_childcase_changelist"), 800),
    "aufgabe": (lambda v, t: v.go("ops_child_case", t.question.pk), 900),
    "alarme": (lambda v, t: v.go("syncapp_alert_changelist"), 640),
    "schalter": (lambda v, t: v.go("ops_switches"), 1000),
    "zahlen": (lambda v, t: v.go("ops_sheet"), 900),
    "exportieren": (lambda v, t: v.go("ops_export_new", "conflict"), 760),
    "webhooks": (lambda v, t: v.go("syncapp_inboxelement_changelist"), 560),
    "auftraege": (lambda v, t: v.go("ops_jobs"), 900),
    "benutzer": (lambda v, t: v.go("auth_user_changelist"), 560),
    "neuer-benutzer": (lambda v, t: v.go("ops_user_new"), 1000),
    "rollen": (lambda v, t: v.go("auth_group_changelist"), 480),
    "proxy": (lambda v, t: v.go("syncapp_proxykey_changelist"), 620),
}
# The same on a phone: name: (how to get there, height of the picture).
PHONE_PICTURES: dict[str, tuple[Step, int]] = {
    "handy": (lambda v, t: v.go("index"), 844),
    "handy-datensatz": (lambda v, t: v.see_record(t.woman), 844),
}
DESK, PHONE = 1360, 390


# Where calendars are synced; taken with both stand-ins behind them, so that the weeks are there as they are.
CALENDAR_PICTURES: dict[str, tuple[Callable[[Visitor], object], int]] = {
    "kalender": (lambda v: v.go("syncapp_calendaremployee_changelist"), 690),
    "kalender-person": (lambda v: v.go("syncapp_calendaremployee_change", _sabine().pk), 1000),
    "termin": (lambda v: v.go("syncapp_appointment_change", _sabine().appointments.get(status="ask").pk), 900),
}


def _sabine() -> CalendarEmployee:
    return CalendarEmployee.objects.get(kuerzel="SB")


def test_pictures_of_calendars(come: Callable[..., Visitor], office: Office, redis_client: redis.Redis) -> None:
    for kuerzel, name in (("SB", "Sabine Berg"), ("AI", "Alexander Imhof"), ("RO", "Renate Otto")):
        office.hire(kuerzel, name=name, google_address=f"{name.lower().replace(' ', '.')}@kanzlei.example")
    office.enter(0, text="Besprechung Neumandat", ort="Kanzlei")
    office.enter(1, text="Fristenkontrolle", dauertermin=1, turnus=1, turnusArt=2, datumBis=day(60))
    moved, asked = (
        office.enter(days, text=text) for days, text in ((2, "Notartermin"), (4, "Verhandlung LG Hannover"))
    )
    office.enter(1, "AI", text="Mandantengespräch")
    for kuerzel in ("SB", "AI", "RO"):
        office.sync(kuerzel)
    office.settings.CALENDAR_CONFLICT_POLICY = "ask"
    office.edit(asked, text="Gütetermin LG Hannover")
    office.in_google("change", office.row(asked).google_id, summary="Verhandlung LG Hannover, Saal 12")
    office.sync()
    office.in_google("change", office.row(moved).google_id, **hours(3, "14:00", "15:00"))
    workers_are_there(redis_client)
    visitor, too_large = come("boss"), {}
    for name, (open_page, height) in CALENDAR_PICTURES.items():
        visitor.page.set_viewport_size({"width": 1360, "height": height})
        open_page(visitor)
        visitor.settle()
        too_large[name] = _keep(visitor.page.screenshot(animations="disabled"), FOLDER / f"{name}.png")
    assert {name: size for name, size in too_large.items() if size > LARGEST} == {}


@pytest.fixture
def woman(firm: Firm) -> SyncRecord:
    """Frieda Müller in both systems, with a number that was changed in EspoCRM and never arrived."""
    old = {"phoneNumber": OLD_NUMBER, "type": "Office", "primary": True}
    mobile = {"phoneNumber": "+4917139200451", "type": "Mobile"}
    mail = [{"emailAddress": "frieda.mueller@example.org", "primary": True}]
    espo_id, _betnr = firm.pair(
        name="Müller",
        vorname="Frieda",
        titel="Dr.",
        anrede="Frau",
        bAnrede="Sehr geehrte Frau Dr. Müller",
        phoneNumberData=[old, mobile],
        emailAddressData=mail,
    )
    firm.sandbox.anna.change(
        espo_id, phoneNumberData=[{**old, "phoneNumber": "+493023125999"}, mobile], zusatz="Hinterhaus"
    )
    firm.ask(espo_id)
    return firm.record(espo_id)


def test_pictures(come: Callable[..., Visitor], woman: SyncRecord, redis_client: redis.Redis) -> None:
    FOLDER.mkdir(exist_ok=True)
    clerk = member_of_staff("Clerk")
    town = settle_down(clerk, woman=woman)
    rooms.proxy_key()
    workers = workers_are_there(redis_client)
    visitor = come("boss")
    too_large = {}
    for width, pictures in ((DESK, PICTURES), (PHONE, PHONE_PICTURES)):
        for name, (open_page, height) in pictures.items():
            visitor.page.set_viewport_size({"width": width, "height": height})
            _be_seen(workers)
            open_page(visitor, town)
            visitor.settle()
            too_large[name] = _keep(visitor.page.screenshot(animations="disabled"), FOLDER / f"{name}.png")
    _all_well()
    _be_seen(workers)
    visitor.page.set_viewport_size({"width": 1360, "height": 700})
    visitor.go("index").settle()
    too_large["alles-in-ordnung"] = _keep(visitor.page.screenshot(), FOLDER / "alles-in-ordnung.png")
    assert {name: size for name, size in too_large.items() if size > LARGEST} == {}


def _be_seen(workers: list[SyncWorker]) -> None:
    """So many pictures take longer than a sign of life lasts."""
    for worker in workers:
        worker.show_life()


def _all_well() -> None:
    from syncapp.models import Alert, BulkAction, ChildCase, Conflict, DeletionTask, ProxyCall

    for model in (Alert, BulkAction, ChildCase, Conflict, DeletionTask, ProxyCall, SyncRecord):
        model.objects.all().delete()
    be_alive()
    Control.objects.update(live_since=ago(days=41))
    for number in range(12):
        person(number)


def _keep(png: bytes, path: Path) -> int:
    """With a palette: a page has few colours, and a document should load at once."""
    image = (
        Image.open(io.BytesIO(png))
        .convert("RGB")
        .quantize(colors=256, method=Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    )
    image.save(path, optimize=True)
    return path.stat().st_size
