"""What the preview says is what a live run then does, write by write, over random records against the stand-ins."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncapp.core.beteiligte.plan import RecordPlan
from syncapp.core.echoes import BOOKKEEPING
from syncapp.engine import control
from syncapp.entities.beteiligte.clients import Tools, configured_clients
from syncapp.entities.beteiligte.preview import Preview, preview
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import GuardCount, SyncRecord
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.espocrm.client import EspoClient
from tests.support.firm import Firm

Sent = tuple[str, str, str, dict[str, Any]]

LONG_FIRST_NAME = "Hans-Joachim Maximilian Friedrich Georg"
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "vorname": st.sampled_from(["Ida", "Ada", "", LONG_FIRST_NAME]),
        "titel": st.sampled_from(["Dr.", "Prof. Dr.", ""]),
        "zusatz": st.sampled_from(["c/o Meier", "Zentrale", ""]),
        "rechtsform": st.sampled_from(["GmbH", "gmbh", "", "Unbekannte Form"]),
        "geburtsdatum": st.sampled_from(["1961-04-12", "1974-05-22", None]),
    },
)
# What Advoware takes from its own people: no first name of 39 characters, no legal form that it does not know.
THEIRS = FIELDS.map(
    lambda fields: {
        name: {"vorname": "Ada", "rechtsform": "GmbH"}.get(name, value) if value else value
        for name, value in fields.items()
    }
)
PHONES = st.lists(st.sampled_from(["+4951110001", "+4951110002", "+491701000003"]), unique=True, max_size=3)
ENTRIES = st.lists(
    st.sampled_from([("0511 10001", 1), ("0511 10009", 1), ("0170 1000003", 3), ("a@example.org", 4), ("Akte 7", 10)]),
    unique=True,
    max_size=2,
)
POLICIES = st.sampled_from([{"*": "espocrm_wins"}, {"*": "advoware_wins"}, {"*": "manual"}])


@contextmanager
def recorded() -> Iterator[list[Sent]]:
    """Every write of data that reaches a client; bookkeeping is left out."""
    sent: list[Sent] = []
    with pytest.MonkeyPatch.context() as patched:

        def watch(owner: type, name: str, read: Any) -> None:
            real = getattr(owner, name)

            def call(client: Any, *arguments: Any, **named: Any) -> Any:
                one = read(*arguments, **named)
                sent.extend([one] if one[3] else [])
                return real(client, *arguments, **named)

            patched.setattr(owner, name, call)

        watch(AdvowareClient, "create", _record_made)
        watch(AdvowareClient, "update", lambda current, changes: ("advoware", "change", "record", dict(changes)))
        watch(AdvowareClient, "create_kommunikation", _entry_made)
        watch(AdvowareClient, "update_kommunikation", _entry_changed)
        watch(EspoClient, "patch", _patched)
        yield sent


def _record_made(fields: dict[str, Any]) -> Sent:
    """Without the texts that a create names as empty: they make nothing of it."""
    return "advoware", "create", "record", {name: value for name, value in fields.items() if value != ""}


def _entry_made(_bet_nr: int, *, komm_kz: int, **entry: Any) -> Sent:
    return "advoware", "create", "kommunikation", {**entry, "kommKz": komm_kz}


def _entry_changed(_bet_nr: int, entry: Any, **changes: Any) -> Sent:
    return "advoware", "change", f"kommunikation.{entry.id}", changes


def _patched(_record_id: str, attributes: dict[str, Any], **_version: Any) -> Sent:
    data = {name: value for name, value in attributes.items() if name not in BOOKKEEPING}
    return "espocrm", "change", "record", data


def announced(plan: RecordPlan) -> list[Sent]:
    """The plan's writes, spelled for each system as the mapping spells them."""
    field_map = remote_metadata.field_map()
    found: list[Sent] = []
    for write in plan.remote_writes():
        values = dict(write.values)
        if write.target == "record":
            fields = {name: value for name, value in values.items() if name in field_map.espo_names}
            others = {name: value for name, value in values.items() if name not in fields}
            spelled = (
                field_map.to_advo(fields)  # type: ignore[arg-type]
                if write.side == "advoware"
                else field_map.to_espo(fields, company=plan.company)  # type: ignore[arg-type]
            )
            values = {**spelled, **others}
        found.append((str(write.side), write.act, write.target, values))
    return found


