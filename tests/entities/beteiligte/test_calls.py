"""The table of remote calls that a sync may cost, row by row, counted by the stand-ins."""

from tests.support.firm import Firm


def test_create(firm: Firm) -> None:
    espo_id = firm.new()
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts() == {"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"POST": 1}}
    record = firm.record(espo_id)
    assert firm.espo(espo_id)["betnr"] == record.betnr
    assert firm.advo(record.betnr or 0)["name"] == "Müller-Lüdenscheidt"
    firm.is_silent(espo_id)


def test_update_to_advoware(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof. Dr.", geburtsdatum=None)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts() == {"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"GET": 1, "PUT": 1}}
    assert firm.advo(betnr)["titel"] == "Prof. Dr."
    assert firm.advo(betnr)["geburtsdatum"] in (None, "")
    firm.is_silent(espo_id)


def test_update_to_espocrm(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, zusatz="c/o Meier", geburtsdatum="1961-04-13T00:00:00")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts() == {"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"GET": 1}}
    assert firm.espo(espo_id)["zusatz"] == "c/o Meier"
    assert firm.espo(espo_id)["geburtsdatum"] == "1961-04-13"
    firm.is_silent(espo_id)


def test_merged(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof. Dr.")
    firm.sandbox.clerk.change(betnr, zusatz="c/o Meier")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts() == {"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"GET": 1, "PUT": 1}}
    assert (firm.advo(betnr)["titel"], firm.advo(betnr)["zusatz"]) == ("Prof. Dr.", "c/o Meier")
    assert (firm.espo(espo_id)["titel"], firm.espo(espo_id)["zusatz"]) == ("Prof. Dr.", "c/o Meier")
    firm.is_silent(espo_id)


def test_conflict(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="aus EspoCRM")
    firm.sandbox.clerk.change(betnr, titel="aus Advoware", zusatz="bleibt")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts()["advoware"] == {"GET": 1, "PUT": 1}
    assert firm.counts()["espocrm"].get("PATCH") == 1
    assert firm.advo(betnr)["titel"] == "aus EspoCRM"
    assert firm.espo(espo_id)["zusatz"] == "bleibt"
    conflict = firm.record(espo_id).conflicts.get()
    assert (conflict.field, conflict.espo, conflict.advo, conflict.kept, conflict.open) == (
        "titel",
        "aus EspoCRM",
        "aus Advoware",
        "espocrm",
        False,
    )
    firm.is_silent(espo_id)


def test_no_change(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts() == {"espocrm": {"GET": 1}, "advoware": {"GET": 1}}


def test_no_change_where_espocrm_shows_another_status(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, syncStatus="dirty")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts() == {"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"GET": 1}}
    assert firm.espo(espo_id)["syncStatus"] == "clean"


def test_failed_run(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof. Dr.")
    firm.sandbox.fault("advoware", "status", status=500, method="PUT")
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "failed"
    assert firm.counts() == {"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"GET": 1, "PUT": 1}}
    shown = firm.espo(espo_id)
    assert (shown["syncStatus"], shown["syncRetryCount"]) == ("failed", 1)
    assert "Advoware" in shown["syncErrorMessage"]
