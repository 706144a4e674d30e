"""The control API: what tests and demos ask of the stand-ins that no client of the real systems could.

JSON in, JSON out, for clients on this machine only. A further command is a function and its line in `urlpatterns`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import wraps
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from sandbox import calls, exposure, faults, seed_calendar, state, switches
from sandbox.advoware import children, records, termine, tokens
from sandbox.advoware.bad_value import BadValue
from sandbox.advoware.shape import beteiligter_json
from sandbox.advoware.termin_shape import termin_json
from sandbox.espocrm import people
from sandbox.google import calendars, events, feed, keys
from sandbox.google import tokens as google_tokens
from sandbox.google.reasons import GoogleRefusal, fault_of
from sandbox.models.google import GoogleCalendar

Command = Callable[..., object]
BAD_INPUT = (faults.FaultError, switches.SwitchError, BadValue, KeyError, TypeError, ValueError, GoogleRefusal)


def _refused(status: int, message: str) -> JsonResponse:
    return JsonResponse({"error": message}, status=status)


def command(method: str) -> Callable[[Command], Callable[..., HttpResponse]]:
    """Turns `function(body or query, **kwargs) -> JSON` into a view for one method."""

    def decorate(function: Command) -> Callable[..., HttpResponse]:
        @wraps(function)
        def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            problem = exposure.request_problem(request)
            if problem or not exposure.is_local_client(request):
                return _refused(403, problem or "Only clients on this machine may control the sandbox.")
            if request.method != method:
                return _refused(405, f"{method} only")
            try:
                given = request.GET if method == "GET" else json.loads(request.body or b"{}")
                return JsonResponse(function(given, **kwargs), safe=False)
            except ObjectDoesNotExist as missing:
                return _refused(404, str(missing))
            except BAD_INPUT as bad:
                return _refused(400, str(bad))

        return csrf_exempt(view)

    return decorate


@command("POST")
def reset(given: Mapping[str, Any]) -> object:
    state.reset()
    made: dict[str, Any] = {}
    if given.get("seed"):
        made = state.seed(count=given.get("count"), children=bool(given.get("children")))
    return made | (seed_calendar.load(today=timezone.localdate()) if given.get("calendar") else {})


@command("GET")
def read_calls(given: Mapping[str, Any]) -> object:
    return {"calls": calls.since(int(given.get("since", 0)))}


@command("POST")
def clear_calls(given: Mapping[str, Any]) -> object:
    calls.clear()
    return {}


@command("POST")
def add_fault(given: Mapping[str, Any]) -> object:
    return {"id": faults.add(given).id}


@command("GET")
def read_faults(given: Mapping[str, Any]) -> object:
    return {"faults": [asdict(fault) for fault in faults.waiting()]}


@command("POST")
def clear_faults(given: Mapping[str, Any]) -> object:
    faults.clear()
    return {}


@command("GET")
def read_state(given: Mapping[str, Any]) -> object:
    return state.snapshot()


@command("POST")
def turn_switches(given: Mapping[str, Any], group: str) -> object:
    return dict(switches.turn(group, given))


@command("POST")
def change_role(given: Mapping[str, Any]) -> object:
    """What the sync's own users may do in EspoCRM: scopes and permissions by name, the others stay."""
    return people.change_role(given)


@command("POST")
def flush_webhooks(given: Mapping[str, Any]) -> object:
    return state.flush_webhooks(retries=bool(given.get("retries")))


@command("POST")
def revoke_tokens(given: Mapping[str, Any]) -> object:
    tokens.revoke_all()
    return {}


@command("POST")
def add_beteiligter(given: Mapping[str, Any]) -> object:
    row = records.create(given.get("set", {}))
    for entry in given.get("kommunikation", []):
        records.create_kommunikation(row.bet_nr, entry)
    for kind in children.LISTS:
        for entry in given.get(kind, []):
            children.create(row.bet_nr, kind, entry)
    return beteiligter_json(row, true_numbers=True)


@command("POST")
def edit_beteiligter(given: Mapping[str, Any], bet_nr: int) -> object:
    """As a person in Advoware: `set` fields, `add`, `edit` (by id) and `remove` (ids) contact points."""
    if given.get("set"):
        records.edit(bet_nr, given["set"])
    for entry in given.get("add", []):
        records.create_kommunikation(bet_nr, entry)
    for entry in given.get("edit", []):
        records.edit_kommunikation(bet_nr, entry["id"], entry)
    for entry_id in given.get("remove", []):
        records.delete_kommunikation(bet_nr, entry_id)
    for kind in children.LISTS:
        _edit_list(bet_nr, kind, given.get(kind, {}))
    return state.advoware_object(bet_nr)


