"""Notes, tasks and notifications: how the sync tells people something, and where they read it."""

import re
from collections.abc import Iterable
from typing import Any

from sandbox.espocrm import clock
from sandbox.espocrm.answers import EspoRefusal, ForbiddenAnswer
from sandbox.espocrm.entities import ENTITY_TYPES
from sandbox.espocrm.people import permissions, require
from sandbox.espocrm.search import MORE, NO_MORE, Search
from sandbox.espocrm.shapes import name_of
from sandbox.models.espocrm import EspoRecord, EspoUser, Note, Notification, Task

MENTION = re.compile(r"(?<!\w)@([\w@.-]*\w)")
TASK_FIELDS = ("status", "priority", "dateEnd", "dateCompleted", "isOverdue", "reminders", "description")
TASK_DEFAULTS = {"status": "Not Started", "priority": "Normal", "isOverdue": False, "reminders": []}
ATTACHMENTS: dict[str, Any] = {"attachmentsIds": [], "attachmentsNames": {}, "attachmentsTypes": {}}
POST, ASSIGN, CREATED = "Post", "Assign", "Create"


def _parent(parent_type: object, parent_id: object) -> EspoRecord | None:
    if parent_type not in ENTITY_TYPES:
        return None
    return EspoRecord.objects.filter(id=parent_id, entity_type=parent_type, deleted=False).first()


def create_note(body: dict[str, Any], user: EspoUser) -> dict[str, Any]:
    require(user, "Note", "create")
    parent = _parent(body.get("parentType"), body.get("parentId"))
    if body.get("parentId") and parent is None:
        raise ForbiddenAnswer("No create access.")
    _require_message_right(body, user)
    mentioned = _mentioned(str(body.get("post") or ""), user)
    note = Note.objects.create(
        note_id=clock.new_id(),
        type=body.get("type") or POST,
        post=body.get("post"),
        facts={"mentions": _mentions(mentioned)} if mentioned else {},
        target_type=body.get("targetType"),
        user_ids=list(body.get("usersIds") or []),
        parent_type=parent.entity_type if parent else None,
        parent_id=parent.id if parent else None,
        created_at=clock.now(),
        created_by=user,
    )
    _notify(note, user, parent, mentioned)
    return _new_note(note, parent, mentioned)


def _require_message_right(body: dict[str, Any], user: EspoUser) -> None:
    """Who may not write to everybody may write into a record's stream, and to nobody but himself."""
    addressed = body.get("targetType") and list(body.get("usersIds") or []) != [user.id]
    if addressed and permissions(user)["messagePermission"] == "no":
        raise ForbiddenAnswer("Not permitted to post to anybody except self.")


def _mentioned(post: str, author: EspoUser) -> list[EspoUser]:
    """Nobody, without a word, where the author may not mention people."""
    names = MENTION.findall(post) if permissions(author)["mentionPermission"] != "no" else []
    return list(EspoUser.objects.filter(user_name__in=names, is_active=True)) if names else []


def _mentions(users: Iterable[EspoUser]) -> dict[str, Any]:
    return {
        f"@{user.user_name}": {"id": user.id, "name": user.name, "userName": user.user_name, "_scope": "User"}
        for user in users
    }


def _notify(note: Note, author: EspoUser, parent: EspoRecord | None, mentioned: Iterable[EspoUser]) -> None:
    told = {user.id for user in mentioned} | set(note.user_ids) | set(parent.followers if parent else ())
    if note.target_type == "all":
        told |= set(EspoUser.objects.exclude(type="api").values_list("id", flat=True))
    for user in EspoUser.objects.filter(id__in=told - {author.id}):
        _notification("Note", user, note=note)


def _notification(kind: str, user: EspoUser, **facts: Any) -> Notification:
    return Notification.objects.create(
        notification_id=clock.new_id(), type=kind, user=user, created_at=clock.now(), **facts
    )


