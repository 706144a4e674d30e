"""Every sentence, label, icon and form of a date that people read, one table a code; here what all of them need."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _

# A text, or one that is translated when it is shown.
Words = str | Promise
# How what was done with a command begins; the account of the machine follows.
COMMAND_LINE = "command line"


def actor_words(actor: str) -> str:
    """Who did something: a login as it is; the command line in the reader's language."""
    if not actor.startswith(COMMAND_LINE):
        return actor
    return str(_("command line")) + actor.removeprefix(COMMAND_LINE)
