"""Google and Advoware as nobody here has seen them: each spells, answers and refuses in ways that the pages leave open.

Two parts: lives of a calendar, in which one system has many habits at once and everything comes out equal and silent;
and single surprises, each of which once lost, doubled or stopped something, or was told untruly.
"""

import json
from datetime import datetime
from typing import Any

import pytest

from syncapp.core.appointments.forms.canonical import Canonical, read_event, read_termin
from syncapp.core.values import BERLIN
from syncapp.entities.appointments import configured
from syncapp.models import Breaker, CalendarEmployee, RemoteFact
from syncapp.operations.actions import ActionContext
from syncapp.operations.calendars import cleaning, sharing
from syncapp.operations.calendars.employees import add
from syncapp.operations.doctor import examine
from syncapp.remotes.advoware.termine import termin_of
from syncapp.remotes.http.exchange import Answer
from tests.support.calendars import USER, Office, before_write, day, hours
from tests.support.wire import Bend, Wire, answer, bent, events, google_says, instead, never_sent, termine

# --- habits of Google


def _in_utc(event: dict[str, Any]) -> None:
    for name in ("start", "end"):
        if at := event.get(name, {}).get("dateTime"):
            stated = datetime.fromisoformat(at)
            local = stated if stated.tzinfo else stated.replace(tzinfo=BERLIN)
            event[name]["dateTime"] = (local - local.utcoffset()).replace(tzinfo=None).isoformat() + "Z"
            event[name]["date"] = None


def _normalised_rule(event: dict[str, Any]) -> None:
    for number, rule in enumerate(event.get("recurrence") or ()):
        weekday = datetime.fromisoformat(event["start"]["dateTime"]).strftime("%a").upper()[:2]
        event["recurrence"][number] = f"{rule.replace(';INTERVAL=1', '')};WKST=MO;BYDAY={weekday}"


def _organizer_by_address(event: dict[str, Any]) -> None:
    event.get("organizer", {}).pop("self", None)


def _weak_etags(wire: Wire) -> Answer:
    headers = wire.prepared.headers
    if "If-Match" in headers:
        assert headers["If-Match"].startswith('W/"')
        headers["If-Match"] = headers["If-Match"].removeprefix("W/")
    return events(lambda event: event.update(etag="W/" + event["etag"]) if "etag" in event else None)(wire)


def _bare_tombstone_after_the_living(wire: Wire) -> Answer:
    """A deleted event comes twice: as it was, and as no more than id and status."""
    found = wire.send()
    if not wire.lists_events or found.status != 200:
        return found
    page = json.loads(found.body)
    gone = {one["id"] for one in page["items"] if one.get("status") == "cancelled"}
    lived = [
        {"id": own, "status": "confirmed", "etag": 'W/"0"', "updated": "2026-01-01T00:00:00Z", **hours(1)}
        for own in gone
    ]
    kept = [{"id": one["id"], "status": "cancelled"} if one["id"] in gone else one for one in page["items"]]
    return answer(200, {**page, "items": (lived + kept) or None})


def _gone_says(status: int) -> Bend:
    """GET of a deleted event: not the cancelled one."""

    def bend(wire: Wire) -> Answer:
        found = wire.send()
        reading = wire.is_event and wire.method == "GET" and found.status == 200
        return google_says(status, "notFound") if reading and found.json["status"] == "cancelled" else found  # type: ignore[index]

    return bend


# --- habits of Advoware


def _dotnet_clocks(termin: dict[str, Any]) -> None:
    for name in ("uhrzeitVon", "uhrzeitBis"):
        termin[name] = f"0001-01-01T{termin[name] or '00:00:00'}"
    termin["datumBis"] = termin["datumBis"] or "0001-01-01T00:00:00"


def _words(termin: dict[str, Any]) -> None:
    for name in ("privat", "dauertermin"):
        termin[name] = "True" if termin[name] else "False"
    for name in ("frNr", "turnus", "turnusArt"):
        termin[name] = str(termin[name])
    termin["anwalt"] = [{"kuerzel": termin["anwalt"]}]


