"""The first load: preview, run, stopped and resumed, guards, links, and how much memory it takes."""

import csv
import gc
import tracemalloc
from collections import Counter
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from syncapp.core.states import Status
from syncapp.engine import control
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.entities.beteiligte.snapshot import Both
from syncapp.management.commands.backfill import preview_file
from syncapp.models import BackfillRun, Breaker, Guard, OperatorLog, SyncRecord
from syncapp.operations.onboarding import backfill as loads
from syncapp.operations.onboarding.backfill import Load, Watcher, _Sync
from syncapp.operations.onboarding.spreadsheet import harmless
from syncapp.remotes.espocrm.client import EspoClient, EspoEntity, EspoPage
from syncapp.words.plain_errors import PlainError
from tests.commands.conftest import Firm, manage
from tests.entities.beteiligte.test_odd_text import holding

# Several threads work: each sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)
QUICK = ("--per-minute", 100000)


@pytest.fixture
def old(firm: Firm) -> dict[str, Any]:
    """A firm before its first day: linked by an earlier system, not linked, and wrong ones."""
    made: dict[str, Any] = {}
    for name in ("equal", "differs", "gone", "twice"):
        advo = firm.sandbox.clerk.create(name=f"Person {name}", vorname="Ada", anrede="Frau")
        made[name] = advo["betNr"]
    ids = {
        "equal": firm.new(name="Person equal", vorname="Ada", **QUIET, betnr=made["equal"]),
        "differs": firm.new(name="Person differs", vorname="Ida", **QUIET, betnr=made["differs"]),
        "gone": firm.new(name="Person gone", vorname="Ada", **QUIET, betnr=990099),
        "unlinked": firm.new(name="Person unlinked", vorname="Ada", **QUIET),
        "invalid": firm.new(name="Person invalid", vorname="A" * 40, **QUIET),
    }
    control.set_mode(mode="shadow", by="tests")
    firm.sandbox.clear_calls()
    return ids


QUIET = {"anrede": "Frau", "titel": None, "bAnrede": None, "geburtsdatum": None}


def writes(firm: Firm) -> list[tuple[str, str, str]]:
    return [call for call in firm.sandbox.calls() if call[1] not in ("GET",)]


