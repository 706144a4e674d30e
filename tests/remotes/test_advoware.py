"""What the Advoware client sends, and how it reads answers whose shape is not certain."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter, AdvowareKommunikation, local_time
from syncapp.remotes.advoware.client import AdvoConfig, AdvowareClient
from syncapp.remotes.http.errors import Misconfigured, NotFound, OutcomeUnknown, RemoteError, Transient
from syncapp.remotes.http.tokens import MemoryTokenStore
from tests.remotes.scripted import Exchange, Script, Step, answer, serving

API_KEY = "c2VjcmV0"
TOKEN = answer({"access_token": "tok", "expires_in": 3600, "token_type": "bearer"})
MAX = {
    "betNr": 7,
    "rowId": "r1",
    "name": "Müller",
    "geaendertAm": "2026-11-21T10:00:00.1234567",
    "unbekannt": {"a": [1]},
    "kommunikation": [{"id": 3, "rowId": "k1", "tlf": None, "bemerkung": None, "kommKz": 0, "online": False}],
}


def config_of(script: Script, **more: Any) -> AdvoConfig:
    given: dict[str, Any] = {
        "base_url": script.url + "/",
        "auth_url": script.url + "/login/Token",
        "app_id": "app",
        "api_key_base64": API_KEY,
        "kanzlei": "1",
        "database": "db",
        "user": "sync",
        "password": "geheim",
        "timeout": 2,
    }
    return AdvoConfig(**(given | more))


def client_of(script: Script, **more: Any) -> AdvowareClient:
    return AdvowareClient(config_of(script, **more), tokens=MemoryTokenStore())


def sent(step: Step, act: Callable[[AdvowareClient], Any], **more: Any) -> tuple[Exchange, Any]:
    """The request behind the token's, and what came of it."""
    with serving(TOKEN, step) as script:
        found = act(client_of(script, **more))
    assert len(script.seen) == 2
    return script.seen[1], found


def failing(step: Step, act: Callable[[AdvowareClient], Any]) -> RemoteError:
    with serving(TOKEN, step) as script, pytest.raises(RemoteError) as caught:
        act(client_of(script))
    return caught.value


def current(**more: Any) -> AdvowareBeteiligter:
    return AdvowareBeteiligter(7, "r1", {**MAX, **more})


ENTRY = AdvowareKommunikation(3, "k1", "0511", None, 0, False)
ENTRY_ANSWER = {
    "id": 3,
    "betNr": 7,
    "rowId": "k2",
    "kommArt": 0,
    "kommKz": 4,
    "tlf": "1",
    "bemerkung": "b",
    "online": True,
}


@pytest.mark.parametrize(
    "act, answers, line, body",
    [
        (lambda c: c.get(7), MAX, "GET /api/api/v1/advonet/Beteiligte/7", None),
        (lambda c: c.create({"name": "ü"}), MAX, "POST /api/api/v1/advonet/Beteiligte", {"name": "ü"}),
        (
            lambda c: c.update(current(), {"name": "Meier"}),
            MAX,
            "PUT /api/api/v1/advonet/Beteiligte/7",
            {**MAX, "name": "Meier"},
        ),
        (
            lambda c: c.create_kommunikation(7, tlf="1", bemerkung="b", komm_kz=4, online=True),
            ENTRY_ANSWER,
            "POST /api/api/v1/advonet/Beteiligte/7/Kommunikationen",
            {"tlf": "1", "bemerkung": "b", "kommKz": 4, "online": True},
        ),
        (
            lambda c: c.update_kommunikation(7, ENTRY, tlf=None, bemerkung="b", online=False),
            ENTRY_ANSWER,
            "PUT /api/api/v1/advonet/Beteiligte/7/Kommunikationen/3",
            {"tlf": None, "bemerkung": "b", "online": False},
        ),
        (lambda c: c.rechtsformen(), [], "GET /api/api/v1/advonet/Rechtsformen", None),
    ],
)
def test_requests(act: Callable[[AdvowareClient], Any], answers: object, line: str, body: object) -> None:
    exchange, _ = sent(answer(answers), act)
    assert exchange.line == f"{line} HTTP/1.1"
    assert exchange.headers["authorization"] == "Bearer tok"
    assert (exchange.json if exchange.body else None) == body


