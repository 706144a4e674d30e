"""Making and changing accounts. Whoever has one may open the admin; what is seen there is the role's to say.

Invariant: there is always somebody who can log in and manage people, and only such a person makes or touches another.
Every change is a row of the operator log; no password and no link is ever in it.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group, User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from syncapp.models import OperatorLog, UserAccount
from syncapp.operations.onboarding.roles import BY_NAME
from syncapp.operations.people import role_cards
from syncapp.words.plain_errors import PlainError

# Read aloud and typed by hand: no signs that look like others.
ALPHABET = "abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXY346789"


class AccountFault(PlainError):
    """Why nothing was done, in a sentence for whoever asked."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the form says about a person. An empty login is made of the e-mail address."""

    first_name: str
    last_name: str
    email: str
    login: str
    role: str  # key of a RoleCard
    special: Collection[str] = ()


@transaction.atomic
def make(*, given: Given, by: User) -> User:
    """A new account without a password: an invitation or a first password follows. Raises AccountFault."""
    login = given.login.strip() or free_login(given.email)
    _check(given, login, by=by, user=None)
    user = User(username=login)
    user.set_unusable_password()
    _take_over(user, given)
    log(by=by.get_username(), action="user_made", user=user, result=role_cards.role_name(user))
    return user


@transaction.atomic
def change(*, user: User, given: Given, by: User) -> User:
    """Name, address, login, role. Raises AccountFault."""
    login = given.login.strip() or user.get_username()
    may_touch(user=user, by=by)
    _check(given, login, by=by, user=user)
    before = role_cards.role_of(user)
    if given.role != before:
        if user.pk == by.pk and not by.is_superuser:
            raise AccountFault(_("Nobody changes their own role: ask an administrator."))
        if before == role_cards.ADMINISTRATOR:
            keep_an_administrator(without=user)
    user.username = login
    _take_over(user, given)
    log(by=by.get_username(), action="user_changed", user=user, result=role_cards.role_name(user))
    return user


@transaction.atomic
def set_active(*, user: User, active: bool, by: User) -> None:
    """Lock somebody out, or let them in again. What they did stays. Raises AccountFault."""
    may_touch(user=user, by=by)
    if not active and user.pk == by.pk:
        raise AccountFault(_("You cannot lock yourself out: ask another administrator."))
    if not active:
        keep_an_administrator(without=user)
    User.objects.filter(pk=user.pk).update(is_active=active)
    log(by=by.get_username(), action="user_unlocked" if active else "user_locked", user=user)


@transaction.atomic
def delete(*, user: User, by: User) -> None:
    """The account goes; logs keep the login. Raises AccountFault."""
    may_touch(user=user, by=by)
    if user.pk == by.pk:
        raise AccountFault(_("You cannot delete your own account: ask another administrator."))
    keep_an_administrator(without=user)
    log(by=by.get_username(), action="user_deleted", user=user)
    user.delete()


@transaction.atomic
def set_first_password(*, user: User, by: User) -> str:
    """A password that is shown once and has to be changed at the first login. Raises AccountFault."""
    may_touch(user=user, by=by)
    password = "-".join("".join(secrets.choice(ALPHABET) for _sign in range(4)) for _group in range(4))
    user.set_password(password)
    user.save(update_fields=["password"])
    UserAccount.objects.update_or_create(
        user=user, defaults={"must_change_password": True, "invitation": None, "invitation_ends": None}
    )
    log(by=by.get_username(), action="user_first_password", user=user)
    return password


def may_touch(*, user: User, by: User) -> None:
    """Only an administrator changes another one: else whoever manages people could take their place."""
    if user.is_superuser and not by.is_superuser:
        raise AccountFault(_("Only an administrator may change the account of an administrator."))


def keep_an_administrator(*, without: User) -> None:
    """Raises AccountFault where nobody would be left who can log in and manage people. Within a transaction."""
    if not without.is_superuser:
        return
    others = User.objects.select_for_update().filter(is_superuser=True, is_active=True).order_by("pk")
    able = Q(account__subject__isnull=False) | ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    able_keys = set(User.objects.filter(able, is_superuser=True, is_active=True).values_list("pk", flat=True))
    if not {other.pk for other in others} & able_keys - {without.pk}:
        raise AccountFault(
            _(
                "This is the last administrator who can log in. Make somebody else an administrator first, "
                "and let them log in once."
            )
        )


def log(*, by: str, action: str, user: User, result: str = "") -> None:
    OperatorLog.objects.create(actor=by, action=action, target=user.get_username()[:150], result=result)


def _take_over(user: User, given: Given) -> None:
    """Name, address and the one role; other rights than those that are given by name are left as they are."""
    user.first_name, user.last_name = given.first_name.strip(), given.last_name.strip()
    user.email, user.is_staff = given.email.strip(), True
    user.is_superuser = given.role == role_cards.ADMINISTRATOR
    user.save()
    user.groups.set(Group.objects.filter(pk=int(given.role)) if given.role.isdecimal() else [])
    user.user_permissions.remove(*role_cards.permissions_called(BY_NAME))
    user.user_permissions.add(*role_cards.permissions_called(given.special))


def _check(given: Given, login: str, *, by: User, user: User | None) -> None:
    others = User.objects.exclude(pk=user.pk) if user is not None else User.objects.all()
    try:
        validate_email(given.email.strip())
        UnicodeUsernameValidator()(login)
    except ValidationError as fault:
        raise AccountFault(" ".join(map(str, fault.messages))) from fault
    if not (given.first_name.strip() or given.last_name.strip()):
        raise AccountFault(_("Please enter a name."))
    if others.filter(username__iexact=login).exists():
        raise AccountFault(_("Somebody else has the login “%(login)s”. Please choose another one.") % {"login": login})
    if others.filter(email__iexact=given.email.strip()).exists():
        raise AccountFault(_("Somebody else has this e-mail address. Each person needs one of their own."))
    if given.role not in {card.key for card in role_cards.cards()}:
        raise AccountFault(_("Please choose one of the roles."))
    if given.role == role_cards.ADMINISTRATOR and not by.is_superuser:
        raise AccountFault(_("Only an administrator may make somebody an administrator."))


def free_login(email: str) -> str:
    """What stands before the @, with a number where somebody has it already."""
    wanted = email.partition("@")[0].strip()[:140] or "user"
    alike = User.objects.filter(username__istartswith=wanted).values_list("username", flat=True)
    taken = {name.casefold() for name in alike}
    numbered = (f"{wanted}{number}" for number in range(2, 10_000))
    return wanted if wanted.casefold() not in taken else next(name for name in numbered if name.casefold() not in taken)


class FirstPassword:
    """Among Django's password validators: who was given a password has to choose another one, and then is free.

    Django calls `password_changed` when a new password has been stored, whatever page it came from.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None or not _must_change(user):
            return
        if user.check_password(password):
            raise ValidationError(_("This is the password that you were given. Please choose one of your own."))

    def password_changed(self, password: str, user: User | None = None) -> None:
        if user is not None and user.pk is not None:
            UserAccount.objects.filter(user=user).update(
                must_change_password=False, invitation=None, invitation_ends=None
            )

    def get_help_text(self) -> str:
        return _("It must be another one than the password that you were given at first.")


def _must_change(user: User) -> bool:
    return UserAccount.objects.filter(user=user, must_change_password=True).exists()