def _new_note(note: Note, parent: EspoRecord | None, mentioned: list[EspoUser]) -> dict[str, Any]:
    shown = _common(note) | {"reactionCounts": None, "myReactions": [], **ATTACHMENTS}
    shown |= {"parentName": parent.name if parent else None, "relatedName": None, "modifiedByName": None}
    if parent:
        shown |= {"parentId": parent.id, "parentType": parent.entity_type}
    if mentioned:
        shown["notifiedUserIdList"] = [user.id for user in mentioned]
    if note.target_type:
        shown["targetType"] = note.target_type
    if note.target_type == "users":
        shown |= _users(note)
    if note.target_type == "all":
        shown["isGlobal"] = True
    return shown


def _common(note: Note) -> dict[str, Any]:
    return {
        "id": note.note_id,
        "deleted": False,
        "post": note.post,
        "data": note.facts,
        "type": note.type,
        "isInternal": False,
        "createdAt": note.created_at,
        "modifiedAt": note.created_at,
        "createdById": note.created_by.id if note.created_by else None,
        "createdByName": name_of(note.created_by),
    }


def _users(note: Note) -> dict[str, Any]:
    names = dict(EspoUser.objects.filter(id__in=note.user_ids).values_list("id", "name"))
    return {"usersIds": note.user_ids, "usersNames": names}


def shape(note: Note) -> dict[str, Any]:
    """A note as a stream lists it."""
    shown = _common(note) | {
        "targetType": note.target_type,
        "number": note.number,
        "isGlobal": False,
        "createdByGender": None,
        "parentId": note.parent_id,
        "parentType": note.parent_type,
    }
    nothing = ("relatedId", "relatedType", "modifiedById", "modifiedByName", "superParentId", "superParentType")
    shown |= dict.fromkeys(nothing)
    return shown | (ATTACHMENTS if note.type == POST else {}) | (_users(note) if note.target_type == "users" else {})


def of_record(record_id: str, search: Search) -> dict[str, Any]:
    found = Note.objects.filter(parent_id=record_id).select_related("created_by")
    shown = found[search.offset : search.offset + search.max_size]
    extra: dict[str, Any] = {"isPinned": False, "reactionCounts": None, "myReactions": []}
    return {"total": found.count(), "list": [shape(note) | extra for note in shown], "pinnedList": []}


def note_assigned(record: EspoRecord, author: EspoUser) -> None:
    """The line that an assignment leaves in the record's stream."""
    assigned = record.assigned_user
    if assigned is None:
        return
    facts = {"assignedUserId": assigned.id, "assignedUserName": assigned.name}
    _line(ASSIGN, facts, record.entity_type, record.id, author, assigned)


def _line(kind: str, facts: object, parent_type: str, parent_id: str, author: EspoUser, told: EspoUser) -> None:
    note = Note.objects.create(
        note_id=clock.new_id(),
        type=kind,
        facts=facts,
        parent_type=parent_type,
        parent_id=parent_id,
        created_at=clock.now(),
        created_by=author,
    )
    if told != author:
        _notification("Note", told, note=note)


def create_task(body: dict[str, Any], user: EspoUser) -> dict[str, Any]:
    require(user, "Task", "create")
    assigned = EspoUser.objects.filter(id=body.get("assignedUserId")).first()
    parent = _parent(body.get("parentType"), body.get("parentId"))
    task = Task.objects.create(
        id=clock.new_id(),
        name=str(body.get("name") or ""),
        fields={name: body.get(name, TASK_DEFAULTS.get(name)) for name in TASK_FIELDS},
        parent_type=parent.entity_type if parent else None,
        parent_id=parent.id if parent else None,
        assigned_user=assigned,
        created_at=clock.now(),
        created_by=user,
    )
    if assigned:
        facts = {"assignedUserId": assigned.id, "assignedUserName": assigned.name}
        facts |= {"statusValue": str(task.fields["status"]), "statusField": "status"}
        _line(CREATED, facts, "Task", task.id, user, assigned)
    return _shape_task(task, parent)


