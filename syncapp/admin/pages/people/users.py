"""One person: name, e-mail address, one role; how they get in; and the acts on an account, each with its question.

Invariant: a link or a first password is shown once, on the answer to a POST, and stored nowhere in plain text.
To extend: a further act is a row of USER_ACTIONS and of ACCOUNT_ACTIONS (words/actions/account_actions.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from syncapp.admin.pages import frame
from syncapp.operations.onboarding.roles import BY_NAME
from syncapp.operations.people import accounts, invitations, role_cards, sign_in
from syncapp.operations.people.accounts import Given
from syncapp.operations.people.standing import account_of, standing_of
from syncapp.words.actions.account_actions import ACCOUNT_ACTIONS
from syncapp.words.actions.shapes import Worded

LIST = "admin:auth_user_changelist"
FIELDS = ("first_name", "last_name", "email", "login", "role")


@dataclass(frozen=True, slots=True)
class UserAction(Worded):
    """Something done to an account. `offered` says whether it makes sense for this person."""

    texts = ACCOUNT_ACTIONS

    offered: Callable[[User], bool]
    right: str = "auth.change_user"
    grave: bool = False


USER_ACTIONS: dict[str, UserAction] = {
    act.code: act
    for act in (
        UserAction("invite", lambda user: user.is_active),
        UserAction("first_password", lambda user: user.is_active),
        UserAction("lock", lambda user: user.is_active),
        UserAction("unlock", lambda user: not user.is_active),
        UserAction("delete", lambda user: True, right="auth.delete_user", grave=True),
    )
}


@frame.asks("auth.view_user", "auth.add_user")
def new(request: HttpRequest) -> HttpResponse:
    """The form, and after it the link or the first password: once."""
    if frame.is_sent(request):
        user = accounts.make(given=_given(request), by=frame.person(request))
        return _begin(request, user, request.POST.get("way", ""))
    return _form(request, None)


@frame.asks("auth.view_user")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A person with what can be changed and done."""
    user = get_object_or_404(User.objects.select_related("account"), pk=pk)
    if frame.is_sent(request):
        if not request.user.has_perm("auth.change_user"):
            raise PermissionDenied
        accounts.change(user=user, given=_given(request), by=frame.person(request))
        frame.say(request, _("Saved: %(name)s.") % {"name": user.get_full_name() or user.get_username()})
        return frame.back_to("admin:ops_user", pk)
    return _form(request, user)


def _begin(request: HttpRequest, user: User, way: str) -> HttpResponse:
    """How a new person gets in for the first time."""
    if way == "provider" and sign_in.is_on():
        frame.say(request, _("The account is made: %(email)s can log in through the firm.") % {"email": user.email})
        return frame.back_to("admin:ops_user", user.pk)
    return _let_in(request, user, "first_password" if way == "first_password" else "invite")


def _given(request: HttpRequest) -> Given:
    said = {name: request.POST.get(name, "").replace("\x00", "").strip() for name in FIELDS}
    return Given(**said, special=frozenset(request.POST.getlist("special")))


def _form(request: HttpRequest, user: User | None) -> HttpResponse:
    may_save = request.user.has_perm("auth.change_user" if user else "auth.add_user")
    fault = frame.fault_of(request)
    return frame.page(
        request,
        "ops/user.html",
        title=(user.get_full_name() or user.get_username()) if user else _("New user"),
        person=user,
        standing=standing_of(user, now=timezone.now()) if user else None,
        account=account_of(user) if user else None,
        given=request.POST if fault else _known(user),
        chosen_special=request.POST.getlist("special") if fault else (role_cards.special_of(user) if user else ()),
        several=user is not None and role_cards.role_of(user) is None,
        other_rights=user is not None and user.user_permissions.exclude(codename__in=BY_NAME).exists(),
        cards=[card for card in role_cards.cards() if _may_give(request, card, user)],
        special=role_cards.special_rights(),
        mails=invitations.mail_is_set_up(),
        provider=sign_in.is_on(),
        role_elsewhere=bool(user and account_of(user).subject and settings.OIDC_ROLES),
        acts=[act for act in USER_ACTIONS.values() if user and act.offered(user) and request.user.has_perm(act.right)],
        may_save=may_save and (user is None or not user.is_superuser or frame.person(request).is_superuser),
    )


def _known(user: User | None) -> dict[str, str]:
    if user is None:
        return {"way": "invite", "role": "-"}
    names = {name: getattr(user, name) for name in ("first_name", "last_name", "email")}
    return {**names, "login": user.get_username(), "role": role_cards.role_of(user) or ""}


def _may_give(request: HttpRequest, card: role_cards.RoleCard, user: User | None) -> bool:
    given_now = user is not None and role_cards.role_of(user) == card.key
    return given_now or card.key != role_cards.ADMINISTRATOR or frame.person(request).is_superuser


@frame.asks()
def single(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Ask, then do."""
    row = USER_ACTIONS.get(code)
    if row is None:
        raise Http404
    return frame.needs("auth.view_user", row.right)(_ask)(request, get_object_or_404(User, pk=pk), row)


def _ask(request: HttpRequest, user: User, row: UserAction) -> HttpResponse:
    if frame.is_sent(request):
        return _done(request, user, row.code)
    return frame.page(request, "ops/user_act.html", title=row.label, act=row, person=user)


def _done(request: HttpRequest, user: User, code: str) -> HttpResponse:
    by, named = frame.person(request), {"name": user.get_full_name() or user.get_username()}
    if code in ("invite", "first_password"):
        return _let_in(request, user, code)
    if code == "delete":
        accounts.delete(user=user, by=by)
        frame.say(request, _("The account of %(name)s is deleted.") % named)
        return frame.back_to(LIST)
    accounts.set_active(user=user, active=code == "unlock", by=by)
    said = _("%(name)s is locked out.")
    if code == "unlock":
        user.refresh_from_db()
        said = _("%(name)s is not locked out any more.") + f" {standing_of(user, now=timezone.now()).sentence}"
    frame.say(request, said % named)
    return frame.back_to("admin:ops_user", user.pk)


@sensitive_variables("token", "address", "password")
def _let_in(request: HttpRequest, user: User, way: str) -> HttpResponse:
    """The link is mailed where that can be done; else it, or the first password, is shown once."""
    by = frame.person(request)
    if way == "first_password":
        return _shown_once(request, user, password=accounts.set_first_password(user=user, by=by))
    token = invitations.invite(user=user, by=by)
    address = invitations.link(token, base=request.build_absolute_uri("/"))
    if invitations.send(user=user, address=address):
        frame.say(request, _("An invitation was sent to %(email)s. It ends after seven days.") % {"email": user.email})
        return frame.back_to("admin:ops_user", user.pk)
    return _shown_once(request, user, address=address, refused=invitations.mail_is_set_up())


def _shown_once(request: HttpRequest, user: User, **shown: object) -> HttpResponse:
    answer = frame.page(request, "ops/user_secret.html", title=_("Pass this on"), person=user, **shown)
    answer["Cache-Control"] = "no-store"
    return answer
