"""Signing in through the firm's identity provider: whom a token means, and which role the groups give.

Invariant: a token counts when the provider's key has signed it, for this installation, for this very attempt, and in
time; the library checks signature and attempt, and what it leaves out (issuer, audience, end) is checked here. Somebody
is known by what the provider calls them (`sub`), by the e-mail address at the first time only. Nobody gets in whom
neither a group nor an administrator has let in.
"""

import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from syncapp.models import UserAccount
from syncapp.operations.people import role_cards
from syncapp.operations.people.accounts import AccountFault, free_login, keep_an_administrator, log

log_lines = logging.getLogger("advosync.sign_in")
Claims = Mapping[str, Any]


class SignInRefused(SuspiciousOperation):
    """Why somebody does not get in; `words` are for them. Nothing of the token is in it."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(code)
        self.code, self.words = code, words


def is_on() -> bool:
    return bool(settings.OIDC_ISSUER)


class FirmBackend(OIDCAuthenticationBackend):  # type: ignore[misc,unused-ignore]
    """The library's flow with our rules. It answers no question about rights: Django's own backend does."""

    def verify_token(self, token: str, **given: Any) -> dict[str, Any]:
        claims: dict[str, Any] = super().verify_token(token, **given)
        check_claims(claims)
        return claims

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        """What the signed token says; a second question to the provider would tell nothing that is signed."""
        return payload

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> User | None:
        try:
            return admit(payload)
        except SignInRefused as refused:
            self.request.sign_in_refused = refused
            log_lines.warning("sign_in_refused", extra={"reason": refused.code})
            return None

    def get_user(self, user_id: int) -> User | None:
        """Asked at every request: whoever is locked out is out."""
        return User.objects.filter(pk=user_id, is_active=True).first()

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    get_user_permissions = get_group_permissions = get_all_permissions


def check_claims(claims: Claims) -> None:
    """What OpenID Connect asks of whoever takes a token; the library checks the signature, the nonce and `exp`."""
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    faults = {
        "issuer": claims.get("iss") != settings.OIDC_ISSUER,
        "audience": settings.OIDC_CLIENT_ID not in audiences,
        "party": len(audiences) > 1 and claims.get("azp") != settings.OIDC_CLIENT_ID,
        "end": "exp" not in claims,
        "subject": not claims.get("sub"),
    }
    for code, wrong in faults.items():
        if wrong:
            words = _("The identity provider's answer is not meant for this installation. Tell whoever runs it.")
            raise SignInRefused(f"token_{code}", words)


@transaction.atomic
def admit(claims: Claims) -> User:
    """The person of a checked token, with the role that their groups give. Raises SignInRefused."""
    role = role_by_groups(groups_of(claims))
    user = _known(claims)
    if user is None:
        if role is None:
            words = _("There is no account for you yet. Ask whoever manages the users here for one.")
            raise SignInRefused("no_account", words)
        user = _made(claims)
    if not user.is_active:
        raise SignInRefused("locked_out", _("Your account is locked. Ask whoever manages the users here."))
    if role is not None:
        _give(user, role)
    UserAccount.objects.update_or_create(
        user=user, defaults={"issuer": settings.OIDC_ISSUER, "subject": str(claims["sub"])[:255]}
    )
    return user


def groups_of(claims: Claims) -> set[str]:
    """The names that OIDC_GROUPS_CLAIM leads to; none where the claim is missing."""
    found: Any = claims
    for step in settings.OIDC_GROUPS_CLAIM.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    names = found if isinstance(found, list) else [found]
    return {name for name in names if isinstance(name, str)}


def role_by_groups(groups: set[str]) -> str | None:
    """The key of the role; None where roles are given by hand. Raises SignInRefused where no group gives one."""
    if not settings.OIDC_ROLES:
        return None
    called = next((role for group, role in settings.OIDC_ROLES.items() if group in groups), "")
    if not called:
        words = _("None of your groups gives a role here. Ask whoever manages the groups of your firm.")
        raise SignInRefused("no_group", words)
    key = role_cards.key_called(called)
    if key is None:
        words = _("Your group leads to a role that does not exist here (OIDC_ROLES). Tell whoever runs Advosync.")
        raise SignInRefused("no_such_role", words)
    return key


def _known(claims: Claims) -> User | None:
    """By the provider's own name for them; the first time by the e-mail address."""
    subject, issuer = str(claims["sub"])[:255], settings.OIDC_ISSUER
    found = User.objects.filter(account__issuer=issuer, account__subject=subject).first()
    if found is not None:
        return found
    email = email_of(claims)
    candidates = list(User.objects.filter(email__iexact=email)[:2]) if email else []
    if not candidates:
        return None
    if len(candidates) > 1 or _is_another(candidates[0]):
        words = _("Your e-mail address belongs to an account here that is not yours. Ask whoever manages the users.")
        raise SignInRefused("address_taken", words)
    return candidates[0]


def _is_another(user: User) -> bool:
    """The account belongs to another person at the provider: addresses are given anew, subjects are not."""
    return UserAccount.objects.filter(user=user, issuer=settings.OIDC_ISSUER, subject__isnull=False).exists()


def email_of(claims: Claims) -> str:
    """The address, unless the provider itself doubts it. Entra leaves it out at times and names it as the login."""
    if claims.get("email_verified") is False:
        return ""
    told = str(claims.get("email") or claims.get("preferred_username") or "").strip()
    return told if "@" in told and len(told) <= 254 else ""


def _made(claims: Claims) -> User:
    email = email_of(claims)
    if not email:
        words = _("The identity provider tells no e-mail address of yours. Tell whoever runs it.")
        raise SignInRefused("no_address", words)
    first, last = str(claims.get("given_name") or ""), str(claims.get("family_name") or "")
    user = User(username=free_login(email), email=email, is_staff=True)
    user.first_name, user.last_name = first[:150], (last or ("" if first else str(claims.get("name") or "")))[:150]
    user.set_unusable_password()
    user.save()
    log(by=user.username, action="user_from_provider", user=user)
    return user


def _give(user: User, key: str) -> None:
    """The role of the groups. The last administrator keeps theirs: one change elsewhere must not lock everybody out."""
    if role_cards.role_of(user) == key:
        return
    try:
        if key != role_cards.ADMINISTRATOR:
            keep_an_administrator(without=user)
    except AccountFault:
        log_lines.error("last_administrator_kept", extra={"login": user.pk})
        return
    User.objects.filter(pk=user.pk).update(is_superuser=key == role_cards.ADMINISTRATOR, is_staff=True)
    user.is_superuser, user.is_staff = key == role_cards.ADMINISTRATOR, True
    user.groups.set(Group.objects.filter(pk=int(key)) if key.isdecimal() else [])
    log(by=user.username, action="user_role_from_provider", user=user, result=role_cards.role_name(user))


def is_no_password(request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
    """For the brake on wrong passwords: a sign-in through the provider has none that could be guessed."""
    return credentials is not None and "nonce" in credentials
