"""What a run came from, in words.

To extend: a source is a row of SOURCES.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.core.requests import Source
from syncapp.words import Words

SOURCES: Mapping[str, Words] = {
    Source.WEBHOOK: _("a change in EspoCRM (webhook)"),
    Source.SWEEP: _("the regular look"),
    Source.PERSON: _("a person"),
    Source.COMMAND: _("a command"),
    Source.PROXY: _("a write of another program through the proxy"),
    "backfill": _("the first load"),
}