def _end_in_datum_bis(termin: dict[str, Any]) -> None:
    """No uhrzeitVon and no uhrzeitBis at all."""
    start, end = termin.pop("uhrzeitVon", None), termin.pop("uhrzeitBis", None)
    if start:
        termin["datum"] = f"{termin['datum'][:10]}T{start}"
    if end and not termin["dauertermin"]:
        termin["datumBis"] = f"{(termin['datumBis'] or termin['datum'])[:10]}T{end}"
    elif end:
        termin["uhrzeitBis"] = end


def _left_out(termin: dict[str, Any]) -> None:
    """What is empty is not there; days and times with offsets."""
    for name in ("datum", "datumBis"):
        termin[name] = termin[name] and f"{termin[name][:10]}T00:00:00Z"
    for name in ("uhrzeitVon", "uhrzeitBis"):
        if clock := termin[name]:
            local = datetime.fromisoformat(f"{termin['datum'][:10]}T{clock}").replace(tzinfo=BERLIN)
            termin[name] = local.isoformat()
    for name in [name for name, value in termin.items() if value in (None, "", 0)]:
        del termin[name]


def _takes_its_own_spelling(wire: Wire) -> Answer:
    """A PUT in the spelling of the answers, as the stand-in wants it."""
    if not wire.is_termin or wire.method != "PUT":
        return wire.send()
    body = wire.body
    if "uhrzeitBis" not in body:
        body["uhrzeitBis"] = str(body.get("datumBis"))[11:19]
    for name in ("datum", "datumBis"):
        body[name] = str(body.get(name) or "")[:10]
    for name in ("uhrzeitVon", "uhrzeitBis"):
        body[name] = str(body.get(name) or "").rpartition("T")[2][:8]
    for name in ("privat", "dauertermin"):
        body[name] = int(str(body.get(name)) in ("1", "True"))
    for name in ("turnus", "turnusArt"):
        body[name] = int(body.get(name) or 0)
    wire.sends({**body, "anwalt": "SB"})
    return wire.send()


def _single(wire: Wire) -> bool:
    return wire.is_termin and wire.method == "GET"


def _posts(wire: Wire) -> bool:
    return wire.is_termin and wire.method == "POST"


HABITS: dict[str, tuple[Bend, ...]] = {
    "Google: UTC, rules, organizers": (events(_in_utc), events(_normalised_rule), events(_organizer_by_address)),
    "Google: etags, tombstones": (_bare_tombstone_after_the_living, _weak_etags, _gone_says(404)),
    "Advoware: .NET": (
        termine(_dotnet_clocks),
        termine(_words),
        _takes_its_own_spelling,
        instead(_single, 404, answer(204)),
        instead(_posts, 200, answer(204)),
    ),
    "Advoware: offsets, nothing empty": (
        termine(_left_out),
        _takes_its_own_spelling,
        instead(_single, 404, answer(410, {"message": "weg"})),
        instead(_posts, 200, answer(201, {"id": 1})),
    ),
    "Advoware: start and end in the days": (
        termine(_end_in_datum_bis),
        _takes_its_own_spelling,
        instead(_single, 404, answer(200, body=b"null")),
        instead(lambda wire: wire.is_termin and wire.method == "PUT", 200, answer(200, True)),
    ),
}


