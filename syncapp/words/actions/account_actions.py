"""Acts on a person's account: what each is called, and what it does.

To extend: a row here for each of USER_ACTIONS in admin/pages/people/users.py.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.words.actions.shapes import ActionWords

ACCOUNT_ACTIONS: Mapping[str, ActionWords] = {
    "invite": ActionWords(
        label=_("Invite by a link"),
        icon="outgoing_mail",
        explanation=_(
            "They get a link by which they choose a password of their own. It opens once and ends after seven "
            "days; a link that was sent before ends with it. A password that they have stays valid until they "
            "choose another one."
        ),
    ),
    "first_password": ActionWords(
        label=_("Give a first password"),
        icon="key",
        explanation=_(
            "A password is made and shown to you once. At the next login they have to choose another one. "
            "The password so far is no longer valid, and they are logged out everywhere."
        ),
    ),
    "lock": ActionWords(
        label=_("Lock out"),
        icon="block",
        explanation=_("They are logged out at once and cannot log in any more. What they did stays in the logs."),
    ),
    "unlock": ActionWords(
        label=_("Let in again"),
        icon="lock_open",
        explanation=_("They can log in again as before, with the role that they have."),
    ),
    "delete": ActionWords(
        label=_("Delete the account"),
        icon="delete",
        explanation=_(
            "The account is gone for good; logs keep the login. Cases that they look after are nobody's then. "
            "To keep somebody out, locking out is enough."
        ),
    ),
}