class TestPreview:
    def test_counts_and_writes_nothing(self, firm: Firm, old: dict[str, str]):
        said = manage("backfill", "--preview", "--create", "--json", *QUICK)
        assert said.json == {
            "preview": True,
            "records": 5,
            "counts": {"link": 1, "conflict": 1, "gone_in_advoware": 1, "create": 1, "invalid": 1},
        }
        assert writes(firm) == []
        assert not SyncRecord.objects.exists()

    def test_without_create_unlinked_ones_are_left_alone(self, firm: Firm, old: dict[str, str]):
        assert manage("backfill", "--preview", "--json", *QUICK).json["counts"]["unlinked"] == 2

    def test_report_has_a_line_for_each_value(self, firm: Firm, old: dict[str, str], tmp_path: Path):
        path = tmp_path / "preview.csv"
        manage("backfill", "--preview", "--create", "--report", path, *QUICK)
        rows = table(path)
        by_id = {row["espo_id"]: row for row in rows}
        assert set(by_id) == set(old.values())
        differs = by_id[old["differs"]]
        assert (differs["field"], differs["espocrm"], differs["advoware"]) == ("vorname", "Ida", "Ada")
        invalid = [row["detail"] for row in rows if row["espo_id"] == old["invalid"]]
        assert any("First name is longer than 30 characters" in detail for detail in invalid)
        assert path.stat().st_mode & 0o077 == 0

    def test_report_has_a_line_for_each_contact_point(self, firm: Firm, tmp_path: Path):
        first, second, third = "+4951112345", "+4917112345678", "anna@example.org"
        numbers = [{"phoneNumber": first, "type": "Office"}]
        linked, betnr = firm.pair(phoneNumberData=numbers)
        firm.sync(linked)
        firm.sandbox.anna.change(linked, phoneNumberData=[{"phoneNumber": second, "type": "Mobile"}])
        firm.sandbox.clerk.add_contact(betnr, tlf=third, kommKz=4)
        new = firm.new(phoneNumberData=numbers)
        path = tmp_path / "preview.csv"
        manage("backfill", "--preview", "--create", "--report", path, *QUICK)
        points = ("phone", "email")
        rows = [tuple(row.values()) for row in table(path) if row["field"] in points]
        assert {(row[0], *row[4:]) for row in rows} == {
            (linked, "phone", second, "", "to_advoware (Var1)"),
            (linked, "phone", "", first, "to_advoware (Var2)"),
            (linked, "email", third, third, "to_advoware (Var4)"),
            (linked, "email", "", third, "to_espocrm (added)"),
            (new, "phone", first, "", "to_advoware (Var1)"),
        }

    @pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+cmd|' /C calc'!A0", "-2+3+cmd|x", "@SUM(A1)"])
    def test_values_that_a_spreadsheet_would_run_are_text(self, firm: Firm, tmp_path: Path, text: str):
        firm.new(bAnrede=text)
        path = tmp_path / "preview.csv"
        manage("backfill", "--preview", "--create", "--report", path, *QUICK)
        cells = [cell for row in csv.reader(path.open(encoding="utf-8-sig"), delimiter=";") for cell in row]
        assert f"'{text}" in cells
        assert text not in cells

    def test_two_records_with_one_betnr(self, firm: Firm):
        betnr = firm.sandbox.clerk.create(name="A")["betNr"]
        firm.new(name="A", betnr=betnr)
        firm.new(name="B", betnr=betnr)
        assert manage("backfill", "--preview", "--json", *QUICK).json["counts"]["duplicate"] == 1

    def test_wrong_login_ends_it_with_one_line(self, firm: Firm, settings: Any):
        firm.new()
        settings.ADVOWARE_PASSWORD = "wrong"
        firm.new(name="B", betnr=5)
        said = manage("backfill", "--preview", *QUICK)
        assert said.code == 1
        assert "Advoware refuses our login" in said.err

    def test_report_that_cannot_be_written_is_named(self, firm: Firm, tmp_path: Path):
        path = tmp_path / "nowhere" / "x.csv"
        said = manage("backfill", "--preview", "--report", path)
        assert (said.code, said.err) == (1, f"{path}: No such file or directory")

    def test_report_without_preview(self, db: None, tmp_path: Path):
        assert manage("backfill", "--report", tmp_path / "x.csv").code == 2