@pytest.mark.parametrize(
    "prefix, line", [("api/v1", "/api/api/v1/Rechtsformen"), ("", "/api/Rechtsformen"), ("/", "/api/Rechtsformen")]
)
def test_the_prefix_is_a_setting(prefix: str, line: str) -> None:
    assert sent(answer([]), lambda c: c.rechtsformen(), prefix=prefix)[0].line.split()[1] == line


@pytest.mark.parametrize("base", ["", "/", "/api/v1/advonet", "/api/v1/advonet/"])
def test_the_base_may_end_in_a_slash_and_hold_the_prefix(base: str) -> None:
    with serving(TOKEN, answer([])) as script:
        client_of(script, base_url=f"{script.origin}{base}").rechtsformen()
    assert script.seen[1].line == "GET /api/v1/advonet/Rechtsformen HTTP/1.1"


def test_a_host_that_is_named_like_the_prefix_is_no_prefix() -> None:
    config = AdvoConfig(**({**vars(config_of(Script([]))), "base_url": "http://api", "prefix": "api"}))
    assert AdvowareClient(config, tokens=MemoryTokenStore())._api.base_url == "http://api/api"


@pytest.mark.parametrize("path", ["/", "/token/", "/a/Token", "/a/Token?firm=1"])
def test_the_token_s_address_is_used_as_it_is(path: str) -> None:
    with serving(TOKEN, answer([])) as script:
        client_of(script, auth_url=f"{script.origin}{path}").rechtsformen()
    assert script.seen[0].line == f"POST {path} HTTP/1.1"


def test_what_advoware_gave_goes_back_whole() -> None:
    raw = {
        **MAX,
        "adressen": [{"id": 1, "ort": None, "x": {"y": [1.5, True, ""]}}],
        "halb": "\ud83d",
        "null\x00": ["a\x00b", {"c": "\udc00"}],
        "privat": "\U000f0000\U000fd83d\U0010fffd",
        "zeichen": "\x01\x1f\x7f\x9f",
        "gro\u00df": 2**60,
    }
    with serving(TOKEN, answer(raw), answer(raw)) as script:
        client = client_of(script)
        client.update(client.get(7), {"name": "Meier"})
    assert script.seen[-1].json == {**raw, "name": "Meier"}


