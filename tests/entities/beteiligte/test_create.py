"""Creating a Beteiligter: once, with the intent committed before, and only where nobody has to confirm it."""

from datetime import timedelta

import pytest
import redis
from django.db.models import Q
from django.utils import timezone

from syncapp.entities.beteiligte.clients import configured_clients
from syncapp.entities.beteiligte.probes import neutral, remote_metadata
from syncapp.models import Breaker, Control, SyncRecord
from syncapp.operations.actions import ActionContext, perform
from tests.entities.beteiligte.test_odd_text import holding
from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile, power_cut

BOSS = ActionContext(actor="boss", reason="looked it up")


def beteiligte(firm: Firm) -> list[dict[str, object]]:
    return list(firm.sandbox.state()["advoware"])


def test_everything_that_espocrm_holds_arrives_and_the_link_comes_back(firm: Firm) -> None:
    espo_id = firm.new(zusatz="c/o Meier", rechtsform="natürliche Person")
    firm.sync(espo_id)
    record = firm.record(espo_id)
    made = firm.advo(record.betnr or 0)
    assert made["vorname"] == "Jürgen"
    assert (made["zusatz"], made["rechtsform"]) == ("c/o Meier", "natürliche Person")
    assert made["geburtsdatum"] == "1961-04-12T00:00:00"
    shown = firm.espo(espo_id)
    assert (shown["betnr"], shown["syncStatus"]) == (record.betnr, "clean")
    assert shown["advowareRowId"] == record.row_id == made["rowId"]
    assert shown["advowareLastSync"] is not None
    assert (record.create_intent, record.completed) == (None, record.requested)


