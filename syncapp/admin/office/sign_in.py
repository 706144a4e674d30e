"""The login's form: a wrong password is said in the words of whoever logs in, once.

Invariant: the sentence is one for every reason, so that nobody learns which logins there are.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    error_messages = AuthenticationForm.error_messages | {"invalid_login": _("The login or the password is not right.")}
    says_all = True  # templates/unfold/helpers/messages/errornote.html


admin.site.login_form = SignInForm
