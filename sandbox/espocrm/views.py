"""Routes of the API: which function answers which method and address below /api/v1.

The router comes first and knows no users; then somebody must be logged in; then the controller answers. A further
address is a row in FIXED, or in COLLECTIONS for a scope that is none of the two entity types.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox.espocrm import actions, auth, listing, people, records, search, stream, webhooks
from sandbox.espocrm.answers import HTML, EspoRefusal, ForbiddenAnswer, no_route, result, wrong_method
from sandbox.espocrm.entities import ENTITY_TYPES, OTHER_SCOPES
from sandbox.models.espocrm import EspoUser
from sandbox.switches import switches

METHODS_OF_COLLECTION = frozenset({"GET", "POST", "HEAD"})
METHODS_OF_RECORD = frozenset({"GET", "PUT", "PATCH", "DELETE"})
MAINTENANCE = "The application currently is in maintenance mode."


@dataclass(frozen=True)
class ControllerCall:
    """A request on its way to a controller."""

    request: HttpRequest
    user: EspoUser
    steps: tuple[str, ...]

    @property
    def method(self) -> str:
        return str(self.request.method)

    def body(self) -> dict[str, Any]:
        """Forms count like JSON; a list is an object with numbers for keys; nothing is an empty object."""
        if self.request.content_type == "application/x-www-form-urlencoded" and self.request.POST:
            return search.brackets(self.request.POST)
        raw = self.request.body
        try:
            given = json.loads(raw) if raw.strip() else {}
        except ValueError:
            raise EspoRefusal(500) from None
        if isinstance(given, list):
            given = {str(number): value for number, value in enumerate(given)}
        if not isinstance(given, dict):
            raise EspoRefusal(400, "Body is not a JSON object.")
        return given

    def search(self) -> search.Search:
        return search.search_of(self.request)


@csrf_exempt
def serve(request: HttpRequest, rest: str) -> HttpResponse:
    if switches("espocrm")["maintenance"]:
        reason = "Application is in maintenance mode."
        return EspoRefusal(503, reason, body={"message": MAINTENANCE}, content_type=HTML).response()
    steps = tuple(rest.split("/"))
    unrouted = _unrouted(str(request.method), steps)
    if unrouted is not None:
        return unrouted
    try:
        user = auth.user_of(request, f"/{rest}")
        return _controller(steps)(ControllerCall(request, user, steps))
    except EspoRefusal as refusal:
        return refusal.response()


def _unrouted(method: str, steps: tuple[str, ...]) -> HttpResponse | None:
    if method == "OPTIONS":
        return wrong_method(200)
    if not all(steps) or len(steps) > 3:
        return no_route()
    if steps in FIXED or len(steps) == 3:
        return None
    allowed = METHODS_OF_COLLECTION if len(steps) == 1 else METHODS_OF_RECORD
    return None if method in allowed else wrong_method()


def _controller(steps: tuple[str, ...]) -> Callable[[ControllerCall], HttpResponse]:
    if steps in FIXED:
        return FIXED[steps]
    scope = steps[0]
    if scope in ENTITY_TYPES:
        return (_collection, _record, _below)[len(steps) - 1]
    if scope in COLLECTIONS and len(steps) <= 2:
        return _other
    if scope in OTHER_SCOPES | set(COLLECTIONS):
        return _closed
    raise EspoRefusal(404, f"Controller '{scope}' does not exist.")


def _collection(call: ControllerCall) -> HttpResponse:
    entity = ENTITY_TYPES[call.steps[0]]
    if call.method == "HEAD":
        raise EspoRefusal(404, f"Action HEAD 'list' does not exist in controller '{entity.name}'.")
    if call.method == "GET":
        people.require(call.user, entity.name, "read")
        return result(listing.page(entity, call.search()))
    people.require(call.user, entity.name, "create")
    skip = call.request.headers.get("X-Skip-Duplicate-Check") == "true"
    return result(records.create(entity, call.body(), call.user, skip_duplicate_check=skip))


def _record(call: ControllerCall) -> HttpResponse:
    entity, record_id = ENTITY_TYPES[call.steps[0]], call.steps[1]
    action = {"GET": "read", "DELETE": "delete"}.get(call.method, "edit")
    people.require(call.user, entity.name, action)
    if call.method == "GET":
        return result(records.read(entity, record_id, call.user))
    if call.method == "DELETE":
        records.delete(entity, record_id, call.user)
        return result(True)
    version = call.request.headers.get("X-Version-Number")
    return result(records.update(entity, record_id, call.body(), call.user, version=version))


def _below(call: ControllerCall) -> HttpResponse:
    """Actions of a type, and what hangs below a record. Contact points do not: they are attributes."""
    entity, middle, last = ENTITY_TYPES[call.steps[0]], call.steps[1], call.steps[2]
    if middle == "action":
        return actions.of_type(entity, last, call.method, call.body(), call.user)
    if last == "subscription":
        records.follow(entity, middle, call.user, following=call.method != "DELETE")
        return result(True)
    if last == "stream":
        records.read(entity, middle, call.user)
        return result(stream.of_record(middle, call.search()))
    if last not in entity.links:
        raise EspoRefusal(404, "Link does not exist.")
    if call.method == "POST":
        return result(False)
    raise ForbiddenAnswer()


@dataclass(frozen=True)
class Controller:
    """A scope beside the entity types: each method that it has."""

    page: Callable[[ControllerCall], object] | None = None
    create: Callable[[ControllerCall], object] | None = None
    read: Callable[[ControllerCall], object] | None = None
    update: Callable[[ControllerCall], object] | None = None
    delete: Callable[[ControllerCall], object] | None = None
    created: int = 200


def _delete_webhook(call: ControllerCall) -> object:
    webhooks.delete(call.steps[1], call.user)
    return True


COLLECTIONS: dict[str, Controller] = {
    "Webhook": Controller(
        page=lambda call: webhooks.page(call.search(), call.user),
        create=lambda call: webhooks.create(call.body(), call.user),
        read=lambda call: webhooks.read(call.steps[1], call.user),
        update=lambda call: webhooks.update(call.steps[1], call.body(), call.user),
        delete=_delete_webhook,
        created=201,
    ),
    "Note": Controller(create=lambda call: stream.create_note(call.body(), call.user)),
    "Task": Controller(
        create=lambda call: stream.create_task(call.body(), call.user),
        read=lambda call: stream.read_task(call.steps[1], call.user),
    ),
    "Notification": Controller(
        page=lambda call: stream.notifications(call.search(), call.user),
        create=lambda call: stream.create_notification(call.body(), call.user),
    ),
    "User": Controller(
        page=lambda call: actions.users(call.search(), call.user),
        read=lambda call: actions.user(call.steps[1], call.user),
    ),
    "PhoneNumber": Controller(page=lambda call: actions.phone_numbers(call.search(), call.user)),
}


def _other(call: ControllerCall) -> HttpResponse:
    controller = COLLECTIONS[call.steps[0]]
    if len(call.steps) == 1:
        action = controller.create if call.method == "POST" else controller.page
    else:
        methods = {"GET": controller.read, "DELETE": controller.delete}
        action = methods.get(call.method, controller.update)
    if action is None:
        return _closed(call)
    return result(action(call), controller.created if call.method == "POST" else 200)


def _closed(call: ControllerCall) -> HttpResponse:
    raise ForbiddenAnswer(f"No {'create' if call.method == 'POST' else 'read'} access.")


FIXED: dict[tuple[str, ...], Callable[[ControllerCall], HttpResponse]] = {
    ("App", "user"): lambda call: result(actions.app_user(call.user)),
    ("Metadata",): lambda call: result(actions.metadata(call.request.GET.get("key"))),
    ("Settings",): lambda call: result(actions.settings()),
    ("MassAction",): lambda call: result(actions.mass_action(call.body(), call.user)),
    ("EntityManager", "action", "updateEntity"): lambda call: result(actions.update_entity(call.body(), call.user)),
}
