"""The roles as one chooses them: each with what it may, and the one that may manage people.

Invariant: a card tells what the group really may, since an installation may have cut it differently. Nobody chooses
single rights but those that no usual role has (`BY_NAME`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from syncapp.models.casework import RIGHTS
from syncapp.operations import calendars
from syncapp.operations.onboarding.roles import (
    BY_NAME,
    HISTORY,
    LOGS,
    OF_CALENDARS,
    READER,
    ROLES,
    in_every_language,
    names_of,
    usual_role,
)
from syncapp.words.onboarding.roles import ROLE_ICONS, ROLE_MEANINGS, VERBS

ADMINISTRATOR = "administrator"
NONE = ""
SEE_VALUES = "view_values"
# Whose lists have a right of their own (onboarding/roles.py names them).
LISTED = sorted(
    code.removeprefix("view_") for code in READER | HISTORY | LOGS if code.startswith("view_") and code != SEE_VALUES
)


@dataclass(frozen=True, slots=True)
class RoleCard:
    """One role: `key` is the group's pk, `administrator`, or empty; `rights` are what it may, one by one."""

    key: str
    name: str
    may: str
    rights: tuple[str, ...]
    icon: str


def cards() -> list[RoleCard]:
    """What can be chosen: nothing, the usual roles by how much they may, the firm's own, and the administrator."""
    groups = sorted(Group.objects.prefetch_related("permissions"), key=lambda group: (_rank(group.name), group.name))
    nothing = RoleCard(NONE, _("No role"), _("may log in and sees nothing yet"), (), "block")
    return [nothing, *map(_card, groups), administrator()]


def administrator() -> RoleCard:
    return RoleCard(
        ADMINISTRATOR,
        _("Administrator"),
        _("manages users and roles and may do everything, see bank accounts in full included"),
        (),
        "admin_panel_settings",
    )


def _card(group: Group) -> RoleCard:
    codes = {right.codename for right in known_here(group.permissions.all())}
    icon = ROLE_ICONS.get(usual_role(group.name), "badge")
    return RoleCard(str(group.pk), group.name, role_meaning(group.name), tuple(_words(codes)), icon)


def known_here(rights: Iterable[Permission]) -> list[Permission]:
    """Without those of which this installation shows nothing."""
    return [right for right in rights if calendars.in_use() or right.codename not in OF_CALENDARS]


def role_meaning(name: str) -> str:
    """What a role may, in a sentence."""
    usual = usual_role(name)
    return str(ROLE_MEANINGS[usual]) if usual else _("a role of this installation")


def _words(codes: Iterable[str]) -> Iterable[str]:
    """The rights in words, personal values first; what only lets somebody look at a list is told by the sentence."""
    return (words for code, words in _words_by_code().items() if code in set(codes))


def _words_by_code() -> dict[str, str]:
    return {SEE_VALUES: _("Can see personal values"), **{code: str(words) for code, words in RIGHTS}}


# What something here asks for: the acts, the lists, personal values, and the people themselves.
OFFERED = Q(content_type__app_label="syncapp", codename__in=[SEE_VALUES, *(code for code, _words in RIGHTS)]) | Q(
    content_type__app_label__in=["syncapp", "auth"],
    content_type__model__in=[*LISTED, "user", "group"],
    codename__startswith="view_",
)
OFFERED |= Q(content_type__app_label="auth", content_type__model="user")


def rights_offered() -> Q:
    """What of it there is here."""
    return OFFERED if calendars.in_use() else OFFERED & ~Q(codename__in=OF_CALENDARS)


def right_words(right: Permission) -> str:
    """A right in the reader's language."""
    known = _words_by_code()
    if right.codename in known:
        return known[right.codename]
    model = right.content_type.model_class()
    called = str(model._meta.verbose_name_plural) if model is not None else right.content_type.model
    verb = right.codename.partition("_")[0]
    return f"{VERBS[verb]}: {capfirst(called)}" if verb in VERBS else right.name


def _rank(name: str) -> int:
    usual = usual_role(name)
    return list(ROLES).index(usual) if usual else len(ROLES)


def role_of(user: User) -> str | None:
    """The key of somebody's one role; None where there are several, which no form here gives."""
    if user.is_superuser:
        return ADMINISTRATOR
    keys = [str(group.pk) for group in user.groups.all()]
    if len(keys) > 1:
        return None
    return keys[0] if keys else NONE


def role_name(user: User) -> str:
    """For lists and logs."""
    if user.is_superuser:
        return administrator().name
    return ", ".join(sorted(group.name for group in user.groups.all())) or _("no role")


def special_rights() -> list[tuple[str, str]]:
    """[(code, words)] of the rights that no usual role has: given to single people by name."""
    return [(code, str(words)) for code, words in RIGHTS if code in BY_NAME]


def special_of(user: User) -> set[str]:
    return set(user.user_permissions.filter(codename__in=BY_NAME).values_list("codename", flat=True))


def permissions_called(codes: Iterable[str]) -> list[Permission]:
    wanted = set(codes) & BY_NAME
    return list(Permission.objects.filter(content_type__app_label="syncapp", codename__in=wanted))


def key_called(name: str) -> str | None:
    """The key of the role of that name, as it is called here or in any language; None for one that is none."""
    wanted = name.strip().casefold()
    if wanted in {called.casefold() for called in in_every_language(gettext_lazy("Administrator"))}:
        return ADMINISTRATOR
    usual = next((role for role in ROLES if wanted in {called.casefold() for called in names_of(role)}), "")
    names = names_of(usual) if usual else ()
    found = Group.objects.filter(Q(name__iexact=name.strip()) | Q(name__in=names)).order_by("pk").first()
    return str(found.pk) if found is not None else None