class TestRun:
    def test_not_in_shadow(self, firm: Firm, old: dict[str, str]):
        said = manage("backfill")
        assert (said.code, writes(firm)) == (1, [])
        assert "in shadow" in said.err

    def test_links_carries_and_leaves_the_unlinked_alone(self, firm: Firm, old: dict[str, str]):
        control.set_mode(mode="live", by="tests")
        firm.pair(name="Known")  # another number that is readable proves that a missing one is gone
        said = manage("backfill", "--json", *QUICK)
        counts = said.json["counts"]
        assert counts["clean"] == 3
        assert counts["unlinked"] == 2
        assert counts["deleted_in_advoware"] == 1
        assert firm.record(old["equal"]).status == "clean"
        assert firm.espo(old["unlinked"])["betnr"] is None
        log = OperatorLog.objects.get(action="backfill ended")
        assert log.count == 6

    def test_creates_only_with_create(self, firm: Firm, old: dict[str, str]):
        control.set_mode(mode="live", by="tests")
        said = manage("backfill", "--create", "--json", *QUICK)
        assert said.code == 1
        assert said.json["counts"]["failed: validation"] == 1
        betnr = firm.record(old["unlinked"]).betnr
        assert betnr is not None
        assert firm.advo(betnr)["name"] == "Person unlinked"

    def one_by_one(self, settings: Any, *rows: EspoEntity) -> Counter[str]:
        settings.SYNC_PARALLEL = 1
        return loads._Sync(Load(by="tests", per_minute=0)).deal_with(list(rows))

    def test_a_first_record_that_advoware_does_not_know_ends_nothing(self, firm: Firm, settings: Any):
        betnr = firm.sandbox.clerk.create(name="Known")["betNr"]
        gone, known = firm.new(name="Gone", betnr=990099), firm.new(name="Known", betnr=betnr)
        rows = (
            EspoEntity(gone, {"name": "Gone", "betnr": 990099}),
            EspoEntity(known, {"name": "Known", "betnr": betnr}),
        )
        assert self.one_by_one(settings, *rows) == {"deleted_in_advoware": 1, "clean": 1}
        assert not Breaker.objects.filter(open_until__isnull=False).exists()

    def test_where_no_number_is_known_at_all_the_address_counts_as_wrong(self, firm: Firm, settings: Any):
        gone = firm.new(name="Gone", betnr=990099)
        with pytest.raises(PlainError, match="run the same command again"):
            self.one_by_one(settings, EspoEntity(gone, {"name": "Gone", "betnr": 990099}))
        assert firm.record(gone).status != Status.DELETED_IN_ADVOWARE

    @pytest.mark.parametrize("listed", ["as it is", "as it was"])
    def test_both_sides_are_read_once(self, firm: Firm, settings: Any, listed: str):
        """By the number that the list shows; where the record shows another one by now, by that one."""
        firm.pair(name="Known")
        old, betnr = (firm.sandbox.clerk.create(name="Person")["betNr"] for _number in range(2))
        espo_id = firm.new(name="Person", betnr=betnr)
        firm.sandbox.clear_calls()
        row = EspoEntity(espo_id, {"name": "Person", "betnr": betnr if listed == "as it is" else old})
        assert self.one_by_one(settings, row) == {"clean": 1}
        assert firm.record(espo_id).betnr == betnr
        reads = {system: by["GET"] for system, by in firm.counts().items()}
        assert reads == {"espocrm": 1, "advoware": 1 if listed == "as it is" else 2}

    def test_asking_takes_as_many_statements_for_many_records_as_for_few(self, firm: Firm):
        statements = []
        for number in (2, 40):
            names = [f"{number}-{one}" for one in range(number)]
            SyncRecord.objects.create(espo_id=names[0])  # the others are new
            with CaptureQueriesContext(connection) as queries:
                ids = loads._Sync(Load(by="tests"))._asked(dict.fromkeys(names, False))
            statements.append(len(queries))
            found = SyncRecord.objects.filter(espo_id__in=names, requested=1, trigger="sync_check", source="command")
            assert {record.espo_id: record.pk for record in found} == ids
        assert statements[0] == statements[1] <= 8

    def test_what_both_systems_say_of_themselves_is_read_once_a_portion(
        self, firm: Firm, monkeypatch: pytest.MonkeyPatch
    ):
        """And what a run learns of them, the others know at once."""
        rows = [EspoEntity(firm.new(name=f"P{number}"), {"name": f"P{number}", "betnr": None}) for number in range(3)]
        facts, read = remote_metadata.FACTS_OF_A_RUN, []
        monkeypatch.setattr(facts, "rows", lambda real=facts.rows: read.append(1) or real())
        load = loads._Sync(Load(by="tests", create=True, per_minute=0))
        assert load.deal_with(rows) == {"clean": 3}
        assert len(read) == 1
        with remote_metadata.at_one_reading(), remote_metadata.at_one_reading():
            remote_metadata.refuse_bookkeeping("syncStatus")
            assert copy_context().run(remote_metadata.bookkeeping_refused) == {"syncStatus"}
        assert remote_metadata.bookkeeping_refused() == {"syncStatus"}

    @pytest.mark.parametrize("command", [("--create",), (), ("--preview", "--create"), ("--preview",)], ids=" ".join)
    def test_records_whose_betnr_is_hidden_are_counted_and_left_alone(
        self, firm: Firm, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
    ):
        """They may all be linked: released as unlinked, each would get a second Beteiligter."""
        linked, _betnr = firm.pair()
        firm.new(name="Schon Da", betnr=firm.sandbox.clerk.create(name="Schon Da")["betNr"])
        firm.sandbox.clear_calls()
        with holding(monkeypatch, "espocrm", lambda found: {key: found[key] for key in found if key != "betnr"}):
            said = manage("backfill", *command, *QUICK, "--json")
        assert said.json["counts"] == {"equal" if "--preview" in command else "clean": 1, "betnr_hidden": 1}
        assert writes(firm) == []
        assert not SyncRecord.objects.exclude(espo_id=linked).exists()

    def test_a_create_that_waits_for_a_word_is_released(self, firm: Firm):
        SyncRecord.objects.create(espo_id="waits", status=Status.FAILED, kind="needs_confirmation", fault={"code": "x"})
        SyncRecord.objects.create(espo_id="runs", status=Status.SYNCING, fence=1)
        loads._Sync(Load(by="tests", create=True))._asked({"waits": True, "runs": False})
        waits, runs = firm.record("waits"), firm.record("runs")
        assert (waits.status, waits.kind, waits.fault, waits.create_released) == ("dirty", "", {}, True)
        assert (waits.trigger, waits.requested) == ("create", 1)
        assert (runs.status, runs.requested, runs.create_released) == ("syncing", 1, False)
        step = waits.past("status_changes").get()
        assert (step.before, step.after, step.cause) == ("failed", "dirty", "first load: tests")

    def test_a_second_load_writes_nothing(self, firm: Firm):
        for number in range(3):
            firm.new(name=f"P{number}")
        manage("backfill", "--create", *QUICK)
        firm.sandbox.clear_calls()
        assert manage("backfill", "--create", "--json", *QUICK).json["counts"] == {"clean": 3}
        assert writes(firm) == []

    def test_goes_on_after_any_stop(self, firm: Firm, monkeypatch: pytest.MonkeyPatch):
        ids = [firm.new(name=f"P{number}") for number in range(5)]
        monkeypatch.setattr(loads, "SMALLEST", 2)
        monkeypatch.setattr(loads, "LARGEST", 2)

        class Killer(Watcher):
            def moved(self, run: BackfillRun) -> None:
                if run.seen >= 2:
                    raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            Load(by="tests", create=True, per_minute=0, watcher=Killer()).run()
        assert BackfillRun.objects.get().seen == 2
        firm.sandbox.clear_calls()
        row = Load(by="tests", create=True, per_minute=0).run()
        assert (row.seen, BackfillRun.objects.count()) == (5, 1)
        assert row.counts == {"clean": 5}
        posts = [call for call in firm.sandbox.calls("advoware") if call[1] == "POST"]
        assert len(posts) == 3
        assert {firm.record(espo_id).status for espo_id in ids} == {"clean"}

    def test_stopped_by_an_outage_and_resumed(self, firm: Firm):
        firm.new(name="A")
        firm.new(name="B")
        firm.sandbox.fault("advoware", "status", status=401, count=None)
        said = manage("backfill", "--create", *QUICK)
        assert said.code == 1
        assert "run the same command again" in said.err
        firm.sandbox.heal()
        Breaker.objects.all().delete()
        assert manage("backfill", "--create", "--json", *QUICK).json["counts"] == {"clean": 2}

    def test_guard_is_respected_by_waiting(self, firm: Firm, settings: Any):
        settings.SYNC_GUARD_MAX_CREATES = 2
        for number in range(3):
            firm.new(name=f"P{number}")
        waited: list[str] = []

        class Confirms(Watcher):
            def waiting(self, why: str) -> None:
                waited.append(why)
                # What has to wait is not asked for: the dispatcher would run into the guard with it.
                assert SyncRecord.objects.count() == 2
                until = timezone.now() + timedelta(hours=1)
                Guard.objects.update_or_create(pk="creates", defaults={"open_until": until})

        row = Load(by="tests", create=True, per_minute=0, watcher=Confirms(), sleep=lambda _s: None).run()
        assert row.counts == {"clean": 3}
        assert len(waited) == 1

    @pytest.mark.parametrize("allowed, portion", [(200, 50), (1000, 250), (3, 1)])
    def test_others_may_create_beside_a_fast_load(self, settings: Any, allowed: int, portion: int):
        """One create of the office a quarter of an hour would let a portion of all that is allowed wait for ever."""
        settings.SYNC_GUARD_MAX_CREATES = allowed
        assert _Sync(Load(by="tests", create=True, per_minute=0)).most(500) == portion
        assert _Sync(Load(by="tests", per_minute=0)).most(500) == 500

    def test_no_wait_stops_at_the_guard(self, firm: Firm, settings: Any):
        settings.SYNC_GUARD_MAX_CREATES = 1
        firm.new(name="A")
        firm.new(name="B")
        said = manage("backfill", "--create", "--no-wait", *QUICK)
        assert said.code == 1
        assert "SYNC_GUARD_MAX_CREATES" in said.err
        assert SyncRecord.objects.filter(status=Status.CLEAN).count() == 1

    def test_only_the_pilot(self, firm: Firm, settings: Any):
        settings.SYNC_ONLY = ["TEST-"]
        firm.new(name="TEST-A")
        other = firm.new(name="Other")
        counts = manage("backfill", "--create", "--json", *QUICK).json["counts"]
        assert counts == {"clean": 1, "not_in_pilot": 1}
        assert not SyncRecord.objects.filter(espo_id=other).exists()

    def test_throttle(self, firm: Firm):
        firm.new(name="A")
        slept: list[float] = []
        Load(by="tests", preview=True, per_minute=60, sleep=slept.append).run()
        assert 0.2 < sum(slept) <= 1

    @pytest.mark.parametrize(
        "per_minute, seconds, portion",
        [
            *((600, 0.0, 50), (60, 0.0, 50), (1200, 0.0, 100), (6000, 0.0, 500), (60_000, 0.0, 500), (0, 0.0, 500)),
            *((60_000, 0.02, 250), (60_000, 3.0, 50), (1200, 0.001, 100), (0, 0.025, 200), (0, 0.001, 500)),
        ],
    )
    def test_a_portion_is_what_takes_five_seconds(self, per_minute: int, seconds: float, portion: int):
        """At the pace that is wanted, or at that of the portion before, where it was slower."""
        assert Load(by="tests", per_minute=per_minute)._portion(seconds) == portion

    def test_rows_are_read_one_page_ahead(self):
        read: list[int] = []
        rows = loads._read_ahead(read.append(number) or number for number in range(loads.PAGE * 3 + 1))
        first = next(rows)
        rows.close()
        assert (first, len(read) <= loads.PAGE * 2) == (0, True)
        whole = range(loads.PAGE * 3 + 1)
        assert list(loads._read_ahead(iter(whole))) == list(whole)

    def test_another_one_at_work(self, firm: Firm):
        BackfillRun.objects.create(preview=True, by="somebody else", moved_at=timezone.now())
        with pytest.raises(PlainError, match="another one is at work"):
            Load(by="tests", preview=True).run()