def _edit_list(bet_nr: int, kind: str, given: Mapping[str, Any]) -> None:
    """The same three verbs for addresses and bank accounts, below the list's name."""
    for entry in given.get("add", []):
        children.create(bet_nr, kind, entry)
    for entry in given.get("edit", []):
        children.edit(children.find(bet_nr, kind, entry["id"]), entry)
    for number in given.get("remove", []):
        children.delete(children.find(bet_nr, kind, number))


@command("POST")
def delete_beteiligter(given: Mapping[str, Any], bet_nr: int) -> object:
    records.delete(bet_nr)
    return {}


@command("POST")
def add_termin(given: Mapping[str, Any]) -> object:
    return termin_json(termine.create(given))


@command("POST")
def edit_termin(given: Mapping[str, Any], fr_nr: int) -> object:
    """As a person in Advoware: the fields given, the others as they are."""
    return termin_json(termine.edit(fr_nr, given))


@command("POST")
def damage_termin(given: Mapping[str, Any], fr_nr: int) -> object:
    """What an older program left in the database: these fields as they are given, unchecked."""
    termine.damage(fr_nr, given)
    return {}


@command("POST")
def delete_termin(given: Mapping[str, Any], fr_nr: int) -> object:
    termine.delete(fr_nr)
    return {}


@command("POST")
def add_employee(given: Mapping[str, Any]) -> object:
    return {"kuerzel": termine.employ(**given).pk}


@command("POST")
def make_google_key(given: Mapping[str, Any]) -> object:
    """The content of a key file; `origin`: where this server is reached."""
    return keys.make(**given)


@command("POST")
def refuse_google(given: Mapping[str, Any]) -> object:
    """The next matching requests (method, path_contains, count, skip) get this `reason` for an answer."""
    wanted = dict(given)
    return {"id": faults.add({"system": "google", **fault_of(wanted.pop("reason")), **wanted}).id}


@command("POST")
def expire_google_sync_tokens(given: Mapping[str, Any]) -> object:
    calendars.expire_sync_tokens(given.get("calendar"))
    return {}


@command("POST")
def revoke_google_tokens(given: Mapping[str, Any]) -> object:
    google_tokens.revoke_all()
    return {}


@command("GET")
def read_google_mails(given: Mapping[str, Any]) -> object:
    """Whom Google would have mailed because of the product."""
    return {"mails": calendars.mails()}


@command("POST")
def act_in_google(given: Mapping[str, Any], act: str) -> object:
    """As a person in Google: insert, change, delete, undelete, copy, split or move_instances, of `event`."""
    calendar = GoogleCalendar.objects.get(pk=given["calendar"], deleted=False)
    event, body = given.get("event", ""), given.get("body", {})
    acts: dict[str, Callable[[], Any]] = {
        "insert": lambda: events.insert(calendar, body),
        "change": lambda: events.change(calendar, event, body),
        "delete": lambda: events.delete(calendar, event),
        "undelete": lambda: events.undelete(calendar, event),
        "copy": lambda: events.copy(calendar, event),
        "split": lambda: events.split(calendar, event, body),
        "move_instances": lambda: events.move_instances(calendar, event, **body),
        "remove_calendar": lambda: calendars.remove(calendar),
    }
    done = acts[act]()
    return feed.shown(done) if done else {}


urlpatterns = [
    path("advoware/termine", add_termin),
    path("advoware/termine/<int:fr_nr>", edit_termin),
    path("advoware/termine/<int:fr_nr>/delete", delete_termin),
    path("advoware/termine/<int:fr_nr>/damage", damage_termin),
    path("advoware/employees", add_employee),
    path("google/settings", turn_switches, {"group": "google"}),
    path("google/key", make_google_key),
    path("google/refuse", refuse_google),
    path("google/sync-tokens/expire", expire_google_sync_tokens),
    path("google/tokens/revoke", revoke_google_tokens),
    path("google/mails", read_google_mails),
    path("google/act/<str:act>", act_in_google),
    path("reset", reset),
    path("calls", read_calls),
    path("calls/clear", clear_calls),
    path("faults", add_fault),
    path("faults/waiting", read_faults),
    path("faults/clear", clear_faults),
    path("state", read_state),
    path("webhooks", turn_switches, {"group": "webhooks"}),
    path("webhooks/flush", flush_webhooks),
    path("espocrm/settings", turn_switches, {"group": "espocrm"}),
    path("advoware/settings", turn_switches, {"group": "advoware"}),
    path("espocrm/role", change_role),
    path("advoware/tokens/revoke", revoke_tokens),
    path("advoware/beteiligte", add_beteiligter),
    path("advoware/beteiligte/<int:bet_nr>", edit_beteiligter),
    path("advoware/beteiligte/<int:bet_nr>/delete", delete_beteiligter),
]