class TestReading:
    @pytest.mark.parametrize("shape", [MAX, [MAX], {**MAX, "betNr": "7"}])
    @pytest.mark.parametrize(
        "act", [lambda c: c.get(7), lambda c: c.create({}), lambda c: c.update(current(), {"a": 1})]
    )
    def test_an_object_or_a_list_of_one(self, shape: object, act: Callable[[AdvowareClient], Any]) -> None:
        _, found = sent(answer(shape), act)
        assert (found.bet_nr, found.row_id, found.raw["name"]) == (7, "r1", "Müller")
        assert found.changed_at == datetime(2026, 11, 21, 10, 0, 0, 123456)
        assert found.kommunikation == (AdvowareKommunikation(3, "k1", None, None, 0, False),)

    @pytest.mark.parametrize(
        "shape", [[MAX, MAX], "text", 5, {"name": "x"}, {**MAX, "betNr": 8}, {**MAX, "betNr": -7}, [5]]
    )
    def test_wrong_shapes(self, shape: object) -> None:
        assert type(failing(answer(shape), lambda c: c.get(7))) is Misconfigured
        assert type(failing(answer(shape), lambda c: c.update(current(), {"a": 1}))) is OutcomeUnknown

    @pytest.mark.parametrize(
        "shape", [[], None, {}, [{}], [None], {"betNr": 0, "name": None}, {"betNr": None, "name": ""}]
    )
    def test_a_get_that_shows_nothing_has_found_nothing(self, shape: object) -> None:
        assert type(failing(answer(shape), lambda c: c.get(7))) is NotFound
        assert type(failing(answer(b"", 204), lambda c: c.get(7))) is NotFound
        assert type(failing(answer(b""), lambda c: c.get(7))) is Transient, "no body at all is an answer cut off"
        if shape is not None:
            assert type(failing(answer(shape), lambda c: c.update(current(), {"a": 1}))) is OutcomeUnknown

    @pytest.mark.parametrize("shape", [{**MAX, "rowId": ""}, {**MAX, "rowId": None}])
    def test_an_empty_row_id_is_an_unknown_one(self, shape: dict[str, Any]) -> None:
        entries = [{**MAX["kommunikation"][0], "rowId": shape["rowId"]}]
        _, found = sent(answer({**shape, "kommunikation": entries}), lambda c: c.get(7))
        assert found.row_id is None
        assert [entry.row_id for entry in found.kommunikation or ()] == [None]

    @pytest.mark.parametrize(
        "shape", [[], [MAX, MAX], {}, {"rowId": "r"}, None, {**MAX, "betNr": 0}, [{**MAX, "betNr": -1}]]
    )
    def test_a_create_without_a_number_is_no_success(self, shape: object) -> None:
        assert type(failing(answer(shape), lambda c: c.create({}))) is OutcomeUnknown

    def test_a_missing_contact_list_is_not_an_empty_one(self) -> None:
        without = {key: value for key, value in MAX.items() if key != "kommunikation"}
        assert sent(answer(without), lambda c: c.get(7))[1].kommunikation is None
        assert sent(answer({**MAX, "kommunikation": None}), lambda c: c.get(7))[1].kommunikation == ()
        assert sent(answer({**MAX, "kommunikation": []}), lambda c: c.get(7))[1].kommunikation == ()

    @pytest.mark.parametrize("entries", [{}, "text"])
    def test_a_contact_list_of_a_wrong_shape(self, entries: object) -> None:
        assert type(failing(answer({**MAX, "kommunikation": entries}), lambda c: c.get(7))) is Misconfigured

    @pytest.mark.parametrize("bad", [5, None, {}, {"id": "x"}, {"id": None}])
    def test_an_entry_without_an_id_makes_the_contact_list_a_missing_one(self, bad: object) -> None:
        entries = [*MAX["kommunikation"], bad]
        assert sent(answer({**MAX, "kommunikation": entries}), lambda c: c.get(7))[1].kommunikation is None

    @pytest.mark.parametrize(
        "says",
        [
            lambda _n: answer(b"", 204),
            lambda _n: answer(True),
            answer,
            lambda n: answer(str(n)),
        ],
    )
    def test_an_update_without_content(self, says: Callable[[int], Step]) -> None:
        _, found = sent(says(7), lambda c: c.update(current(), {"a": 1}))
        assert found == AdvowareBeteiligter(7, None, {})
        _, entry = sent(says(3), lambda c: c.update_kommunikation(7, ENTRY, tlf="9", bemerkung=None, online=True))
        assert entry == AdvowareKommunikation(3, None, "9", None, 0, True)

    def test_a_good_status_alone_proves_no_update(self) -> None:
        """Anything in between answers so; nobody compares the values at the next look, as for addresses."""
        assert type(failing(answer(b""), lambda c: c.update(current(), {"a": 1}))) is OutcomeUnknown
        given: dict[str, Any] = {"tlf": "9", "bemerkung": "b", "online": True}
        assert type(failing(answer(b""), lambda c: c.update_kommunikation(7, ENTRY, **given))) is OutcomeUnknown

    def test_an_update_of_a_contact_that_repeats_what_was_sent(self) -> None:
        given: dict[str, Any] = {"tlf": "9", "bemerkung": "b", "online": True}
        _, entry = sent(answer(given), lambda c: c.update_kommunikation(7, ENTRY, **given))
        assert entry == AdvowareKommunikation(3, None, "9", "b", 0, True)
        other = failing(answer({"message": "Fehler"}), lambda c: c.update_kommunikation(7, ENTRY, **given))
        assert type(other) is OutcomeUnknown, "what names neither entry nor number is no answer about it"

    def test_creates_without_content_are_no_success(self) -> None:
        step = answer(b"", 204)
        assert type(failing(step, lambda c: c.create({}))) is OutcomeUnknown
        entry = {"tlf": "1", "bemerkung": None, "komm_kz": 1, "online": False}
        assert type(failing(step, lambda c: c.create_kommunikation(7, **entry))) is OutcomeUnknown

    def test_the_answer_about_another_entry(self) -> None:
        error = failing(
            answer({**ENTRY_ANSWER, "id": 4}),
            lambda c: c.update_kommunikation(7, ENTRY, tlf="9", bemerkung=None, online=True),
        )
        assert type(error) is OutcomeUnknown

    @pytest.mark.parametrize("missing", [["tlf", "bemerkung", "online"], ["rowId"], ["kommKz", "kommArt", "betNr"]])
    def test_a_key_that_the_answer_to_a_write_lacks_is_not_emptied(self, missing: list[str]) -> None:
        partial = {key: value for key, value in ENTRY_ANSWER.items() if key not in missing}
        row_id = None if "rowId" in missing else "k2"
        given: dict[str, Any] = {"tlf": "1", "bemerkung": "b", "online": True}
        _, made = sent(answer(partial, 201), lambda c: c.create_kommunikation(7, komm_kz=4, **given))
        assert made == AdvowareKommunikation(3, row_id, "1", "b", 4, True)
        _, changed = sent(answer(partial), lambda c: c.update_kommunikation(7, ENTRY, **given))
        assert (changed.row_id, changed.tlf, changed.bemerkung, changed.online) == (row_id, "1", "b", True)

    def test_a_present_null_in_the_answer_to_a_write_counts(self) -> None:
        _, changed = sent(
            answer({**ENTRY_ANSWER, "bemerkung": None}),
            lambda c: c.update_kommunikation(7, ENTRY, tlf="1", bemerkung="b", online=True),
        )
        assert changed.bemerkung is None

    def test_digits_that_come_as_numbers(self) -> None:
        entry = {**ENTRY_ANSWER, "id": "3", "rowId": 12, "tlf": 511123456}
        _, found = sent(answer({**MAX, "betNr": 7.0, "rowId": 11, "kommunikation": [entry]}), lambda c: c.get(7))
        assert found.row_id == "11"
        assert found.kommunikation == (AdvowareKommunikation(3, "12", "511123456", "b", 4, True),)

    @pytest.mark.parametrize(
        "shown, online",
        [(False, False), (0, False), ("false", False), (1, True), ("True", True), (None, None), ([], None)],
    )
    def test_what_is_out_of_use_stays_so_however_it_is_spelled(self, shown: object, online: bool | None) -> None:
        entries = [{**ENTRY_ANSWER, "online": shown}]
        _, found = sent(answer({**MAX, "kommunikation": entries}), lambda c: c.get(7))
        assert [entry.online for entry in found.kommunikation or ()] == [online]

    @pytest.mark.parametrize("tlf", [{}, ["0511"], True, 0.5])
    def test_a_number_that_cannot_be_read_is_not_an_emptied_one(self, tlf: object) -> None:
        entries = [{**ENTRY_ANSWER, "tlf": tlf}]
        assert sent(answer({**MAX, "kommunikation": entries}), lambda c: c.get(7))[1].kommunikation is None

    def test_an_entry(self) -> None:
        _, entry = sent(
            answer([ENTRY_ANSWER]), lambda c: c.create_kommunikation(7, tlf="1", bemerkung="b", komm_kz=4, online=True)
        )
        assert entry == AdvowareKommunikation(3, "k2", "1", "b", 4, True)
        assert "'1'" not in repr(entry)

    @pytest.mark.parametrize(
        "shape",
        [
            ["GmbH", "AG "],
            [{"name": "GmbH"}, {"bezeichnung": "AG"}],
            [{"text": "GmbH"}, {"id": 5, "text": "AG"}, {"id": 6}, ""],
        ],
    )
    def test_rechtsformen(self, shape: object) -> None:
        assert sent(answer(shape), lambda c: c.rechtsformen())[1] == {"GmbH", "AG"}

    @pytest.mark.parametrize("shape", [{}, "text", [5], [["GmbH"]]])
    def test_rechtsformen_of_a_wrong_shape(self, shape: object) -> None:
        assert type(failing(answer(shape), lambda c: c.rechtsformen())) is Misconfigured

    @pytest.mark.parametrize(
        "text, moment",
        [
            ("2001-01-05T00:00:00", datetime(2001, 1, 5)),
            ("2001-01-05T00:00:00.500", datetime(2001, 1, 5, 0, 0, 0, 500000)),
            ("2001-01-05T00:00:00.1234567", datetime(2001, 1, 5, 0, 0, 0, 123456)),
            ("2001-01-05T00:00:00Z", None),
            ("2001-01-05T00:00:00+01:00", None),
            ("rubbish", None),
            (None, None),
        ],
    )
    def test_local_time(self, text: str | None, moment: datetime | None) -> None:
        assert local_time(text) == moment
