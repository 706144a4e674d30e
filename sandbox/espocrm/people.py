"""The users of the stand-in and what their roles allow.

The well-known users exist as soon as somebody logs in to an empty installation. A role is EspoCRM's own shape: scope to
levels (or true), and permissions such as mentionPermission; administrators need none. A further user is a row in USERS.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.espocrm.answers import ForbiddenAnswer
from sandbox.models.espocrm import EspoUser

ALL = {"create": "yes", "read": "all", "edit": "all", "delete": "all", "stream": "all"}
# What the sync needs of records of other records: it never deletes one.
CHILD = {**ALL, "delete": "no"}
CHILD_ENTITIES = ("CAdressen", "CAnschriften", "CBankverbindungen")
ROLE: dict[str, Any] = {
    "CBeteiligte": ALL,
    "CBeteiligtePerson": ALL,
    **dict.fromkeys(CHILD_ENTITIES, CHILD),
    "Webhook": True,
    "Task": ALL,
    "Note": ALL,
    "User": {"read": "all", "edit": "no"},
    "mentionPermission": "all",
    "messagePermission": "all",
}
STAFF_ROLE: dict[str, Any] = {
    **ROLE,
    **dict.fromkeys(CHILD_ENTITIES, ALL),
    "Notification": {"read": "own"},
    "Webhook": False,
}

USERS: tuple[dict[str, Any], ...] = (
    {"id": "5a0d0000000000001", "user_name": "syncbot", "name": "syncbot", "api_key": "sandbox-espo-key", "role": ROLE},
    {
        "id": "5a0d0000000000002",
        "user_name": "admin",
        "name": "Admin",
        "type": "admin",
        "api_key": "sandbox-admin-key",
        "password": "sandbox",
    },
    {
        "id": "5a0d0000000000003",
        "user_name": "anna",
        "name": "Anna Anwalt",
        "type": "regular",
        "api_key": "sandbox-staff-key",
        "password": "sandbox",
        "role": STAFF_ROLE,
    },
    {
        "id": "5a0d0000000000004",
        "user_name": "syncbothmac",
        "name": "syncbothmac",
        "api_key": "sandbox-hmac-key",
        "secret_key": "sandbox-hmac-secret",
        "role": ROLE,
    },
)


def install() -> None:
    """Makes the well-known users where they are missing."""
    EspoUser.objects.bulk_create([EspoUser(**facts) for facts in USERS], ignore_conflicts=True)


def change_role(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Grants or takes rights of the API users, which share one role."""
    install()
    users = EspoUser.objects.filter(type="api")
    role = {**users[0].role, **changes}
    users.update(role=role)
    return role


def may(user: EspoUser, scope: str, action: str) -> bool:
    if user.type == "admin":
        return True
    levels = user.role.get(scope, False)
    return levels.get(action, "no") != "no" if isinstance(levels, Mapping) else bool(levels)


def permissions(user: EspoUser) -> dict[str, str]:
    """The role's permissions; what it does not mention is refused."""
    told = ("mentionPermission", "messagePermission")
    return {name: "all" if user.type == "admin" else str(user.role.get(name, "no")) for name in told}


def require(user: EspoUser, scope: str, action: str) -> None:
    if not may(user, scope, action):
        raise ForbiddenAnswer(f"No {action} access.")


def require_admin(user: EspoUser) -> None:
    if user.type != "admin":
        raise ForbiddenAnswer()
