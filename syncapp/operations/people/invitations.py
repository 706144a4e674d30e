"""Invitations: a link by which somebody chooses their own password. It opens once, and ends after a week.

Invariant: the link is kept as a digest; the newest one replaces the one before; a link that is opened and left is not
used up, since mail programs look at links too. The token stands behind the question mark, which access logs leave out.
"""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.models import UserAccount
from syncapp.operations.alerts.telling import mail
from syncapp.operations.people.accounts import log, may_touch

LASTS = timedelta(days=7)
NO_MAIL = ("django.core.mail.backends.console.EmailBackend", "django.core.mail.backends.dummy.EmailBackend")


@transaction.atomic
def invite(*, user: User, by: User) -> str:
    """A new invitation, told once; the one before ends with it. Raises AccountFault."""
    may_touch(user=user, by=by)
    token = secrets.token_urlsafe(32)
    UserAccount.objects.update_or_create(
        user=user,
        defaults={
            "invitation": _digest(token),
            "invitation_ends": timezone.now() + LASTS,
            "invited_by": by.get_username(),
        },
    )
    log(by=by.get_username(), action="user_invited", user=user)
    return token


def invited(token: str) -> User | None:
    """Whom the link belongs to, as long as it can be used."""
    found = UserAccount.objects.select_related("user").filter(
        invitation=_digest(token), invitation_ends__gt=timezone.now(), user__is_active=True
    )
    account = found.first() if token else None
    return account.user if account is not None else None


@transaction.atomic
def accept(*, token: str, password: str) -> User | None:
    """Choose the password; None where the link has been used or has ended meanwhile. Raises ValidationError."""
    user = invited(token)
    if user is None:
        return None
    validate_password(password, user)
    unused = UserAccount.objects.filter(user=user, invitation=_digest(token))
    if not unused.update(invitation=None, invitation_ends=None):
        return None  # the same link, twice at the same moment
    user.set_password(password)
    user.save(update_fields=["password"])
    log(by=user.get_username(), action="user_accepted", user=user)
    return user


def link(token: str, *, base: str) -> str:
    """base: where this installation is reached, for one that does not say so in PUBLIC_URL."""
    return f"{(settings.PUBLIC_URL or base).rstrip('/')}{reverse('invitation')}?token={token}"


def mail_is_set_up() -> bool:
    return settings.EMAIL_BACKEND not in NO_MAIL


def send(*, user: User, address: str) -> bool:
    """Mail the link; whether the mail server took it. In the language of whoever invites."""
    if not mail_is_set_up() or not user.email:
        return False
    words = {"name": user.get_full_name() or user.get_username(), "login": user.get_username(), "link": address}
    text = _(
        "Hello %(name)s,\n\n"
        "you have been given access to Advosync. Please open this link and choose a password:\n\n"
        "%(link)s\n\n"
        "Your login is: %(login)s\n"
        "The link opens once and ends after seven days. If you did not expect this message, leave it unanswered."
    )
    return mail(_("Your access to Advosync"), text % words, [user.email])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
