"""How somebody's account stands, in one word for lists and one sentence for its page."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from syncapp.models import UserAccount


@dataclass(frozen=True, slots=True)
class Standing:
    words: str
    icon: str
    tone: str
    sentence: str


def account_of(user: User) -> UserAccount:
    """The row beside the user; an unsaved, empty one where there is none."""
    try:
        account: UserAccount = user.account  # type: ignore[attr-defined,unused-ignore]
    except UserAccount.DoesNotExist:
        return UserAccount(user=user)
    return account


def standing_of(user: User, *, now: datetime) -> Standing:
    account = account_of(user)
    if not user.is_active:
        return Standing(_("locked out"), "block", "off", _("Cannot log in. What they did stays in the logs."))
    if account.subject:
        return Standing(
            _("logs in through the firm"), "badge", "good", _("Logs in through the firm's identity provider.")
        )
    if account.must_change_password:
        said = _("Has a first password and has to choose one of their own at the next login.")
        return Standing(_("has a first password"), "key", "wait", said)
    if user.has_usable_password():
        return Standing(_("can log in"), "check_circle", "good", _("Logs in with a password of their own."))
    if account.invitation and account.invitation_ends is not None and account.invitation_ends > now:
        return Standing(_("invited"), "outgoing_mail", "wait", _("Was invited and has not chosen a password yet."))
    if account.invitation:
        return Standing(_("invitation ended"), "event_busy", "warn", _("The invitation has ended. Invite them anew."))
    said = _("Has no password: invite them, or give them a first password.")
    return Standing(_("cannot log in yet"), "key_off", "warn", said)