@pytest.mark.parametrize("name", HABITS)
def test_a_life_with(office: Office, name: str) -> None:
    office.hire()
    with bent(*HABITS[name]):
        first = office.enter(1, text="eins")
        days = office.enter(2, text="zwei", uhrzeitVon=None, uhrzeitBis=None)
        series = office.enter(3, text="drei", dauertermin=1, turnus=1, turnusArt=2, datumBis=day(60))
        several = office.enter(4, text="vier", datumBis=day(6))
        _settled(office)
        own = office.type_in(7)
        office.edit(first, text="eins neu", uhrzeitVon="11:00:00", uhrzeitBis="12:00:00")
        office.in_google("change", office.row(several).google_id, summary="vier neu", **hours(5, "14:00", "15:00"))
        office.in_google("change", office.row(series).google_id, summary="drei neu")
        sides = {side: {"date": None, **at} for side, at in hours(2, "16:00", "17:00").items()}
        office.in_google("change", office.row(days).google_id, **sides)
        _settled(office)
    texts = {"eins neu", "zwei", "drei neu", "vier neu", "Zahnarzt"}
    assert _advoware(office) == _google(office)
    assert {form.text for form in _google(office)} == texts
    assert (office.termine()[several]["datumBis"][:10], office.termine()[days]["uhrzeitBis"]) == (day(5), "17:00:00")
    with bent(*HABITS[name]):
        office.remove(first)
        office.in_google("delete", own)
        office.in_google("delete", office.row(several).google_id)
        _settled(office)
    assert _advoware(office) == _google(office)
    assert {form.text for form in _google(office)} == texts - {"eins neu", "Zahnarzt"}


def _settled(office: Office) -> None:
    """Light passes to one that writes nothing, with every appointment in order."""
    for _number in range(6):
        office.clear()
        status = office.sync().status
        if not office.writes() and status == "clean":
            assert {row.status for row in office.rows().values()} <= {"ok", "closed"}
            return
        office.due()
    raise AssertionError((office.employee().status, office.employee().fault, list(office.rows().values())))


def _advoware(office: Office) -> list[Canonical]:
    return _sorted(read_termin(termin_of(raw)).form for raw in office.termine().values())


def _google(office: Office) -> list[Canonical]:
    return _sorted(read_event(event).form for event in office.events())


def _sorted(forms: Any) -> list[Canonical]:
    return sorted((form for form in forms if form is not None), key=repr)


# --- single surprises of Google


@pytest.mark.parametrize("status", [404, 410])
def test_a_burnt_id_of_which_google_shows_nothing(office: Office, status: int) -> None:
    """409 for an id whose event GET does not know: the next generation, and not the same id for ever."""
    office.hire()
    fr_nr = office.enter(1)
    office.sync()
    office.in_google("delete", office.row(fr_nr).google_id)
    row = office.row(fr_nr)
    row.base_google, row.waiting, row.etag = None, None, ""  # as a pass left it that was killed before its insert
    row.save()
    office.employee().__class__.objects.update(sync_token="")
    with bent(_gone_says(status)):
        office.sync()
        assert (office.row(fr_nr).generation, len(office.events())) == (1, 1)
    office.is_silent()


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_write_to_a_deleted_event_is_refused_as_forbidden(office: Office, method: str) -> None:
    """Story 10: "update 403". It is no lost right: the calendar goes on."""
    office.hire()
    fr_nr, other = office.enter(1), office.enter(2)
    office.sync()
    own = office.row(fr_nr).google_id
    if method == "PATCH":
        office.edit(fr_nr, text="neu")
    else:
        office.remove(fr_nr)
    office.edit(other, text="auch neu")
    refused = instead(lambda wire: wire.is_event and wire.method == method, 410, google_says(403, "forbidden"))
    with bent(refused), before_write(lambda: office.in_google("delete", own)):
        office.sync()
    assert office.employee().status == "clean", office.employee().fault
    assert office.event(other).summary == "auch neu"
    assert [event.summary for event in office.events()].count("neu") == (1 if method == "PATCH" else 0)


def test_a_sync_token_that_is_refused_as_a_bad_request(office: Office) -> None:
    office.hire()
    office.sync()
    own = office.type_in()
    tokens = never_sent(lambda wire: wire.lists_events and "syncToken" in wire.query, google_says(400, "invalid"))
    with bent(tokens):
        assert office.sync().status == "clean"
    assert own in {row.google_id for row in office.rows().values() if row.fr_nr}
    assert not Breaker.objects.filter(open_until__isnull=False).exists()


def test_the_owner_s_own_rights_stay(office: Office) -> None:
    """The delegated user has a kuerzel, too: Google refuses to make an owner a writer."""
    row = add(kuerzel="SB", address=USER, actor="tests")
    context = ActionContext("tests", source="command")
    refused = never_sent(
        lambda wire: wire.path.endswith("/acl") and wire.method == "POST", google_says(403, "forbidden")
    )
    with bent(refused):
        assert sharing.make_and_share(row, action_context=context).seen
    row.refresh_from_db()
    assert row.shared_role == "owner"


