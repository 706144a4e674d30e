"""Entries and items that no table foresees: each is handled or reported, and none stops the others."""

from typing import Any

import pytest

from tests.scenarios.kommunikation.stage import Stage
from tests.scenarios.kommunikation.wire import Rewrite

GOOD = "Mobil  0170 1000002"
GOOD_MARKED = "Mobil  0170 1000002  [+491701000002]"


def rewriting(change: Any) -> Rewrite:
    """Changes the entries in every answer that shows a Beteiligter."""

    def rewrite(request: Any, answer: Any) -> Any:
        if isinstance(answer, dict) and "kommunikation" in answer:
            return {**answer, "kommunikation": change(answer["kommunikation"])}
        return answer

    return rewrite


def is_settled(stage: Stage) -> None:
    """The good entry was carried, the record is clean, and the next run writes nothing."""
    stage.run("clean")
    assert GOOD_MARKED in stage.advoware_now()
    assert "Mobile  +491701000002" in [line.removesuffix("  primary") for line in stage.espocrm_now()]
    stage.nothing_more_to_do()


@pytest.mark.parametrize(
    "value",
    [
        "1" * 500,
        "x" * 500,
        "a@b@c.de",
        "erika mustermann@example.org",
        "müller@example.org",
        "0511 12345 abends",
        "0000000",
        "+999 123",
        "www.example.org",
        "☎",
    ],
)
def test_a_value_that_espocrm_would_refuse_stays_in_advoware(value: str, stage: Stage) -> None:
    stage.holds_in_advoware(GOOD)
    stage.entries.append({"kommKz": 10, "tlf": value, "bemerkung": None, "online": True})
    is_settled(stage)
    assert stage.reported() == [f"not_representable  {value}"]
    assert (stage.kommunikation()[1]["tlf"], stage.kommunikation()[1]["bemerkung"]) == (value, None)


@pytest.mark.parametrize("value", [None, "", "   ", "\t"])
def test_an_entry_without_a_value_is_left_alone(value: str | None, stage: Stage) -> None:
    stage.holds_in_advoware(GOOD)
    stage.entries.append({"kommKz": 1, "tlf": value, "bemerkung": None, "online": False})
    is_settled(stage)
    assert stage.reported() == []
    assert stage.kommunikation()[1]["tlf"] == value


def test_an_entry_with_null_everywhere(stage: Stage) -> None:
    stage.holds_in_advoware(GOOD)
    nothing = dict.fromkeys(("rowId", "kommArt", "kommKz", "tlf", "bemerkung", "online", "betNr"))
    stage.wire.rewrite = rewriting(lambda entries: [*entries, {"id": 999999, **nothing}])
    is_settled(stage)


@pytest.mark.parametrize("change", [lambda entry: entry.pop("online"), lambda entry: entry.update(online=None)])
def test_an_entry_that_does_not_say_whether_it_is_in_use_stays_in_use(change: Any, stage: Stage) -> None:
    def silent(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for entry in entries:
            change(entry)
        return entries

    stage.holds_in_advoware(GOOD)
    stage.wire.rewrite = rewriting(silent)
    is_settled(stage)
    assert [entry["online"] for entry in stage.kommunikation()] == [True]


def test_an_unknown_komm_kz_is_reported_and_guessed(stage: Stage) -> None:
    stage.holds_in_advoware(GOOD)
    stage.wire.rewrite = rewriting(lambda entries: [{**entry, "kommKz": 77} for entry in entries])
    is_settled(stage)
    assert "unknown_komm_kz  0170 1000002" in stage.reported()


def test_the_same_entry_twice_counts_once(stage: Stage) -> None:
    stage.holds_in_advoware(GOOD)
    stage.wire.rewrite = rewriting(lambda entries: [*entries, *entries])
    is_settled(stage)
    assert "duplicate_entry  0170 1000002" in stage.reported()
    assert stage.espocrm_now() == ["Mobile  +491701000002"]


@pytest.mark.parametrize("bad", [{"id": None}, {"id": "x"}, {}, "no object", None, 5], ids=repr)
def test_an_entry_that_nobody_can_address_stops_the_contact_points_alone(bad: Any, stage: Stage) -> None:
    """Left out, it would look as if somebody had deleted it: that list is as good as missing."""
    entry = {"tlf": "0511 100001", **bad} if isinstance(bad, dict) else bad
    stage.holds_in_espocrm("Office  +49511100001")
    stage.in_step()
    stage.clerk_adds(GOOD)
    stage.clerk_sets("zusatz", "c/o Meier")
    stage.wire.rewrite = rewriting(lambda entries: [entry, *entries[1:]])
    stage.run("failed")
    assert stage.record.fault["code"] == "missing_list"
    assert stage.espocrm_now() == ["Office  +49511100001"]
    assert stage.firm.espo(stage.espo_id)["zusatz"] == "c/o Meier"
    stage.wire.rewrite = None
    is_settled(stage)


@pytest.mark.parametrize("row", [{"phoneNumber": None}, {"phoneNumber": "  "}, {"type": "Office"}, "no object", None])
def test_a_row_of_espocrm_without_a_value_is_no_item(row: Any, stage: Stage) -> None:
    stage.holds_in_espocrm("Mobile  +491701000002")
    stage.holds_in_advoware(GOOD)

    def rewrite(request: Any, answer: Any) -> Any:
        if isinstance(answer, dict) and isinstance(answer.get("phoneNumberData"), list):
            return {**answer, "phoneNumberData": [row, *answer["phoneNumberData"]]}
        return answer

    stage.wire.rewrite = rewrite
    is_settled(stage)


def test_a_null_for_a_list_is_an_empty_list(stage: Stage) -> None:
    stage.holds_in_advoware("MailGesch  erika@example.org")

    def rewrite(request: Any, answer: Any) -> Any:
        shows = isinstance(answer, dict) and "phoneNumberData" in answer
        return {**answer, "phoneNumberData": answer["phoneNumberData"] or None} if shows else answer

    stage.wire.rewrite = rewrite
    stage.run("clean")
    assert stage.espocrm_now() == ["email  erika@example.org"]
    stage.nothing_more_to_do()


def test_a_list_that_is_no_list_counts_as_missing(stage: Stage) -> None:
    stage.holds_in_advoware(GOOD)
    stage.wire.rewrite = lambda request, answer: (
        {**answer, "phoneNumberData": "Array"} if isinstance(answer, dict) and "phoneNumberData" in answer else answer
    )
    stage.run("failed")
    assert stage.record.fault["code"] == "missing_list"
    assert stage.advoware_now() == [GOOD]