def test_the_intent_is_committed_before_the_post(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id = firm.new()
    seen: list[object] = []
    meanwhile.before("advoware", "create", lambda: seen.append(firm.record(espo_id).create_intent))
    firm.sync(espo_id)
    assert seen[0] is not None


def test_the_link_is_committed_before_the_patch(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id = firm.new()
    seen: list[tuple[object, object]] = []

    def note_state() -> None:
        record = firm.record(espo_id)
        seen.append((record.betnr, record.create_intent))

    meanwhile.before("espocrm", "patch", note_state)
    firm.sync(espo_id)
    assert seen == [(firm.record(espo_id).betnr, None)]


@pytest.mark.parametrize("answers_list", [False, True], ids=["an object", "a list of one"])
def test_the_answer_is_an_object_or_a_list(firm: Firm, answers_list: bool) -> None:
    firm.sandbox.advoware(post_answers_list=answers_list)
    espo_id, betnr = firm.pair()
    assert firm.espo(espo_id)["betnr"] == betnr


def test_an_answer_without_row_id_costs_one_get(firm: Firm) -> None:
    firm.sandbox.advoware(row_id_in_answers=False)
    espo_id = firm.new()
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts() == {"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"POST": 1, "GET": 1}}
    record = firm.record(espo_id)
    assert record.row_id == firm.advo(record.betnr or 0)["rowId"]
    firm.is_silent(espo_id)


@pytest.mark.parametrize(
    "fault, details",
    [("cut_after", {}), ("cut_before", {}), ("half_body", {}), ("empty_200", {}), ("status", {"status": 500})],
    ids=["done, answer lost", "cut, nothing done", "half an answer", "empty answer", "server error"],
)
def test_an_unknown_outcome_waits_for_a_person_and_is_never_retried(firm: Firm, fault: str, details: dict) -> None:  # type: ignore[type-arg]
    espo_id = firm.new()
    firm.sandbox.fault("advoware", fault, method="POST", path_contains="Beteiligte", **details)
    assert firm.sync(espo_id).status == "failed"
    record = firm.record(espo_id)
    assert (record.kind, record.next_retry_at) == ("create_outcome_unknown", None)
    assert record.create_intent is not None
    assert firm.espo(espo_id)["syncStatus"] == "failed"
    before = len(beteiligte(firm))
    firm.ask(espo_id)
    assert firm.sync(espo_id).ended == "not_due"
    assert firm.sync(espo_id, forced=False).ended == "not_due"
    assert len(beteiligte(firm)) == before


def test_a_betnr_that_espocrm_does_not_show_is_not_taken_for_none(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role that hides the field: the record may have a Beteiligter, and a second one could never be deleted."""
    betnr = firm.sandbox.clerk.create(name="Schon Da")["betNr"]
    espo_id = firm.new(name="Schon Da", betnr=betnr)
    with holding(monkeypatch, "espocrm", lambda found: {key: value for key, value in found.items() if key != "betnr"}):
        assert firm.sync(espo_id).status == "failed"
    record = firm.record(espo_id)
    assert (record.kind, record.fault["code"], record.betnr) == ("forbidden", "betnr_hidden", None)
    assert len(beteiligte(firm)) == 1
    assert "betnr" in firm.espo(espo_id)["syncErrorMessage"]
    assert firm.sync(espo_id).status == "clean"  # once the role may read it
    assert firm.record(espo_id).betnr == firm.espo(espo_id)["betnr"] == betnr
    assert len(beteiligte(firm)) == 1


def test_without_a_field_for_it_there_is_no_betnr_in_espocrm(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {name: one for name, one in remote_metadata.entity_fields().items() if name != "betnr"}
    remote_metadata.keep(remote_metadata.ENTITY_FIELDS, fields)
    espo_id = firm.new()
    with holding(monkeypatch, "espocrm", lambda found: {key: value for key, value in found.items() if key != "betnr"}):
        assert firm.sync(espo_id).status == "clean"
    assert firm.record(espo_id).betnr == beteiligte(firm)[0]["betNr"]


def test_even_a_reset_does_not_repeat_an_unknown_create(firm: Firm) -> None:
    espo_id = firm.new()
    firm.sandbox.fault("advoware", "cut_after", method="POST", path_contains="Beteiligte")
    firm.sync(espo_id)
    firm.sandbox.anna.change(espo_id, syncStatus="dirty")
    firm.reset(espo_id)
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "create_outcome_unknown"
    assert len(beteiligte(firm)) == 1


def test_a_crash_between_intent_and_answer_is_an_unknown_outcome(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id = firm.new()

    meanwhile.after("advoware", "create", power_cut)
    with pytest.raises(SystemExit):
        firm.sync(espo_id)
    firm.expire_lease(espo_id)
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "create_outcome_unknown"
    assert len(beteiligte(firm)) == 1


def test_link_to_betnr_settles_it(firm: Firm) -> None:
    espo_id = firm.new()
    firm.sandbox.fault("advoware", "cut_after", method="POST", path_contains="Beteiligte")
    firm.sync(espo_id)
    (made,) = beteiligte(firm)
    perform(
        code="link",
        record=firm.record(espo_id),
        action_context=ActionContext(actor="boss", details={"betnr": made["betNr"]}),
    )
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["betnr"] == made["betNr"]
    assert len(beteiligte(firm)) == 1
    firm.is_silent(espo_id)


def test_create_after_all_settles_it(firm: Firm) -> None:
    espo_id = firm.new()
    firm.sandbox.fault("advoware", "cut_before", method="POST", path_contains="Beteiligte")
    firm.sync(espo_id)
    perform(code="create_after_all", record=firm.record(espo_id), action_context=BOSS)
    assert firm.sync(espo_id).status == "clean"
    assert len(beteiligte(firm)) == 1


def test_a_connection_that_was_never_made_is_transient(firm: Firm, settings: object) -> None:
    espo_id = firm.new()
    firm.advoware_is_unreachable()
    assert firm.sync(espo_id).status == "failed"
    record = firm.record(espo_id)
    assert (record.kind, record.create_intent, record.retry_count) == ("transient", None, 1)
    assert record.next_retry_at is not None


def asked(firm: Firm) -> list[str]:
    return [f"{method} {path.partition('/advonet/')[2]}" for _s, method, path in firm.sandbox.calls("advoware")]


@pytest.fixture
def for_a_while_silent(firm: Firm, redis_client: "redis.Redis[bytes]") -> None:
    """Advoware has answered nobody for ten seconds."""
    redis_client.delete(*redis_client.keys("advoware:alive:*"))


@pytest.mark.usefixtures("for_a_while_silent")
def test_after_a_silence_one_get_comes_before_the_post(firm: Firm) -> None:
    espo_id, next_id = firm.new(), firm.new()
    assert firm.sync(espo_id).status == "clean"
    assert asked(firm) == ["GET Rechtsformen", "POST Beteiligte"]
    firm.sandbox.clear_calls()
    assert firm.sync(next_id).status == "clean"
    assert firm.counts()["advoware"] == {"POST": 1}


def test_after_a_silence_a_known_beteiligter_is_asked_for(firm: Firm, redis_client: "redis.Redis[bytes]") -> None:
    _known, betnr = firm.pair()
    espo_id = firm.new()
    redis_client.delete(*redis_client.keys("advoware:alive:*"))
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert asked(firm) == [f"GET Beteiligte/{betnr}", "POST Beteiligte"]


OUTAGES: dict[str, dict[str, object]] = {
    "503": {"fault": "status", "status": 503},
    "500": {"fault": "status", "status": 500},
    "cut before an answer": {"fault": "cut_before"},
    "half an answer": {"fault": "half_body"},
    "an empty answer": {"fault": "empty_200"},
    "HTML": {"fault": "html_200"},
    "login refused": {"fault": "status", "status": 401},
}


@pytest.mark.usefixtures("for_a_while_silent")
@pytest.mark.parametrize("outage", OUTAGES)
def test_in_an_outage_nothing_is_posted_and_no_record_is_in_doubt(firm: Firm, outage: str) -> None:
    ids = [firm.new() for _ in range(7)]
    details = dict(OUTAGES[outage])
    firm.sandbox.fault("advoware", str(details.pop("fault")), count=None, **details)
    for espo_id in ids:
        firm.sync(espo_id)
    firm.sandbox.heal()
    assert [call for call in firm.sandbox.calls("advoware") if call[1] == "POST"] == []
    assert not SyncRecord.objects.filter(Q(kind="create_outcome_unknown") | Q(create_intent__isnull=False)).exists()
    Breaker.objects.all().delete()
    for espo_id in ids:
        assert firm.sync(espo_id).status == "clean"
    assert len(beteiligte(firm)) == len(ids)


def test_a_failure_ends_the_sign_of_life_at_once(firm: Firm) -> None:
    """The last proper answer is seconds old, and a write has failed since: the next create asks first."""
    espo_id, _betnr = firm.pair()
    new_id = firm.new()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.fault("advoware", "status", status=503, count=None)
    firm.sync(espo_id)
    firm.sandbox.clear_calls()
    assert firm.sync(new_id).status == "failed"
    assert firm.record(new_id).kind == "transient"
    assert "POST" not in firm.counts()["advoware"]


@pytest.mark.usefixtures("for_a_while_silent")
@pytest.mark.parametrize("status", [403, 404])
def test_a_refused_list_of_legal_forms_is_an_answer(firm: Firm, status: int) -> None:
    """Where the interface may not read it, the first create would otherwise never go."""
    firm.sandbox.fault("advoware", "status", status=status, count=None, path_contains="Rechtsformen")
    assert firm.sync(firm.new()).status == "clean"


@pytest.mark.usefixtures("for_a_while_silent")
@pytest.mark.parametrize("body", ['{"rechtsformen": ["GmbH"]}', '[["GmbH"]]', '"GmbH"'])
def test_legal_forms_in_a_shape_that_nobody_knows_are_an_answer(firm: Firm, body: str) -> None:
    """Their shape is unknown; that they cannot be read must stop neither a create nor the closing of a breaker."""
    firm.sandbox.fault("advoware", "status", status=200, body=body, count=None, path_contains="Rechtsformen")
    assert firm.sync(firm.new()).status == "clean"
    SyncRecord.objects.all().delete()
    assert neutral.trouble_of("advoware", configured_clients()) is None


def test_a_refused_create_leaves_no_intent(firm: Firm) -> None:
    espo_id = firm.new()
    firm.sandbox.fault("advoware", "status", status=400, method="POST", path_contains="Beteiligte")
    assert firm.sync(espo_id).status == "failed"
    assert (firm.record(espo_id).kind, firm.record(espo_id).create_intent) == ("validation", None)


def test_an_answer_lost_after_the_link_was_kept_creates_nothing_twice(firm: Firm) -> None:
    """The POST is done and answered, only EspoCRM's PATCH is lost."""
    espo_id = firm.new()
    firm.sandbox.fault("espocrm", "cut_before", method="PATCH")
    assert firm.sync(espo_id).status == "failed"
    betnr = firm.record(espo_id).betnr
    assert betnr is not None
    assert firm.espo(espo_id)["betnr"] is None
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["betnr"] == betnr
    assert len(beteiligte(firm)) == 1


def test_ours_counts_if_espocrms_betnr_is_missing(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, betnr=None)
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["betnr"] == betnr
    assert len(beteiligte(firm)) == 1


@pytest.fixture
def older_than_going_live(firm: Firm) -> str:
    """A record that was there before the installation went live."""
    espo_id = firm.new()
    Control.objects.update(live_since=timezone.now() + timedelta(minutes=5))
    return espo_id


@pytest.mark.parametrize("source", ["webhook", "sweep"])
def test_an_older_record_without_betnr_needs_confirmation(firm: Firm, older_than_going_live: str, source: str) -> None:
    firm.sandbox.clear_calls()
    assert firm.sync(older_than_going_live, source=source).status == "failed"
    record = firm.record(older_than_going_live)
    assert (record.kind, record.next_retry_at) == ("needs_confirmation", None)
    assert beteiligte(firm) == []
    assert firm.counts()["advoware"] == {}
    assert "syncErrorMessage" in firm.espo(older_than_going_live)
    assert firm.espo(older_than_going_live)["syncErrorMessage"]


def test_it_is_released_in_the_admin(firm: Firm, older_than_going_live: str) -> None:
    firm.sync(older_than_going_live)
    perform(code="create_after_all", record=firm.record(older_than_going_live), action_context=BOSS)
    assert firm.sync(older_than_going_live).status == "clean"
    assert len(beteiligte(firm)) == 1


def test_what_a_company_does_not_have_is_not_created(firm: Firm, settings: object) -> None:
    settings.COMPANY_RECHTSFORMEN = ["GmbH"]  # type: ignore[attr-defined]
    espo_id = firm.new(name="Nordwind", rechtsform="GmbH", vorname="Jürgen", geburtsdatum="1961-04-12")
    assert firm.sync(espo_id).status == "clean"
    made = firm.advo(firm.record(espo_id).betnr or 0)
    assert (made["name"], made["vorname"], made["geburtsdatum"]) == ("Nordwind", None, None)
    firm.is_silent(espo_id)


def test_a_betnr_that_another_record_holds_is_not_taken_from_it(firm: Firm, meanwhile: Meanwhile) -> None:
    """Advoware restored from yesterday's copy gives the same numbers out again."""
    other, betnr = firm.pair()
    espo_id = firm.new(name="Zweite")
    from syncapp.remotes.advoware.client import AdvowareClient

    real = AdvowareClient.create

    def create(client: AdvowareClient, fields: object) -> object:
        from dataclasses import replace

        return replace(real(client, fields), bet_nr=betnr)  # type: ignore[arg-type]

    meanwhile._monkeypatch.setattr(AdvowareClient, "create", create)
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "duplicate_link"
    assert firm.record(other).betnr == betnr
