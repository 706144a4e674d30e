"""Who did something, as people read it."""

from django.utils.translation import gettext as _

# How what was done with a command begins; the account of the machine follows.
COMMAND_LINE = "command line"


def actor_words(actor: str) -> str:
    """Who it was: a login as it is; the command line in the reader's language."""
    if not actor.startswith(COMMAND_LINE):
        return actor
    return str(_("command line")) + actor.removeprefix(COMMAND_LINE)