# --- single surprises of Advoware


def _made_here(office: Office) -> int:
    """The Termin of an event that the employee has made, and deleted again since."""
    office.hire()
    office.sync()
    own = office.type_in()
    office.sync()
    office.in_google("delete", own)
    (row,) = office.rows().values()
    return int(row.fr_nr or 0)


@pytest.mark.parametrize("status", [200, 204, 404])
def test_a_deletion_that_advoware_answers_and_does_not_carry_out(office: Office, status: int) -> None:
    """A task for a person, as after a refusal; not "deleted", and not made again in Google."""
    fr_nr = _made_here(office)
    with bent(never_sent(lambda wire: wire.method == "DELETE" and wire.is_termin, answer(status))):
        office.sync()
        assert (office.row(fr_nr).status, fr_nr in office.termine(), office.events()) == ("awaiting_removal", True, [])
        assert RemoteFact.objects.get(pk="calendar.advoware_deletes").value is False
        office.is_silent()


def test_a_termin_that_somebody_else_got_meanwhile_is_not_deleted(office: Office) -> None:
    fr_nr = _made_here(office)
    with before_write(lambda: office.edit(fr_nr, anwalt="AI")):
        office.sync()
    assert fr_nr in office.termine("AI")
    assert office.row(fr_nr).status == "closed"


def test_a_put_that_finds_nothing(office: Office) -> None:
    """The number stands in the wrong place, or it is about this one: said in a sentence, instead of "tried again in a
    minute" for ever, and the others go on."""
    office.hire()
    fr_nr, other = office.enter(1), office.enter(2)
    office.sync()
    office.in_google("change", office.row(fr_nr).google_id, summary="neu")
    office.edit(other, text="auch neu")
    with bent(never_sent(lambda wire: wire.method == "PUT" and wire.is_termin, answer(404))):
        office.sync()
    row = office.row(fr_nr)
    assert (row.status, row.error_kind, office.event(other).summary) == ("failed", "forbidden", "auch neu")
    assert "ADVOWARE_TERMIN_NUMBER_IN" in row.fault["params"]["reason"]
    assert not Breaker.objects.filter(open_until__isnull=False).exists()
    office.due()
    office.sync()
    assert office.termine()[fr_nr]["text"] == "neu"


@pytest.mark.parametrize("body", [b"", b"OK"], ids=["empty", "no JSON"])
def test_writes_whose_answers_say_nothing(office: Office, body: bytes) -> None:
    """What counts is read afterwards: nobody waits, and the third of them in a row ends no pass."""
    office.hire()
    office.sync()
    own = office.type_in(9)
    made = [office.enter(number + 1) for number in range(4)]
    office.sync()
    for fr_nr in made:
        office.in_google("change", office.row(fr_nr).google_id, summary="neu")
    office.in_google("delete", own)
    office.clear()
    with bent(instead(lambda wire: wire.is_termin and wire.method in ("PUT", "DELETE"), 200, answer(200, body=body))):
        assert office.sync().status == "clean"
    assert [termin["text"] for termin in office.termine().values()] == ["neu"] * 4
    assert office.counts() == {"advoware": {"GET": 11, "PUT": 4, "DELETE": 1}, "google": {"GET": 1}}
    office.is_silent()


@pytest.mark.parametrize("found", [answer(200), answer(200, {}), answer(200, {"frNr": 0, "text": None})])
def test_a_termin_of_which_there_is_not_even_a_body(office: Office, found: Answer) -> None:
    """200 without a word, twice and an hour apart, is as good as gone; until then the others go on."""
    office.hire()
    fr_nr, other = office.enter(1), office.enter(2)
    office.sync()
    office.remove(fr_nr)
    office.edit(other, text="neu")
    with bent(instead(_single, 404, found)):
        office.sync()
        assert (office.event(other).summary, len(office.events())) == ("neu", 2)
        assert not Breaker.objects.filter(failures__gt=0).exists()
        office.due()
        office.sync()
    assert ([event.summary for event in office.events()], office.row(fr_nr).status) == (["neu"], "closed")