def test_a_german_excel_opens_the_report_by_a_double_click(firm: Firm, tmp_path: Path, settings: Any):
    """Semicolons and a byte order mark; told of a resumed one too, which must not get a second mark or head."""
    firm.new(name="Müller; Söhne", rechtsform="GmbH")
    path = tmp_path / "preview.csv"
    manage("backfill", "--preview", "--create", "--report", path, *QUICK)
    content = path.read_bytes()
    assert content.startswith("\ufeffespo_id;betnr;name;".encode())
    assert '"Müller; Söhne"'.encode() in content
    with preview_file(path, resumed=True):
        pass
    assert path.read_bytes() == content
    settings.CSV_FORMAT = "plain"
    manage("backfill", "--preview", "--create", "--restart", "--report", path, *QUICK)
    assert path.read_bytes().startswith(b"espo_id,betnr,name,")


HEAD = "EspoCRM-Schlüssel;betNr"
EXCEL = {
    "semicolon, BOM, CRLF": lambda one, two: f"\ufeff{HEAD}\r\n{one};{two}\r\n".encode(),
    "semicolon, Windows-1252, CRLF": lambda one, two: f"{HEAD}\r\n{one};{two}\r\n".encode("cp1252"),
    "comma, UTF-8": lambda one, two: f"espo id,betNr\n{one},{two}\n".encode(),
    "comma, BOM, quoted": lambda one, two: f'\ufeff"espo id","betNr"\r\n"{one}","{two}"\r\n'.encode(),
    "Unicode text": lambda one, two: f"Schlüssel\tbetNr\r\n{one}\t{two}\r\n".encode("utf-16"),
    "tabs, UTF-16 big endian": lambda one, two: ("\ufeff" + f"a\tb\r\n{one}\t{two}\r\n").encode("utf-16-be"),
    "tabs, UTF-16 without BOM": lambda one, two: f"a\tb\r\n{one}\t{two}\r\n".encode("utf-16-le"),
    "tabs, UTF-8": lambda one, two: f"a\tb\n{one}\t{two}\n".encode(),
    "old Mac line ends": lambda one, two: f"a;b\r{one};{two}\r".encode(),
    "sep= line": lambda one, two: f"sep=;\r\na;b\r\n{one};{two}\r\n".encode(),
    "quoted head with commas": lambda one, two: f'"Schlüssel, EspoCRM";betNr\r\n{one};{two}\r\n'.encode("cp1252"),
    "thousands point": lambda one, two: f"a;b\r\n{one};{two:,}\r\n".replace(",", ".").encode(),
    "text marked as text": lambda one, two: f'a;b\r\n"=""{one}""";\'{two}\r\n'.encode(),
    "blanks, empty columns": lambda one, two: f"a;b;;\r\n\u00a0{one};\u00a0{two}\u00a0;;\r\n;;;\r\n".encode(),
    "empty lines on top": lambda one, two: f"\r\n;\r\na;b\r\n{one};{two}\r\n".encode(),
    "no head": lambda one, two: f"{one};{two}".encode(),
}  # fmt: skip


