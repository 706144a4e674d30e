"""The stand-in's Termine and Mitarbeiter: one address whose query says what is meant, as Advoware has it.

`frnr` is read in lower case only; another spelling is no filter, so the whole list comes.
"""

from datetime import date

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, JsonResponse

from sandbox.advoware import termine as records
from sandbox.advoware import tokens
from sandbox.advoware.shape import BadValue
from sandbox.advoware.termin_shape import employee_json, special_json, termin_json
from sandbox.advoware.views import body_of, refused
from sandbox.models.advoware import Mitarbeiter, Termin
from sandbox.switches import switches

UNKNOWN = "Der Termin wurde nicht gefunden."


def termine(request: HttpRequest) -> HttpResponse:
    return _answered(request, _number_of(request))


def termin(request: HttpRequest, fr_nr: str) -> HttpResponse:
    if switches("advoware")["termin_number_in"] != "path" or request.method not in ("PUT", "DELETE"):
        return HttpResponse(status=404)
    return _answered(request, fr_nr)


def employees(request: HttpRequest) -> HttpResponse:
    if not tokens.is_valid(request.headers.get("Authorization", "")):
        return refused(401, "Nicht angemeldet.")
    rows = Mitarbeiter.objects.all()
    if request.GET.get("aktiv") == "true":
        rows = rows.filter(aktiv=True)
    return JsonResponse([employee_json(row) for row in rows], safe=False)


def _number_of(request: HttpRequest) -> str | None:
    """Where this Advoware looks for the number: for reading always in the query."""
    place = "query" if request.method == "GET" else switches("advoware")["termin_number_in"]
    if place == "query":
        return request.GET.get("frnr")
    if place == "body" and request.body:
        body = {key.lower(): value for key, value in body_of(request).items()}
        return str(body.get("frnr", ""))
    return None


def _answered(request: HttpRequest, number: str | None) -> HttpResponse:
    if not tokens.is_valid(request.headers.get("Authorization", "")):
        return refused(401, "Nicht angemeldet.")
    acts = {"GET": _read, "POST": _create, "PUT": _replace, "DELETE": _delete}
    act = acts.get(request.method or "")
    if act is None:
        return refused(405, "Diese Methode gibt es hier nicht.")
    try:
        return act(request, number)
    except BadValue as bad:
        return refused(400, str(bad))
    except ObjectDoesNotExist:
        return refused(404, UNKNOWN)


def _read(request: HttpRequest, number: str | None) -> HttpResponse:
    if number is not None:
        return _one(int(number) if number.lstrip("-").isdecimal() else 0)
    rows = list(records.listed(request.GET.get("kuerzel"), _day(request, "from"), _day(request, "to")))
    found = [termin_json(row) for row in rows]
    if switches("advoware")["termin_special"]:
        found += [entry for row in rows for entry in special_json(row)]
    return JsonResponse(found, safe=False)


def _one(fr_nr: int) -> HttpResponse:
    try:
        found = termin_json(records.find(fr_nr)) if fr_nr >= 0 else _special(fr_nr)
    except ObjectDoesNotExist:
        if switches("advoware")["termin_missing"] == "empty":
            return JsonResponse([], safe=False)
        raise
    return JsonResponse([found] if switches("advoware")["termin_one_as_list"] else found, safe=False)


def _special(fr_nr: int) -> dict[str, object]:
    row = records.find(-fr_nr // 10)
    number = {key.lower(): key for key in termin_json(row)}["frnr"]
    for entry in special_json(row):
        if entry[number] == fr_nr:
            return entry
    raise Termin.DoesNotExist


def _create(request: HttpRequest, number: str | None) -> HttpResponse:
    row = records.create(body_of(request))
    answers: dict[str, object] = {
        "number": row.fr_nr,
        "FrNr": {"FrNr": row.fr_nr},
        "list": [termin_json(row)],
        "object": termin_json(row),
    }
    return JsonResponse(answers[str(switches("advoware")["termin_post_answer"])], safe=False)


def _replace(request: HttpRequest, number: str | None) -> HttpResponse:
    return JsonResponse(termin_json(records.replace(_own(number), body_of(request))))


def _delete(request: HttpRequest, number: str | None) -> HttpResponse:
    how = str(switches("advoware")["termin_delete"])
    refusals = {"403": "Löschen ist nicht erlaubt.", "404": UNKNOWN, "405": "Diese Methode gibt es hier nicht."}
    if how in refusals:
        return refused(int(how), refusals[how])
    records.delete(_own(number))
    return HttpResponse(status=int(how))


def _own(number: str | None) -> int:
    if not number or not number.isdecimal():
        raise BadValue("frnr: Zahl erwartet")
    return int(number)


def _day(request: HttpRequest, name: str) -> date | None:
    given = request.GET.get(name)
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise BadValue(f"{name}: {given!r} ist kein Datum") from None