def test_a_termin_that_is_listed_no_more_and_not_shown_singly(office: Office) -> None:
    """Somebody else's private one by now, for instance: it stays as it is and says so, and the others go on."""
    office.hire()
    fr_nr, other = office.enter(1), office.enter(2)
    office.sync()
    office.edit(fr_nr, anwalt="RO")
    office.edit(other, text="neu")
    with bent(never_sent(lambda wire: wire.is_termin and wire.method == "GET", answer(403))):
        assert office.sync().status == "clean", office.employee().fault
        assert (office.event(other).summary, len(office.events())) == ("neu", 2)
        assert (office.row(fr_nr).status, office.row(fr_nr).reason) == ("unsupported", "not_shown")
        assert not Breaker.objects.filter(failures__gt=0).exists()
    office.sync()
    assert ([event.summary for event in office.events()], office.row(fr_nr).status) == (["neu"], "closed")


def _old_series_are_not_listed(wire: Wire) -> Answer:
    """As if each series had begun before the days asked for."""
    found = wire.send()
    if not wire.lists_termine or found.status != 200:
        return found
    return answer(200, [one for one in json.loads(found.body) if not one["dauertermin"]])


def _lists_by_the_first_day(wire: Wire) -> Answer:
    found = wire.send()
    if not wire.lists_termine or found.status != 200:
        return found
    return answer(200, [one for one in json.loads(found.body) if one["datum"][:10] >= wire.query["from"]])


def test_a_long_termin_that_is_listed_by_its_first_day_alone(office: Office) -> None:
    """A year of leave, and nothing else: it is read singly, and the list is believed all the same."""
    office.hire()
    fr_nr = office.enter(-60, datumBis=day(60))
    office.sync()
    with bent(_lists_by_the_first_day):
        assert office.sync().status == "clean", office.employee().fault
        office.edit(fr_nr, text="Elternzeit")
        office.sync()
        assert [event.summary for event in office.events()] == ["Elternzeit"]
        office.remove(fr_nr)
        office.sync()
        assert office.events() == []


@pytest.mark.parametrize("made_as", ["a series", "a single one"])
def test_a_series_made_in_google_is_one_where_the_list_lacks_it(office: Office, made_as: str) -> None:
    office.hire()
    office.sync()
    weekly = {"recurrence": ["RRULE:FREQ=WEEKLY"]}
    own = office.type_in(7, **(weekly if made_as == "a series" else {}))
    office.sync()
    if made_as == "a single one":
        office.in_google("change", own, **weekly)
        office.sync()
    assert [row.kind for row in office.rows().values()] == ["series"]
    office.sync()
    with bent(_old_series_are_not_listed):
        office.is_silent()
        office.due()
        office.is_silent()
        office.sync(full=True)
    assert office.employee().status == "clean", office.employee().fault


@pytest.mark.parametrize("listed", ["all rows", "one's own"])
def test_a_termin_of_two_that_comes_as_a_row_for_each(office: Office, listed: str) -> None:
    """It stands in both calendars and is written from neither; read as a colleague's it went from one of them, and a
    single read of two rows stopped all that goes to Advoware."""

    def bend(wire: Wire) -> Answer:
        found = wire.send()
        if wire.method != "GET" or not (wire.is_termin or wire.lists_termine) or found.status != 200:
            return found
        termine = json.loads(found.body)
        rows = termine if isinstance(termine, list) else [termine]
        rows = [{**one, "anwalt": kuerzel} for one in rows for kuerzel in one["anwalt"].split(",")]
        mine = wire.query.get("kuerzel") if listed == "one's own" else None
        return answer(200, [one for one in rows if mine in (None, one["anwalt"])])

    for kuerzel in ("SB", "AI"):
        office.hire(kuerzel)
    fr_nr, made = office.enter(1, anwalt="SB,AI"), office.enter(2)
    with bent(bend):
        _both(office)
        assert (len(office.events()), len(office.events("AI"))) == (2, 1)
        office.in_google("change", office.row(fr_nr).google_id, summary="neu")
        office.in_google("change", office.row(made).google_id, summary="mein")
        _both(office)
        assert (office.event(fr_nr).summary, office.termine()[made]["text"]) == ("Besprechung", "mein")
        office.is_silent()
        office.is_silent("AI")
        office.edit(fr_nr, anwalt="AI", text="Termin")
        _both(office)
        assert [event.summary for event in (*office.events(), *office.events("AI"))] == ["mein", "Termin"]