def ahead(espo_id: str) -> Preview:
    tools = Tools(configured_clients(), remote_metadata.field_map())
    row = SyncRecord.objects.get_or_create(espo_id=espo_id)[0]
    return preview(row, tools=tools, control=control.switches())


def phones(numbers: list[str]) -> list[dict[str, Any]]:
    return [{"phoneNumber": number, "type": "Office", "primary": not place} for place, number in enumerate(numbers)]


def as_advoware_spells(fields: dict[str, Any]) -> dict[str, Any]:
    day = fields.get("geburtsdatum")
    return {**fields, "geburtsdatum": f"{day}T00:00:00"} if day else fields


def both_say_the_same(firm: Firm, espo_id: str) -> None:
    seen = ahead(espo_id)
    assert seen.plan is not None
    with recorded() as sent:
        firm.sync(espo_id)
    record = firm.record(espo_id)
    if seen.plan.refusal or seen.plan.faults:
        assert sent == []
        assert record.kind == (seen.plan.refusal.kind if seen.plan.refusal else "validation")
        return
    assert record.kind == "", record.fault
    assert sent == announced(seen.plan)


# Each example is three runs over real HTTP.
@settings(
    max_examples=max(8, settings().max_examples // 4),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(new=FIELDS, numbers=PHONES, policy=POLICIES, ours=FIELDS, theirs=THEIRS, points=PHONES, entries=ENTRIES)
def test_a_preview_and_the_run_after_it(
    firm: Firm,
    new: dict[str, Any],
    numbers: list[str],
    policy: dict[str, str],
    ours: dict[str, Any],
    theirs: dict[str, Any],
    points: list[str],
    entries: list[tuple[str, int]],
) -> None:
    """A create, then edits on both sides, then the run that carries them, then one that has nothing to do."""
    firm.settings.SYNC_CONFLICT_POLICY = policy
    firm.settings.COMPANY_RECHTSFORMEN = ["GmbH"]
    remote_metadata._resolved.cache_clear()
    espo_id = firm.new(**{**new, "phoneNumberData": phones(numbers)})
    both_say_the_same(firm, espo_id)
    betnr = firm.record(espo_id).betnr
    if betnr is None:
        return
    firm.sandbox.anna.change(espo_id, **ours, phoneNumberData=phones(points))
    firm.sandbox.clerk.change(betnr, **as_advoware_spells(theirs))
    for tlf, komm_kz in entries:
        firm.sandbox.clerk.add_contact(betnr, tlf=tlf, kommKz=komm_kz)
    both_say_the_same(firm, espo_id)
    both_say_the_same(firm, espo_id)
    # Each example is a day of its own: the guards count over all records.
    GuardCount.objects.all().delete()


def test_a_relinked_record_is_previewed_with_its_new_beteiligter(firm: Firm) -> None:
    espo_id, _betnr = firm.pair(titel="Dr.")
    other = firm.sandbox.clerk.create(name="Müller-Lüdenscheidt", titel="Prof.")["betNr"]
    firm.sandbox.anna.change(espo_id, betnr=other)
    both_say_the_same(firm, espo_id)
    assert firm.record(espo_id).betnr == other


def test_a_preview_writes_nothing(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.clerk.change(betnr, zusatz="c/o")
    firm.sandbox.clear_calls()
    seen = ahead(espo_id)
    assert seen.plan is not None
    assert seen.plan.field_names == ["advoware.titel", "espocrm.zusatz"]
    assert {method for calls in firm.counts().values() for method in calls} == {"GET"}