class TestLinks:
    def file(self, tmp_path: Path, *lines: str) -> Path:
        path = tmp_path / "links.csv"
        path.write_text("\n".join(("espo id,betNr", *lines)))
        return path

    def test_verifies_and_links(self, firm: Firm, tmp_path: Path):
        betnr = firm.sandbox.clerk.create(name="Müller-Lüdenscheidt", vorname="Jürgen")["betNr"]
        espo_id = firm.new()
        path = self.file(tmp_path, f"{espo_id},{betnr}")
        assert "verified" in manage("backfill", "--links", path, "--preview").out
        assert not SyncRecord.objects.exists()
        assert manage("backfill", "--links", path, "--json").json["counts"] == {"linked": 1}
        assert firm.record(espo_id).betnr == betnr
        assert firm.sync(espo_id).status == "clean"
        assert manage("backfill", "--links", path, "--json").json["counts"] == {"already linked": 1}
        assert OperatorLog.objects.filter(action="link").count() == 1

    @pytest.mark.parametrize("spelling", EXCEL, ids=EXCEL)
    def test_every_spelling_of_a_spreadsheet(self, firm: Firm, tmp_path: Path, spelling: str):
        betnr = firm.sandbox.clerk.create(name="A")["betNr"]
        path = tmp_path / "links.csv"
        path.write_bytes(EXCEL[spelling](firm.new(name="A"), betnr))
        assert manage("backfill", "--links", path, "--json").json["counts"] == {"linked": 1}

    def test_semicolons_and_no_heading(self, firm: Firm, tmp_path: Path):
        betnr = firm.sandbox.clerk.create(name="A")["betNr"]
        path = tmp_path / "links.csv"
        path.write_text(f"\ufeff{firm.new(name='A')};{betnr}\n", encoding="utf-8")
        assert manage("backfill", "--links", path, "--json").json["counts"] == {"linked": 1}

    @pytest.mark.parametrize(
        "advo, why",
        [
            ({"name": "Somebody else"}, "the names differ"),
            ({"name": "Müller-Lüdenscheidt", "geburtsdatum": "1950-01-01T00:00:00"}, "the dates of birth differ"),
            ({"name": "Müller-Lüdenscheidt", "vorname": "Anna"}, "the first names differ"),
        ],
    )
    def test_doubtful_ones_are_refused(self, firm: Firm, tmp_path: Path, advo: dict[str, Any], why: str):
        betnr = firm.sandbox.clerk.create(**advo)["betNr"]
        espo_id = firm.new()
        said = manage("backfill", "--links", self.file(tmp_path, f"{espo_id},{betnr}"))
        assert said.code == 1
        assert why in said.out
        assert not SyncRecord.objects.exists()

    def test_unknown_taken_and_senseless_ones(self, firm: Firm, tmp_path: Path):
        taken, betnr = firm.pair()
        espo_id = firm.new()
        path = self.file(tmp_path, f"{espo_id},999999", f"{espo_id},{betnr}", f"{taken},{betnr + 1}", "x,", "nobody,5")
        assert manage("backfill", "--links", path, "--json").json["counts"] == {"refused": 5}

    def test_missing_file(self, db: None, tmp_path: Path):
        assert "cannot be read as CSV" in manage("backfill", "--links", tmp_path / "none.csv").err


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a report as a German Excel reads it."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@pytest.mark.parametrize("value", ["+49 89 1234-5", "-5", "+43 (1) 5", "Anna-Lena", "", 12])
def test_a_number_or_a_name_stays_as_it_is_in_a_report(value: object):
    assert harmless(value) == str(value)


