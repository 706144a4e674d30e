"""The doctor, with each fault made: one test for each line that can be red or yellow."""

import json
import re
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from django.core import checks
from django.db import connection
from django.utils import timezone, translation
from rq import Queue

from syncapp.engine import control, job_queue
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.entities.beteiligte.probes.other_installation import NAME
from syncapp.models import Breaker, Heartbeat, ProxyKey, RemoteFact, Sweep
from syncapp.operations.doctor import CHECKS, Light, examine
from syncapp.operations.monitoring.signs import regular_jobs
from syncapp.operations.notifications import notify
from syncapp.proxy import keys
from syncapp.remotes import registry
from syncapp.remotes.http import outgoing
from syncapp.remotes.http.outgoing import DeliveryResult
from syncapp.words.doctor.checks import LOOKS_AT
from syncapp.words.doctor.faults import FAULTS
from syncapp.worker import SyncWorker
from tests.commands.conftest import Firm, manage
from tests.entities.beteiligte.test_odd_text import holding

PUBLIC = "https://sync.example.org"
ANNA = "5a0d0000000000003"
UNTRANSLATED = {"%(message)s", "%(hint)s", "python manage.py backfill --preview"}


@pytest.fixture(autouse=True)
def _public(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUBLIC_URL = PUBLIC
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "sync.example.org"]
    settings.TRUST_PROXY_HEADERS = True
    monkeypatch.setattr(outgoing, "ask", lambda _address: DeliveryResult(405))


