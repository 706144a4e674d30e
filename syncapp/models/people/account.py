"""One row a person who was invited, was given a first password, or signs in by the firm's identity provider.

Invariant: an invitation is kept as a digest, so that nobody who reads the database can use it.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class UserAccount(models.Model):
    """Beside Django's user. `subject` is what the provider calls the person, and stays when the address changes."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="account"
    )
    must_change_password = models.BooleanField(_("has to choose a password"), default=False)
    invitation = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001  (unique)
    invited_by = models.CharField(_("invited by"), max_length=150, blank=True)
    invitation_ends = models.DateTimeField(_("invitation ends"), null=True, blank=True)
    issuer = models.CharField(_("identity provider"), max_length=200, blank=True)
    subject = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001  (unique with the issuer)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["issuer", "subject"], name="one_account_a_subject"),)

    def __str__(self) -> str:
        return str(self.user_id)
