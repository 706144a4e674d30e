"""The way to the firm's identity provider and back. Thin: who gets in is said in operations/people/sign_in.py."""

import logging
from typing import Any

import jwt
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from syncapp.operations.people.sign_in import SignInRefused, is_on

log = logging.getLogger("advosync.sign_in")
# What a provider that is away, or answers something else, makes of the library's way; requests' errors are OSErrors.
FAULTS = (SuspiciousOperation, jwt.PyJWTError, OSError, LookupError, TypeError, ValueError)


class Begin(OIDCAuthenticationRequestView):  # type: ignore[misc,unused-ignore]
    """To the provider."""

    def __init__(self, **options: Any) -> None:
        if not is_on():
            raise Http404
        super().__init__(**options)


class Callback(OIDCAuthenticationCallbackView):  # type: ignore[misc,unused-ignore]
    """And back: inside, or on the login page with a sentence that says why not."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not is_on():
            raise Http404
        try:
            answer: HttpResponse = super().get(request)
        except FAULTS as fault:
            code = fault.code if isinstance(fault, SignInRefused) else type(fault).__name__
            log.warning("sign_in_failed", extra={"reason": code})
            if isinstance(fault, SignInRefused):
                request.sign_in_refused = fault  # type: ignore[attr-defined]
            return self.login_failure()
        return answer

    def login_failure(self) -> HttpResponse:
        refused = getattr(self.request, "sign_in_refused", None)
        general = _(
            "The sign-in through your firm did not work. Try again; if it fails again, tell whoever runs Advosync. "
            "With a password you can still log in here."
        )
        messages.error(self.request, refused.words if refused is not None else general)
        return HttpResponseRedirect(reverse("admin:login"))
