"""What the API offers beside records: the application's own facts, administrators' actions, users and numbers."""

from typing import Any

from django.http import HttpResponse

from sandbox.espocrm import metadata as described
from sandbox.espocrm import people, records, where
from sandbox.espocrm.answers import EspoRefusal, ForbiddenAnswer, result
from sandbox.espocrm.entities import ENTITY_TYPES, EntityType
from sandbox.espocrm.search import Search
from sandbox.models.espocrm import EspoUser, PhoneNumber
from sandbox.switches import switches, turn

VERSION = "9.2.7"


def of_type(entity: EntityType, action: str, method: str, body: dict[str, Any], user: EspoUser) -> HttpResponse:
    if action != "restoreDeleted" or method != "POST":
        raise EspoRefusal(404, f"Action {method} '{action}' does not exist in controller '{entity.name}'.")
    people.require_admin(user)
    records.restore(entity, str(body.get("id")))
    return result(True)


def mass_action(body: dict[str, Any], user: EspoUser) -> dict[str, Any]:
    """Updates or deletes the records with the given ids, or those that a where describes."""
    people.require_admin(user)
    entity = ENTITY_TYPES.get(str(body.get("entityType")))
    if entity is None:
        raise ForbiddenAnswer()
    params = body.get("params") or {}
    found = records.query(entity).filter(deleted=False).filter(where.condition(entity, params.get("where") or []))
    if "ids" in params:
        found = found.filter(id__in=params["ids"])
    ids = list(found.order_by("-id").values_list("id", flat=True))
    if body.get("action") == "update":
        done = records.update_many(entity, ids, body.get("data") or {}, user)
        return {"count": len(done), "ids": done}
    if body.get("action") != "delete":
        raise ForbiddenAnswer()
    for record_id in ids:
        records.delete(entity, record_id, user)
    return {"count": len(ids)}


def update_entity(body: dict[str, Any], user: EspoUser) -> bool:
    """The entity manager's form, of which only the version check is there."""
    people.require_admin(user)
    if "optimisticConcurrencyControl" in body:
        turn("espocrm", {"optimistic_locking": bool(body["optimisticConcurrencyControl"])})
    return True


def _shape_user(user: EspoUser) -> dict[str, Any]:
    return {
        "id": user.id,
        "name": user.name,
        "userName": user.user_name,
        "type": user.type,
        "isActive": user.is_active,
        "firstName": None,
        "lastName": user.name,
    }


def user(user_id: str, reader: EspoUser) -> dict[str, Any]:
    people.require(reader, "User", "read")
    found = EspoUser.objects.filter(id=user_id).first()
    if found is None:
        raise EspoRefusal(404, f"Record {user_id} does not exist.")
    return _shape_user(found)


def users(search: Search, reader: EspoUser) -> dict[str, Any]:
    people.require(reader, "User", "read")
    found = EspoUser.objects.all()
    names = [item.get("value") for item in search.where if item.get("attribute") == "userName"]
    found = found.filter(user_name__in=names) if names else found
    shown = found[search.offset : search.offset + search.max_size]
    return {"total": found.count(), "list": [_shape_user(each) for each in shown]}


def app_user(user: EspoUser) -> dict[str, Any]:
    granted = people.permissions(user)
    role = {scope: levels for scope, levels in user.role.items() if scope not in granted}
    table = dict.fromkeys(ENTITY_TYPES, True) if user.type == "admin" else role
    return {
        "user": _shape_user(user),
        "acl": {"table": table, **granted},
        "preferences": {},
        "token": None,
        "settings": settings(),
        "language": "de_DE",
        "appParams": {},
    }


def settings() -> dict[str, Any]:
    return {
        "version": VERSION,
        "phoneNumberInternational": bool(switches("espocrm")["international_only"]),
        "phoneNumberExtensions": bool(switches("espocrm")["extensions"]),
        "timeZone": "UTC",
        "dateFormat": "DD.MM.YYYY",
        "maintenanceMode": bool(switches("espocrm")["maintenance"]),
    }


def metadata(key: str | None) -> object:
    return described.at(key)


def phone_numbers(search: Search, user: EspoUser) -> dict[str, Any]:
    people.require(user, "PhoneNumber", "read")
    found = PhoneNumber.objects.order_by("-id")
    shown = [
        {
            "id": number.id,
            "name": number.name,
            "deleted": False,
            "type": number.type,
            "numeric": "".join(sign for sign in number.name if sign.isdigit()),
            "invalid": number.invalid,
            "optOut": number.opt_out,
        }
        for number in found[search.offset : search.offset + search.max_size]
    ]
    return {"total": found.count(), "list": shown}
