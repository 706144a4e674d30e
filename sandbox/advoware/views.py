"""The stand-in Advoware's API: thin views over `records` and `shape`."""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, JsonResponse

from sandbox.advoware import children, description, records, tokens
from sandbox.advoware.bad_value import BadValue
from sandbox.advoware.shape import beteiligter_json, kommunikation_json, rechtsformen_json
from sandbox.models.advoware import Beteiligter
from sandbox.switches import switches

View = Callable[..., HttpResponse]


def refused(status: int, message: str) -> JsonResponse:
    return JsonResponse({"message": message}, status=status)


def body_of(request: HttpRequest) -> Mapping[str, object]:
    try:
        body = json.loads(request.body)
    except ValueError:
        raise BadValue("Der Inhalt ist kein JSON.") from None
    if not isinstance(body, dict):
        raise BadValue("Es wird ein Objekt erwartet.")
    return body


def resource(**views: View) -> View:
    """One address: the views by method. DELETE is forbidden everywhere, as Advoware has it."""

    def dispatch(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not tokens.is_valid(request.headers.get("Authorization", "")):
            return refused(401, "Nicht angemeldet.")
        if request.method == "DELETE":
            return refused(403, "Löschen ist über die Schnittstelle nicht erlaubt.")
        view = views.get(request.method or "")
        if view is None:
            return refused(405, "Diese Methode gibt es hier nicht.")
        try:
            return view(request, **kwargs)
        except BadValue as bad:
            return refused(400, str(bad))
        except ObjectDoesNotExist:
            return refused(404, "Das Objekt wurde nicht gefunden.")

    return wraps(dispatch)(dispatch)


def token(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return refused(405, "Diese Methode gibt es hier nicht.")
    try:
        return JsonResponse(tokens.issue(body_of(request)))
    except BadValue as bad:
        return refused(400, str(bad))
    except tokens.TokenRefusal as refusal:
        return refused(refusal.status, refusal.message)


def describe(request: HttpRequest) -> HttpResponse:
    """What the API looks like; a connector shows this to anybody."""
    return JsonResponse(description.document())


def discovery(request: HttpRequest) -> HttpResponse:
    """Where a Kanzlei's API lives. `relayUrl` is this stand-in; there is no connector."""
    base = request.build_absolute_uri("/sandbox/advoware/")
    return JsonResponse({"relayUrl": base, "connectorUrl": None, "securityGateway": base})


def _written(row: Beteiligter, *, as_list: bool, echo: Mapping[str, object] | None = None) -> HttpResponse:
    answer = beteiligter_json(row)
    if echo is not None:
        answer = {**echo, "betNr": row.bet_nr, "rowId": row.row_id}
    if not switches("advoware")["row_id_in_answers"]:
        answer.pop("rowId", None)
    return JsonResponse([answer] if as_list else answer, safe=False)


def read(request: HttpRequest, bet_nr: int) -> HttpResponse:
    return JsonResponse(beteiligter_json(Beteiligter.objects.get(pk=bet_nr)))


def create(request: HttpRequest) -> HttpResponse:
    return _written(records.create(body_of(request)), as_list=bool(switches("advoware")["post_answers_list"]))


def replace(request: HttpRequest, bet_nr: int) -> HttpResponse:
    body = body_of(request)
    habits = switches("advoware")
    row = records.replace(bet_nr, body)
    return _written(row, as_list=bool(habits["put_answers_list"]), echo=body if habits["put_answer_echoes"] else None)


def create_kommunikation(request: HttpRequest, bet_nr: int) -> HttpResponse:
    row = records.create_kommunikation(bet_nr, body_of(request))
    shown = bool(switches("advoware")["row_id_in_answers"])
    return JsonResponse(kommunikation_json(row, komm_kz=row.komm_kz, with_row_id=shown))


def replace_kommunikation(request: HttpRequest, bet_nr: int, entry_id: int) -> HttpResponse:
    row = records.replace_kommunikation(bet_nr, entry_id, body_of(request))
    habits = switches("advoware")
    shown = row.komm_kz if habits["kommkz_on_get"] else 0
    return JsonResponse(kommunikation_json(row, komm_kz=shown, with_row_id=bool(habits["row_id_in_answers"])))


def entries(request: HttpRequest, bet_nr: int, kind: str) -> HttpResponse:
    """A list by its own address: only of accounts, and only where that is switched on."""
    if kind != children.BANK.kind or switches("advoware")["bank_list"] != "get":
        return refused(405, "Diese Methode gibt es hier nicht.")
    found = Beteiligter.objects.get(pk=bet_nr).entries.filter(kind=kind)
    return JsonResponse(children.accounts_json(found), safe=False)


def create_entry(request: HttpRequest, bet_nr: int, kind: str) -> HttpResponse:
    answer = children.created_json(children.create(bet_nr, kind, body_of(request)))
    return HttpResponse(status=204) if answer is None else JsonResponse(answer, safe=False)


def replace_entry(request: HttpRequest, bet_nr: int, kind: str, number: int) -> HttpResponse:
    row = children.replace(bet_nr, kind, number, body_of(request))
    return JsonResponse(children.entry_json(row, with_row_id=bool(switches("advoware")["row_id_in_answers"])))


def rechtsformen(request: HttpRequest) -> HttpResponse:
    return JsonResponse(rechtsformen_json(), safe=False)
