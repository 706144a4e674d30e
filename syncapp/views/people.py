"""For people who are not inside yet: the page of an invitation, and the way from a first password to an own one."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import login
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.password_validation import get_default_password_validators, password_validators_help_texts
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from syncapp.models import UserAccount
from syncapp.operations.people import invitations
from syncapp.operations.people.accounts import FirstPassword

PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"  # noqa: S105  (a name)
FLAG = "must_change_password"
# What somebody may open who has to choose a password first.
OPEN = ("password_change", "password_change_done", "logout", "login", "jsi18n")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Choose a password and be inside. Opening the page uses nothing up."""
    token = request.POST.get("token", "") or request.GET.get("token", "")
    user = invitations.invited(token)
    faults: list[str] = []
    if request.method == "POST" and user is not None:
        try:
            if request.POST.get("password", "") != request.POST.get("again", ""):
                raise ValidationError(_("The two passwords are not the same."))
            user = invitations.accept(token=token, password=request.POST["password"])
        except ValidationError as refused:
            faults = list(refused.messages)
        else:
            if user is not None:
                login(request, user, backend=PASSWORD_BACKEND)
                messages.success(request, _("Your password is set. Welcome!"))
                return HttpResponseRedirect(reverse("admin:index"))
    # Who is invited has been given no password that theirs could be the same as.
    rules = [one for one in get_default_password_validators() if not isinstance(one, FirstPassword)]
    context = {
        **admin.site.each_context(request),
        "title": _("Your access to Advosync"),
        "invited": user,
        "token": token,
        "faults": faults,
        "rules": [text for text in password_validators_help_texts(rules) if text],
    }
    return TemplateResponse(request, "invitation.html", context, status=200 if user is not None else 410)


def note_first_password(sender: object, request: HttpRequest, user: AbstractBaseUser, **_signal: Any) -> None:
    """At each login by a password: whether another one has to be chosen first. Asked once, not at every page."""
    if getattr(user, "backend", PASSWORD_BACKEND) != PASSWORD_BACKEND:
        return
    if UserAccount.objects.filter(user_id=user.pk, must_change_password=True).exists():
        request.session[FLAG] = True


def connect() -> None:
    user_logged_in.connect(note_first_password, dispatch_uid="advosync_first_password")


class OwnPasswordFirst:
    """Whoever was given a password sees no page of the admin before choosing another one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or "admin" not in match.namespaces or match.url_name in OPEN:
            return None
        if not request.session.get(FLAG) or not request.user.is_authenticated:
            return None
        if not UserAccount.objects.filter(user_id=request.user.pk, must_change_password=True).exists():
            del request.session[FLAG]
            return None
        messages.info(request, _("Please choose a password of your own first; then everything else is open to you."))
        return HttpResponseRedirect(reverse("admin:password_change"))