@pytest.fixture
def workers(firm: Firm, settings: Any) -> Iterator[None]:
    """A worker registered for each queue."""
    born = []
    for name in settings.QUEUE_NAMES:
        queue: Queue = job_queue.queue(name, settings.REDIS_URL)
        worker = SyncWorker([queue], connection=queue.connection)
        worker.register_birth()
        born.append(worker)
    yield
    for worker in born:
        worker.register_death()


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server whose certificate nobody vouches for."""
    folder = tmp_path_factory.mktemp("tls")
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x", *files]
    subprocess.run(command, check=True, capture_output=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def codes(*names: str) -> dict[str, Light]:
    """What these checks find, by code."""
    registry.forget()
    return {line.code: line.light for line in examine(names=frozenset(names)) if line.code}


def spoil_metadata(firm: Firm, change: Callable[[dict[str, Any]], object]) -> None:
    """Have EspoCRM tell something else about the entity."""
    told = firm.sandbox.anna._call("GET", "Metadata", params={"key": "entityDefs.CBeteiligte"})
    change(told)
    headers = {"Content-Type": "application/json"}
    firm.sandbox.fault(
        "espocrm", "status", path_contains="Metadata", status=200, body=json.dumps(told), headers=headers, count=None
    )


def field(name: str, **definition: object) -> Callable[[dict[str, Any]], object]:
    return lambda told: told["fields"].update({name: {**told["fields"][name], **definition}})


def without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda told: told["fields"].pop(name)


class TestWhole:
    def test_healthy_installation_has_no_red_line(self, firm: Firm, workers: None, settings: Any):
        firm.pair()
        now = timezone.now()
        for name in ("dispatcher", "sweep"):
            Heartbeat.objects.update_or_create(pk=name, defaults={"at": now})
        manage("setup_espocrm")
        hooks = registry.espocrm_client().webhooks()
        settings.ESPOCRM_WEBHOOK_SECRETS = tuple((hook.id, str(hook.secret_key)) for hook in hooks)
        settings.COMPANY_RECHTSFORMEN = ["GmbH"]
        settings.DEBUG = True
        said = manage("doctor", "--json", "--language", "en")
        red = [line for line in said.json["checks"] if line["light"] == "red"]
        assert (red, said.code, said.json["ok"]) == ([], 0, True)
        assert {line["name"] for line in said.json["checks"]} == {check.name for check in CHECKS if check.shown()}

    def test_writes_nothing(self, firm: Firm, workers: None):
        firm.pair()
        manage("doctor")
        assert {method for _system, method, _path in firm.sandbox.calls()} == {"GET"}

    def test_red_is_code_1_with_cause_and_cure(self, firm: Firm, settings: Any):
        settings.ESPOCRM_API_KEY = "wrong"
        said = manage("doctor", "--only", "espocrm_login", "--language", "en")
        assert said.code == 1
        assert "XX espocrm_login" in said.out
        assert "Compare ESPOCRM_API_KEY" in said.out

    def test_what_depends_on_a_red_line_is_not_looked_at(self, firm: Firm, settings: Any):
        settings.ESPOCRM_API_BASE_URL = "http://127.0.0.1:1/api/v1"
        lights = {line.name: line.light for line in examine(names=frozenset({"espocrm_fields"}))}
        assert lights["espocrm_address"] == Light.RED
        assert lights["espocrm_fields"] == Light.GREY

    def test_a_check_that_raises_is_a_red_line(self, firm: Firm, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("syncapp.operations.doctor.installation.shutil", None)
        assert codes("disk") == {"check_failed": Light.RED}

    def test_speaks_the_language_of_the_installation(self, firm: Firm, settings: Any):
        settings.ESPOCRM_API_KEY = "wrong"
        assert "EspoCRM lehnt die Anmeldung ab" in manage("doctor", "--only", "espocrm_login", "--language", "de").out

    @pytest.mark.parametrize("code", FAULTS)
    def test_every_fault_is_said_in_german(self, code: str):
        row = FAULTS[code]
        for words in (row.what, row.cause, row.cure):
            with translation.override("en"):
                english = str(words)
            with translation.override("de"):
                assert str(words) != english or english in UNTRANSLATED, english


class TestInstallation:
    def test_settings_error(self, firm: Firm, settings: Any):
        settings.SYNC_LOCK_TTL_SECONDS = 10
        assert codes("settings")["settings_error"] == Light.RED

    def test_settings_warning(self, firm: Firm, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(checks, "run_checks", lambda **_kw: [checks.Warning("odd", hint="look", id="x.W1")])
        assert codes("settings") == {"settings_warning": Light.YELLOW}

    def test_public_url_missing(self, firm: Firm, settings: Any):
        settings.PUBLIC_URL = ""
        assert codes("settings")["public_url_missing"] == Light.RED

    @pytest.mark.parametrize("url", ["https://elsewhere.example.org", "http://sync.example.org"])
    def test_an_address_at_which_webhooks_are_lost(self, url: str, firm: Firm, settings: Any):
        settings.PUBLIC_URL, settings.SECURE_SSL_REDIRECT = url, True
        assert codes("settings")["settings_error"] == Light.RED

    def test_logins_that_count_as_from_the_web_server(self, settings: Any):
        settings.TRUST_PROXY_HEADERS, settings.DEBUG = False, False
        assert codes("settings")["settings_warning"] == Light.YELLOW

    @pytest.mark.parametrize(
        "answer, code",
        [
            (DeliveryResult(None, "no connection"), "web_unreachable"),
            (DeliveryResult(301), "web_redirects"),
            (DeliveryResult(503), "web_away"),
            (DeliveryResult(403), "web_closed"),
            (DeliveryResult(400), "web_strange"),
            (DeliveryResult(200), "web_strange"),
        ],
    )
    def test_way_in(self, monkeypatch: pytest.MonkeyPatch, answer: DeliveryResult, code: str):
        monkeypatch.setattr(outgoing, "ask", lambda _address: answer)
        assert codes("web") == {code: FAULTS[code].light}

    def test_database_away(self, firm: Firm, monkeypatch: pytest.MonkeyPatch):
        part = SimpleNamespace(ok=False, detail="OperationalError")
        monkeypatch.setattr("syncapp.operations.monitoring.signs.health.database", lambda: part)
        assert codes("database") == {"database_away": Light.RED}

    def test_database_that_another_user_owns(self, db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
        """As after `migrate` by root. Root itself may write everywhere, so the answer is given here."""
        file = tmp_path / "advosync.sqlite3"
        file.touch()
        monkeypatch.setattr("syncapp.operations.monitoring.signs.health.database_folder", lambda: tmp_path)
        monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
        monkeypatch.setattr("os.access", lambda path, _mode: path != file)
        (line,) = [line for line in examine(names=frozenset({"database"})) if line.code]
        assert (line.code, line.light, str(file) in line.found) == ("database_refused", Light.RED, True)

    def test_migrations_missing(self, firm: Firm):
        from django.db.migrations.recorder import MigrationRecorder

        MigrationRecorder.Migration.objects.filter(app="syncapp").order_by("-pk")[0].delete()
        assert codes("migrations") == {"migrations_missing": Light.RED}

    def test_wal_off(self, firm: Firm, monkeypatch: pytest.MonkeyPatch):
        class Cursor:
            def __enter__(self) -> "Cursor":
                return self

            def __exit__(self, *_error: object) -> None: ...

            def execute(self, _sql: str) -> "Cursor":
                return self

            def fetchone(self) -> tuple[str]:
                return ("delete",)

        fake = SimpleNamespace(vendor="sqlite", cursor=Cursor)
        monkeypatch.setattr("syncapp.operations.doctor.installation.connection", fake)
        assert codes("wal") == {"wal_off": Light.RED}

    @pytest.mark.parametrize(
        "seconds, found", [(600, {"clock_off": Light.RED}), (-60, {"clock_skewed": Light.YELLOW}), (5, {})]
    )
    def test_database_clock(self, firm: Firm, monkeypatch: pytest.MonkeyPatch, seconds: int, found: dict[str, Light]):
        assert codes("database_clock") == {}, "the one that is here"
        self.told_by_postgresql(monkeypatch, timezone.now() + timedelta(seconds=seconds))
        assert codes("database_clock") == found
        if found:
            assert (
                "Die Uhren dieses Rechners und von PostgreSQL"
                in manage("doctor", "--only", "database_clock", "--language", "de").out
            )

    def told_by_postgresql(self, monkeypatch: pytest.MonkeyPatch, value: object, line: object = None) -> None:
        """Whatever it is asked, it answers this."""
        cursor = MagicMock()
        cursor.return_value.__enter__.return_value.fetchone.return_value = (value,)
        fake = SimpleNamespace(vendor="postgresql", cursor=cursor, connection=line)
        monkeypatch.setattr("syncapp.operations.doctor.installation.connection", fake)

    def pooled(self, monkeypatch: pytest.MonkeyPatch, *, prepare_threshold: int | None = None) -> None:
        """A server process that is another one than was named when connecting."""

        line = SimpleNamespace(info=SimpleNamespace(backend_pid=4711), prepare_threshold=prepare_threshold)
        self.told_by_postgresql(monkeypatch, 17, line)

    def test_pooler_unknown(self, firm: Firm, monkeypatch: pytest.MonkeyPatch):
        self.pooled(monkeypatch)
        assert codes("pooling") == {"pooler_unknown": Light.YELLOW}

    def test_pooler_that_is_known(self, firm: Firm, monkeypatch: pytest.MonkeyPatch, settings: Any):
        settings.DATABASE_TRANSACTION_POOLING = True
        self.pooled(monkeypatch)
        assert codes("pooling") == {}

    def test_pooler_prepares(self, firm: Firm, monkeypatch: pytest.MonkeyPatch, settings: Any):
        settings.DATABASE_TRANSACTION_POOLING = True
        self.pooled(monkeypatch, prepare_threshold=5)
        assert codes("pooling") == {"pooler_prepares": Light.RED}

    @pytest.mark.parametrize("free, code", [(100, "disk_full"), (500, "disk_low")])
    def test_disk(self, firm: Firm, monkeypatch: pytest.MonkeyPatch, free: int, code: str, settings: Any, tmp_path):
        settings.VAR_DIR = tmp_path
        usage = SimpleNamespace(free=free * 1024 * 1024)
        monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)
        assert set(codes("disk")) == {code}

    def test_redis_away(self, firm: Firm, settings: Any):
        settings.REDIS_URL = "redis://127.0.0.1:1/1"
        assert codes("redis") == {"redis_away": Light.RED}

    def told_by_redis(self, monkeypatch: pytest.MonkeyPatch, **info: object) -> None:
        redis = SimpleNamespace(info=lambda: info, config_get=lambda _name: {"save": ""})
        monkeypatch.setattr("syncapp.engine.rows.locks.connection", lambda _url: redis)

    def test_redis_old(self, firm: Firm, monkeypatch: pytest.MonkeyPatch):
        self.told_by_redis(monkeypatch, redis_version="4.0.9")
        assert codes("redis") == {"redis_old": Light.RED}

    def test_redis_evicts(self, firm: Firm, monkeypatch: pytest.MonkeyPatch):
        self.told_by_redis(monkeypatch, redis_version="7.2", maxmemory_policy="allkeys-lru", maxmemory=1, aof_enabled=1)
        assert codes("redis_keeping") == {"redis_evicts": Light.RED}

    def test_redis_forgets(self, firm: Firm, monkeypatch: pytest.MonkeyPatch):
        self.told_by_redis(monkeypatch, redis_version="7.2", aof_enabled=0)
        assert codes("redis_keeping") == {"redis_forgets": Light.YELLOW}

    def test_no_worker(self, firm: Firm):
        assert codes("workers") == {"no_worker": Light.RED}

    def test_workers_of_every_queue(self, firm: Firm, workers: None):
        assert codes("workers") == {}

    def test_scheduler_never(self, firm: Firm):
        assert codes("scheduler") == {"scheduler_never": Light.RED}

    def test_scheduler_silent(self, firm: Firm):
        Heartbeat.objects.create(pk="dispatcher", at=timezone.now() - timedelta(hours=1))
        assert codes("scheduler") == {"scheduler_silent": Light.RED}

    def test_sweep_never(self, firm: Firm):
        assert codes("sweep") == {"sweep_never": Light.RED}

    def test_sweep_late(self, firm: Firm):
        Heartbeat.objects.create(pk="sweep", at=timezone.now() - timedelta(hours=1))
        assert codes("sweep") == {"sweep_late": Light.RED}

    def test_sweep_fault(self, firm: Firm):
        now = timezone.now()
        Heartbeat.objects.create(pk="sweep", at=now)
        Sweep.objects.create(started_at=now, fault={"discovered": "EspoCRM did not answer"})
        assert codes("sweep") == {"sweep_fault": Light.YELLOW}

    def test_job_failing(self, firm: Firm):
        assert codes("jobs") == {}
        for _time in range(3):
            regular_jobs.went_wrong("recheck", ValueError("x"))
        assert codes("jobs") == {"job_failing": Light.RED}

    @pytest.mark.parametrize("mode", ["paused", "shadow"])
    def test_mode(self, firm: Firm, mode: str):
        control.set_mode(mode=mode, by="tests")
        assert codes("mode") == {mode: Light.YELLOW}

    def test_breaker_open(self, firm: Firm):
        now = timezone.now()
        Breaker.objects.create(system="espocrm", open_since=now, open_until=now, reason="login refused")
        assert codes("breakers") == {"breaker_open": Light.RED}
        assert "Anmeldung abgelehnt" in manage("doctor", "--only", "breakers", "--language", "de").out

    def test_other_installation(self, firm: Firm):
        now = timezone.now()
        Heartbeat.objects.create(pk=NAME, at=now, detail={"moments": [now.isoformat()]})
        assert codes("others") == {"other_installation": Light.RED}
        assert "anderes Programm" in manage("doctor", "--only", "others", "--language", "de").out


class TestReachingEspocrm:
    def test_unknown_host(self, firm: Firm, settings: Any):
        settings.ESPOCRM_API_BASE_URL = "http://nowhere.invalid/api/v1"
        assert codes("espocrm_address") == {"espocrm_unknown_host": Light.RED}

    def test_tls(self, firm: Firm, settings: Any, own_certificate: str):
        settings.ESPOCRM_API_BASE_URL = f"{own_certificate}/api/v1"
        assert codes("espocrm_address") == {"espocrm_tls": Light.RED}

    def test_unreachable(self, firm: Firm, settings: Any):
        settings.ESPOCRM_API_BASE_URL = "http://127.0.0.1:1/api/v1"
        assert codes("espocrm_address") == {"espocrm_unreachable": Light.RED}

    def test_strange(self, firm: Firm):
        firm.sandbox.fault("espocrm", "html_200", count=None)
        assert codes("espocrm_address") == {"espocrm_strange": Light.RED}

    def test_login(self, firm: Firm, settings: Any):
        settings.ESPOCRM_API_KEY = "wrong"
        assert codes("espocrm_login") == {"espocrm_login": Light.RED}

    def test_locked_out(self, firm: Firm):
        firm.sandbox.fault("espocrm", "status", status=403, count=None)
        assert codes("espocrm_login") == {"espocrm_locked_out": Light.RED}

    @pytest.mark.parametrize("seconds, code", [(600, "clock_off"), (60, "clock_skewed")])
    def test_clock(self, firm: Firm, monkeypatch: pytest.MonkeyPatch, seconds: int, code: str):
        ahead = timezone.now() + timedelta(seconds=seconds)
        monkeypatch.setattr("syncapp.operations.doctor.reaching.timezone.now", lambda: ahead)
        assert set(codes("espocrm_clock")) == {code}


@pytest.mark.parametrize("name", ["espocrm_address", "advoware_address", "advoware_rechtsformen"])
def test_an_answer_without_a_text_is_told_in_german_with_its_status(firm: Firm, name: str):
    firm.pair()
    system, _sign, _what = name.partition("_")
    firm.sandbox.fault(system, "status", status=503, method="GET", count=None)
    said = manage("doctor", "--only", name, "--language", "de").out
    assert "meldet Fehler 503 ohne Text" in said
    assert "without a text" not in said


class TestEntity:
    def test_metadata_refused(self, firm: Firm):
        firm.sandbox.fault(
            "espocrm", "status", path_contains="Metadata", status=403, reason="No read access.",
            headers={"X-Status-Reason": "No read access."}, count=None,
        )  # fmt: skip
        assert codes("espocrm_entity") == {"metadata_refused": Light.YELLOW}

    def test_entity_missing(self, firm: Firm, settings: Any):
        settings.ESPOCRM_ENTITY_TYPE = "CNobody"
        assert codes("espocrm_entity") == {"entity_missing": Light.RED}

    @pytest.mark.parametrize(
        "spoil, code",
        [
            (without("advowareRowId"), "field_missing"),
            (without("zusatz"), "field_missing"),
            (field("betnr", type="date"), "field_type"),
            (field("betnr", readOnly=True), "field_read_only"),
            (field("titel", readOnly=True), "field_read_only"),
            (field("geburtsdatum", type="varchar"), "field_type"),
            (field("bAnrede", maxLength=20), "field_length"),
            (field("syncStatus", options=["clean"]), "field_options"),
            (field("anrede", type="enum"), "field_untranslated"),
        ],
    )
    def test_fields(self, firm: Firm, spoil: Callable[[dict[str, Any]], object], code: str):
        spoil_metadata(firm, spoil)
        assert codes("espocrm_fields")[code] == FAULTS[code].light

    def test_a_betnr_that_the_role_hides(self, firm: Firm, monkeypatch: pytest.MonkeyPatch):
        """No Beteiligter is created then, and who reads the metadata alone finds nothing wrong."""
        with holding(monkeypatch, "espocrm", lambda found: {key: found[key] for key in found if key != "betnr"}):
            assert "betnr_hidden" not in codes("espocrm_fields")  # no record shows whether it is
            firm.new()
            assert codes("espocrm_fields")["betnr_hidden"] == Light.RED
        assert "betnr_hidden" not in codes("espocrm_fields")

    def test_fields_that_are_copied_are_told_once(self, firm: Firm):
        assert codes("espocrm_fields") == {"field_copied": Light.YELLOW}
        (line,) = (line for line in examine(names=frozenset({"espocrm_fields"})) if line.code == "field_copied")
        assert "betnr, syncStatus" in line.found

    def test_field_map_wrong(self, firm: Firm, settings: Any):
        settings.ESPOCRM_FIELD_MAP = {"titel": "noSuchField"}
        assert codes("espocrm_fields") == {"field_map_wrong": Light.RED}

    def test_value_map_whose_option_was_removed(self, firm: Firm, settings: Any):
        settings.ESPOCRM_VALUE_MAP = {"anrede": {"Mr.": "Herr", "Ms.": "Frau"}}
        spoil_metadata(firm, field("anrede", type="enum", options=["", "Mr."]))
        assert codes("espocrm_fields")["field_mapped"] == Light.RED
        assert "Ms." in next(line.found for line in examine(names=frozenset({"espocrm_fields"})) if "Ms." in line.found)

    @pytest.mark.parametrize("options", [["", "Mr.", "Ms."], [], None])
    def test_value_map_whose_options_are_there_or_unknown(self, firm: Firm, settings: Any, options: list[str] | None):
        settings.ESPOCRM_VALUE_MAP = {"anrede": {"Mr.": "Herr", "Ms.": "Frau"}}
        spoil_metadata(firm, field("anrede", type="enum", options=options))
        assert "field_mapped" not in codes("espocrm_fields")

    def test_locking_off(self, firm: Firm):
        firm.sandbox.espocrm(optimistic_locking=False)
        assert codes("espocrm_locking") == {"locking_off": Light.YELLOW}

    def test_phone_types(self, firm: Firm):
        firm.sandbox.espocrm(phone_types=["Office", "Mobile"])
        assert codes("espocrm_phones") == {"phone_types": Light.YELLOW}

    def test_national_numbers(self, firm: Firm):
        firm.sandbox.espocrm(international_only=False)
        assert codes("espocrm_numbers") == {"national_numbers": Light.YELLOW}

    def test_bookkeeping_that_is_still_wrong(self, firm: Firm):
        remote_metadata.refuse_bookkeeping("betnr")
        spoil_metadata(firm, field("betnr", type="date"))
        assert codes("espocrm_bookkeeping") == {"bookkeeping_refused": Light.YELLOW}
        assert remote_metadata.bookkeeping_refused() == {"betnr"}

    def test_bookkeeping_that_was_mended_is_sent_again(self, firm: Firm):
        remote_metadata.refuse_bookkeeping("betnr")
        assert codes("espocrm_bookkeeping") == {}
        assert remote_metadata.bookkeeping_refused() == frozenset()

    def test_mended_fields_are_known_at_once(self, firm: Firm):
        spoil_metadata(firm, without("zusatz"))
        codes("espocrm_fields")
        assert "zusatz" not in remote_metadata.entity_fields()
        firm.sandbox.heal()
        codes("espocrm_fields")
        assert "zusatz" in remote_metadata.entity_fields()


class TestWebhooks:
    def made(self, settings: Any) -> None:
        manage("setup_espocrm")
        hooks = registry.espocrm_client().webhooks()
        settings.ESPOCRM_WEBHOOK_SECRETS = tuple((hook.id, str(hook.secret_key)) for hook in hooks)

    def hook(self) -> str:
        return next(h.id for h in registry.espocrm_client().webhooks() if h.event.endswith("update"))

    def test_good(self, firm: Firm, settings: Any):
        self.made(settings)
        assert codes("espocrm_webhooks") == {}

    def test_missing(self, firm: Firm):
        assert codes("espocrm_webhooks") == {"webhook_missing": Light.RED}

    def test_inactive(self, firm: Firm, settings: Any):
        self.made(settings)
        registry.espocrm_client().update_webhook(self.hook(), isActive=False)
        assert codes("espocrm_webhooks") == {"webhook_inactive": Light.RED}

    def test_elsewhere(self, firm: Firm, settings: Any):
        self.made(settings)
        settings.PUBLIC_URL = "https://moved.example.org"
        assert codes("espocrm_webhooks") == {"webhook_elsewhere": Light.RED}

    def test_secret_unknown(self, firm: Firm, settings: Any):
        self.made(settings)
        settings.ESPOCRM_WEBHOOK_SECRETS = ()
        assert codes("espocrm_webhooks") == {"webhook_secret": Light.RED}

    def test_skips_own(self, firm: Firm, settings: Any):
        self.made(settings)
        registry.espocrm_client().update_webhook(self.hook(), skipOwn=True)
        assert codes("espocrm_webhooks") == {"webhook_skips": Light.YELLOW}

    def test_twice(self, firm: Firm, settings: Any):
        self.made(settings)
        url = f"{PUBLIC}/webhooks/espocrm/beteiligte/update"
        registry.espocrm_client().create_webhook("CBeteiligte.update", url)
        assert codes("espocrm_webhooks")["webhook_twice"] == Light.YELLOW

    def test_refused(self, firm: Firm, settings: Any):
        settings.ESPOCRM_API_KEY = "sandbox-staff-key"
        assert codes("espocrm_webhooks") == {"webhooks_refused": Light.RED}


class TestRights:
    @pytest.fixture(autouse=True)
    def _somebody_to_tell(self, firm: Firm, settings: Any) -> None:
        settings.ESPOCRM_NOTIFY_USERS = [ANNA]

    def answer_with(self, firm: Firm, table: dict[str, object], **permissions: str) -> None:
        body = json.dumps({"user": {"id": "x", "userName": "syncbot"}, "acl": {"table": table, **permissions}})
        firm.sandbox.fault(
            "espocrm", "status", path_contains="App/user", status=200, body=body, count=None,
            headers={"Content-Type": "application/json"},
        )  # fmt: skip

    @pytest.mark.parametrize(
        "table, code",
        [
            ({"CBeteiligte": {"read": "no", "edit": "all"}}, "no_read"),
            ({"CBeteiligte": {"read": "all", "edit": "no"}}, "no_edit"),
            ({"Note": {"create": "no"}}, "no_note"),
            ({"User": False}, "no_user_read"),
            ({"CBeteiligte": {"read": "team", "edit": "all"}}, "rights_limited"),
            ({"CBeteiligte": {"read": "all", "edit": "own"}}, "rights_limited"),
        ],
    )
    def test_denied(self, firm: Firm, table: dict[str, object], code: str):
        self.answer_with(firm, table)
        assert codes("espocrm_rights") == {code: FAULTS[code].light}

    def test_what_is_not_mentioned_is_unknown(self, firm: Firm):
        self.answer_with(firm, {})
        assert codes("espocrm_rights") == {}

    def test_unknown_user_to_tell(self, firm: Firm, settings: Any):
        settings.ESPOCRM_NOTIFY_USERS = ["65a0b1c2d3e4f5a6b"]
        assert codes("espocrm_notices") == {"notify_user_unknown": Light.YELLOW}

    def test_refused_notes_are_forgotten_once_they_may_be_posted(self, firm: Firm):
        remote_metadata.keep(notify.NOTES_REFUSED, "No create access.")
        remote_metadata.keep(notify.MENTIONS_DROPPED, notify.NOT_NOTIFIED)
        assert codes("espocrm_notices") == {}
        assert not RemoteFact.objects.filter(pk__in=[notify.NOTES_REFUSED, notify.MENTIONS_DROPPED]).exists()

    @pytest.mark.parametrize("level", ["no", "team", "not-set"])
    @pytest.mark.parametrize(
        "name, other, code",
        [
            ("mentionPermission", "messagePermission", "no_mention"),
            ("messagePermission", "mentionPermission", "no_message"),
        ],
    )
    def test_permission_that_is_missing(self, firm: Firm, name: str, other: str, code: str, level: str):
        self.answer_with(firm, {}, **{name: level, other: "all"})
        assert codes("espocrm_notices") == {code: Light.YELLOW}

    @pytest.mark.parametrize(
        "met, reason, code",
        [
            (notify.NOTES_REFUSED, "Not permitted to post to anybody except self.", "notes_refused"),
            (notify.MENTIONS_DROPPED, notify.NOT_NOTIFIED, "mentions_dropped"),
        ],
    )
    def test_permissions_that_espocrm_does_not_tell_are_known_by_the_latest_note(
        self, firm: Firm, met: str, reason: str, code: str
    ):
        self.answer_with(firm, {})
        assert codes("espocrm_notices") == {}
        remote_metadata.keep(met, reason)
        assert codes("espocrm_notices") == {code: Light.YELLOW}

    def test_nobody_to_tell(self, firm: Firm, settings: Any):
        settings.ESPOCRM_NOTIFY_USERS = []
        assert codes("espocrm_notices") == {"notify_users_missing": Light.YELLOW}


class TestAdvoware:
    def test_unknown_host(self, firm: Firm, settings: Any):
        settings.ADVOWARE_AUTH_URL = "http://nowhere.invalid/token"
        assert codes("advoware_token") == {"advoware_unknown_host": Light.RED}

    def test_tls(self, firm: Firm, settings: Any, own_certificate: str):
        settings.ADVOWARE_AUTH_URL = f"{own_certificate}/token"
        assert codes("advoware_token") == {"advoware_tls": Light.RED}

    def test_unreachable(self, firm: Firm, settings: Any):
        settings.ADVOWARE_API_BASE_URL = "http://127.0.0.1:1/"
        assert codes("advoware_address") == {"advoware_unreachable": Light.RED}

    def test_wrong_prefix(self, firm: Firm, settings: Any):
        settings.ADVOWARE_API_PREFIX = "api/v9"
        assert codes("advoware_address") == {"advoware_strange": Light.RED}

    def test_wrong_token_address(self, firm: Firm, settings: Any):
        settings.ADVOWARE_AUTH_URL = firm.sandbox.token_url + "s"
        assert codes("advoware_token") == {"token_strange": Light.RED}

    def test_token_refused(self, firm: Firm, settings: Any):
        settings.ADVOWARE_PASSWORD = "wrong"
        assert codes("advoware_token") == {"token_refused": Light.RED}

    def test_fresh_token_refused(self, firm: Firm):
        firm.sandbox.fault("advoware", "status", method="GET", status=401, count=None)
        assert codes("advoware_token") == {"advoware_login": Light.RED}

    def test_clock(self, firm: Firm, monkeypatch: pytest.MonkeyPatch):
        ahead = timezone.now() + timedelta(minutes=10)
        monkeypatch.setattr("syncapp.operations.doctor.reaching.timezone.now", lambda: ahead)
        assert codes("advoware_clock") == {"clock_off": Light.RED}

    def test_rechtsformen_unreadable(self, firm: Firm):
        firm.pair()
        firm.sandbox.fault("advoware", "status", path_contains="Rechtsformen", status=403, count=None)
        assert codes("advoware_rechtsformen") == {"rechtsformen_unreadable": Light.YELLOW}

    def test_rechtsformen_empty(self, firm: Firm):
        firm.sandbox.fault(
            "advoware", "status", path_contains="Rechtsformen", status=200, body="[]", count=None,
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        assert codes("advoware_rechtsformen") == {"rechtsformen_empty": Light.YELLOW}

    def test_company_forms_unknown(self, firm: Firm, settings: Any):
        settings.COMPANY_RECHTSFORMEN = ["Gesellschaft mbH"]
        assert codes("advoware_rechtsformen") == {"company_forms_unknown": Light.YELLOW}

    def test_nothing_linked(self, firm: Firm):
        assert codes("advoware_read") == {"nothing_linked": Light.YELLOW}

    def test_betnr_unreadable(self, firm: Firm):
        _espo_id, betnr = firm.pair()
        firm.sandbox.fault("advoware", "status", path_contains=f"Beteiligte/{betnr}", status=403, count=None)
        assert codes("advoware_read") == {"betnr_unreadable": Light.RED}

    def test_fields_not_shown(self, firm: Firm):
        """Every record would count as equal, and what EspoCRM has in those fields never arrive."""
        _espo_id, betnr = firm.pair()
        assert codes("advoware_read") == {}
        without = {key: value for key, value in firm.advo(betnr).items() if key not in ("titel", "zusatz")}
        firm.sandbox.fault(
            "advoware", "status", path_contains=f"Beteiligte/{betnr}", status=200, body=json.dumps(without), count=None,
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        assert codes("advoware_read") == {"fields_not_shown": Light.YELLOW}
        assert "titel, zusatz" in manage("doctor", "--only", "advoware_read", "--language", "en").out


class TestProxy:
    @pytest.fixture(autouse=True)
    def _switched_on(self, db: None, settings: Any) -> None:
        settings.PROXY_ENABLED = True

    def key(self, name: str = "n8n", grants: tuple[str, ...] = ("GET Akten",), **columns: Any) -> None:
        keys.make(name=name, grants=grants, by="tests", **columns)

    def test_all_well(self):
        self.key()
        assert codes("proxy", "proxy_keys") == {}

    def test_switched_off_there_is_nothing_to_say(self, settings: Any):
        settings.PROXY_ENABLED = False
        settings.PROXY_RESOURCES = ["GET *"]
        assert codes("proxy", "proxy_keys") == {}

    def test_everything_is_offered(self, settings: Any):
        settings.PROXY_RESOURCES = ["GET Sachgebiete", "GET+DELETE *"]
        assert codes("proxy") == {"proxy_everything": Light.RED}

    @pytest.mark.parametrize(
        "url, found",
        [("http://sync.example.org", {"proxy_plain": Light.RED}), ("http://127.0.0.1:8000", {}), (PUBLIC, {})],
    )
    def test_keys_in_the_clear(self, url: str, found: dict[str, Light], settings: Any):
        settings.PUBLIC_URL = url
        assert codes("proxy") == found

    def test_no_key(self):
        self.key()
        ProxyKey.objects.update(revoked_at=timezone.now())
        assert codes("proxy_keys") == {"proxy_no_key": Light.YELLOW}

    def test_a_key_ends(self):
        self.key(expires_at=timezone.now() + timedelta(days=3))
        assert codes("proxy_keys") == {"proxy_key_ends": Light.YELLOW}

    def test_a_key_has_ended_and_its_program_goes_on(self):
        self.key("other")
        self.key(expires_at=timezone.now() + timedelta(days=3))
        rows = ProxyKey.objects.exclude(name="other")
        rows.update(expires_at=timezone.now() - timedelta(days=3))
        assert codes("proxy_keys") == {}
        rows.update(last_used_at=timezone.now())
        assert codes("proxy_keys") == {"proxy_key_ended": Light.YELLOW}

    def test_a_key_for_the_trigger_ends_while_the_proxy_is_off(self, settings: Any):
        settings.PROXY_ENABLED = False
        self.key(grants=("calendar:sync",), expires_at=timezone.now() + timedelta(days=3))
        self.key("other", expires_at=timezone.now() + timedelta(days=3))
        assert codes("proxy_keys") == {}
        settings.GOOGLE_SERVICE_ACCOUNT_FILE = "key.json"
        assert codes("proxy_keys") == {"proxy_key_ends": Light.YELLOW}

    def test_a_key_for_what_is_offered_no_more(self, settings: Any):
        settings.PROXY_RESOURCES = ["GET Sachgebiete"]
        self.key(grants=("GET Sachgebiete", "calendar:sync", "GET *"))
        assert codes("proxy_keys") == {}
        settings.PROXY_RESOURCES = []
        assert codes("proxy_keys") == {"proxy_key_useless": Light.YELLOW}

    def test_a_key_whose_fixed_value_is_no_limit(self):
        self.key(grants=("GET Termine kuerzel=SB",))
        assert codes("proxy_keys") == {}
        ProxyKey.objects.update(grants=["GET Beteiligte/{int} kuerzel=SB"])
        assert codes("proxy_keys") == {"proxy_key_limitless": Light.YELLOW}


def test_every_check_says_what_it_looks_at():
    assert list(LOOKS_AT) == [check.name for check in CHECKS]


def test_every_fault_has_a_test():
    """By the text of these files: the tests of one file may run in several processes."""
    files = (Path(__file__), *(Path(__file__).with_name(f"test_doctor_{name}.py") for name in ("lists", "google")))
    named = set(re.findall(r'"(\w+)"', "".join(file.read_text() for file in files)))
    assert set(FAULTS) - named == set()