def _shape_task(task: Task, parent: EspoRecord | None) -> dict[str, Any]:
    assigned = task.assigned_user
    times = dict.fromkeys(("createdAt", "modifiedAt", "streamUpdatedAt"), task.created_at)
    return {
        "id": task.id,
        "name": task.name,
        "deleted": False,
        **task.fields,
        **times,
        "parentId": task.parent_id,
        "parentType": task.parent_type,
        "parentName": parent.name if parent else None,
        **dict.fromkeys(("accountId", "accountName", "contactId", "contactName", "modifiedByName")),
        "createdById": task.created_by.id if task.created_by else None,
        "createdByName": name_of(task.created_by),
        "assignedUserId": assigned.id if assigned else None,
        "assignedUserName": name_of(assigned),
        "teamsIds": [],
        "teamsNames": {},
        **ATTACHMENTS,
        "isFollowed": False,
        "followersIds": [assigned.id] if assigned else [],
        "followersNames": {assigned.id: assigned.name} if assigned else {},
        "versionNumber": 1,
    }


def read_task(task_id: str, user: EspoUser) -> dict[str, Any]:
    require(user, "Task", "read")
    task = Task.objects.filter(id=task_id).select_related("assigned_user", "created_by").first()
    if task is None:
        raise EspoRefusal(404, f"Record {task_id} does not exist.")
    return _shape_task(task, _parent(task.parent_type, task.parent_id))


def create_notification(body: dict[str, Any], user: EspoUser) -> dict[str, Any]:
    """Only administrators may; everybody else tells people by notes."""
    require(user, "Notification", "create")
    told = EspoUser.objects.filter(id=body.get("userId")).first()
    if told is None:
        raise ForbiddenAnswer("No create access.")
    notification = _notification(
        str(body.get("type") or "Message"),
        told,
        message=body.get("message"),
        related_type=body.get("relatedType"),
        related_id=body.get("relatedId"),
        created_by=user,
    )
    return {
        "id": notification.notification_id,
        "deleted": False,
        "type": notification.type,
        "read": False,
        "emailIsProcessed": False,
        "createdAt": notification.created_at,
        "message": notification.message,
        "userId": told.id,
        "userName": told.name,
        "relatedName": None,
        "relatedParentName": None,
        "createdById": user.id,
        "createdByName": user.name,
    }


def notifications(search: Search, user: EspoUser) -> dict[str, Any]:
    require(user, "Notification", "read")
    found = Notification.objects.filter(user=user).select_related("note__created_by", "user", "created_by")
    shown = list(found[search.offset : search.offset + search.max_size + 1])
    listed = [_shape_notification(notification) for notification in shown[: search.max_size]]
    return {"total": MORE if len(shown) > search.max_size else NO_MORE, "list": listed}


def _noted(note: Note) -> dict[str, Any]:
    parents = Task if note.parent_type == "Task" else EspoRecord
    parent = parents._default_manager.filter(pk=note.parent_id).first() if note.parent_id else None
    named = {"parentName": parent.name} if parent else {}
    return shape(note) | ATTACHMENTS | named | {"isPinned": False}


def _shape_notification(notification: Notification) -> dict[str, Any]:
    note = notification.note
    noted = {"data": {"noteId": note.note_id}, "noteData": _noted(note)} if note else {"data": None}
    return {
        "id": notification.notification_id,
        "deleted": False,
        "number": notification.number,
        **noted,
        "type": notification.type,
        "read": False,
        "emailIsProcessed": False,
        "createdAt": notification.created_at,
        "message": notification.message,
        "actionId": None,
        "groupedCount": None,
        "userId": notification.user.id,
        "userName": notification.user.name,
        "relatedId": note.note_id if note else notification.related_id,
        "relatedType": "Note" if note else notification.related_type,
        "relatedParentId": note.parent_id if note else None,
        "relatedParentType": note.parent_type if note else None,
        "createdById": notification.created_by.id if notification.created_by else None,
    }