def test_memory_stays_flat(firm: Firm, monkeypatch: pytest.MonkeyPatch):
    """Ten pages cost no more than five: what was read is let go."""
    start, every = datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=1)
    traced, settled, total = 800, 1000, 2000

    def record(number: int) -> EspoEntity:
        created = start + number * every
        return EspoEntity(
            f"id{number:06}", {"createdAt": f"{created:%Y-%m-%d %H:%M:%S}", "name": "x" * 200, "betnr": None}
        )

    def page(self: EspoClient, *, where: Any = (), max_size: int = 200, offset: int = 0, **_kw: Any) -> EspoPage:
        since = where[-1]["value"] if where else f"{start:%Y-%m-%d %H:%M:%S}"
        first = int((datetime.fromisoformat(since).replace(tzinfo=UTC) - start) / every) + offset
        return EspoPage(tuple(record(n) for n in range(first, min(first + max_size, total))), total)

    def both_sides(known: SyncRecord, _clients: Any, **_kw: Any) -> Both:
        shown = {"name": "y" * 50, "betnr": None, "phoneNumberData": [], "emailAddressData": []}
        return Both(EspoEntity(known.espo_id, shown))

    monkeypatch.setattr(EspoClient, "list_page", page)
    monkeypatch.setattr("syncapp.operations.previews.bulk_preview.read_both", both_sides)
    sizes: dict[int, int] = {}

    class Weigh(Watcher):
        """To trace costs several times what the pages cost: not from the first page on."""

        def moved(self, run: BackfillRun) -> None:
            if run.seen == traced:
                tracemalloc.start()
            elif run.seen in (settled, total):
                gc.collect()
                sizes[run.seen] = tracemalloc.get_traced_memory()[0]

    try:
        row = Load(by="tests", preview=True, create=True, per_minute=0, watcher=Weigh()).run()
    finally:
        tracemalloc.stop()
    assert Counter(row.counts) == {"create": total}
    assert sizes[total] - sizes[settled] < 100 * (total - settled), sizes