def _both(office: Office) -> None:
    for kuerzel in ("SB", "AI"):
        assert office.sync(kuerzel).status == "clean", office.employee(kuerzel).fault


@pytest.mark.parametrize("found", [answer(204), answer(200, body=b"null")], ids=["204", "null"])
def test_nobody_has_a_termin_yet(office: Office, found: Answer) -> None:
    office.hire()
    with bent(instead(lambda wire: wire.lists_termine, 200, found)):
        assert office.sync().status == "clean"
        office.is_silent()


@pytest.mark.parametrize("status", [400, 404])
def test_a_kuerzel_that_advoware_refuses(office: Office, status: int) -> None:
    """Stops that one calendar, and neither the others nor the rest of what goes to Advoware."""
    office.hire()
    office.hire("ZZ")
    fr_nr = office.enter(1)
    unknown = never_sent(lambda wire: wire.query.get("kuerzel") == "ZZ", answer(status, {"message": "?"}))
    with bent(unknown):
        assert (office.sync("ZZ").status, office.sync().status) == ("failed", "clean")
    assert "kuerzel" in office.employee("ZZ").fault["params"]["reason"]
    assert not Breaker.objects.filter(open_until__isnull=False).exists()
    assert office.event(fr_nr).summary == "Besprechung"


@pytest.mark.parametrize("found, gone", [(answer(410, {}), True), (answer(204), False)], ids=["410", "204"])
def test_an_orphan_is_removed_where_its_termin_is_known_to_be_gone(office: Office, found: Answer, gone: bool) -> None:
    office.hire()
    fr_nr = office.enter(1)
    office.sync()
    office.row(fr_nr).delete()
    office.remove(fr_nr)
    with bent(instead(_single, 404, found)):
        (orphan,) = cleaning.find_untidy(office.employee()).orphans
    assert orphan.removable is gone


def test_an_entry_with_number_0_is_nobody_s(office: Office) -> None:
    office.settings.CALENDAR_SPECIAL = True
    office.hire()
    fr_nr = office.enter(1)

    def bend(wire: Wire) -> Answer:
        found = wire.send()
        if not wire.lists_termine:
            return found
        listed = json.loads(found.body)
        return answer(200, [*listed, {**listed[0], "frNr": 0}, {**listed[0], "frNr": "0", "text": "anders"}])

    with bent(bend):
        office.sync()
        assert [row.fr_nr for row in office.rows().values()] == [fr_nr]
        office.is_silent()


def test_an_advoware_that_lists_nothing_for_the_whole_firm_keeps_nobody_s_own_termine_back(office: Office) -> None:
    """`kuerzel=Allgemein` is known of one interface alone."""
    office.settings.CALENDAR_FIRM_WIDE = "copy"
    office.hire("ALLE", firm_wide=True, active=False)
    office.hire(google_address="sb@kanzlei.example")
    fr_nr = office.enter()
    unknown = never_sent(lambda wire: wire.query.get("kuerzel") == "Allgemein", answer(404, {}))
    with bent(unknown):
        assert office.sync().status == "clean"
        assert office.event(fr_nr).summary == "Besprechung"
        said = {line.code for line in examine(names=frozenset({"advoware_termine"}))}
    assert "firm_wide_not_listed" in said
    assert "termine_unreadable" not in said
    assert configured.somebody() == "SB"  # of whom neutral questions are asked, too
    CalendarEmployee.objects.filter(kuerzel="SB").update(active=False)
    assert configured.somebody() == configured.FIRM_KUERZEL
