"""Why a remote system failed us, in the words of people: the clients' short reasons and hints are English and for logs.

Invariant: a wording without a row is shown as it came, since it is fit for logs and better than nothing.
To extend: a new reason or hint of the clients is a row of REASONS or HINTS, or of RESPELLED where people are told it
in other words; one with a name in it is a row of PATTERNS.
"""

import re
from collections.abc import Mapping

from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_noop as _

from syncapp.words import Words
from syncapp.words.calendars.google_reasons import GOOGLE_HINTS, GOOGLE_REASONS, GOOGLE_RESPELLED

# Reasons that are said to people as they stand in the log.
REASONS = (
    *GOOGLE_REASONS,
    _("the address is not a usable one"),
    _("no trusted TLS connection"),
    _("no connection"),
    _("no answer in time"),
    _("the answer is too large"),
    _("login refused"),
    _("no such object"),
    _("the object is locked there"),
    _("too many requests"),
    _("an empty answer"),
    _("an unknown status"),
    _("another process is still asking for a token"),
    _("ADVOWARE_API_KEY is not base64"),
    _("Advoware does not delete this"),
    _(
        "it shows the appointment, but does not find it to change it; if that goes for all, try another "
        "ADVOWARE_TERMIN_NUMBER_IN"
    ),
    _("it shows no list of appointments for this kuerzel; check how it is spelled in Advoware"),
    _("it refuses to show this one appointment; see whether it can be opened in Advoware"),
    _("a web page in place of the appointment, and nothing proves that it is gone"),
)
# Hints, which are sentences to people: in the log without capital and full stop.
HINTS = (
    *GOOGLE_HINTS,
    _("Check the base address in the settings."),
    _("Check the base address in the settings, and the name server."),
    _("Check https and certificate; a certificate of your own goes into REQUESTS_CA_BUNDLE."),
    _("Check ADVOWARE_USER and ADVOWARE_PASSWORD."),
    _("Check the rights of ADVOWARE_USER in Advoware, and whether ADVOWARE_APP_ID is still released."),
    _("The vendor has not released this App-ID for the law firm (ADVOWARE_APP_ID, ADVOWARE_KANZLEI)."),
    _("The law firm's Advoware manager is not running or not connected."),
    _("The vendor does not know this law firm or App-ID (ADVOWARE_KANZLEI, ADVOWARE_APP_ID)."),
    _("Check the ADVOWARE_ settings, and this machine's clock."),
    _("Check key, user and password."),
    _("After too many failed logins EspoCRM locks an address for a minute."),
    _("Check base address, prefix and entity type."),
    _("The request as such is refused: wrong address, version or rights."),
    _("The address in the settings is not the final one (http instead of https, a login page, a moved host)."),
)
RESPELLED: Mapping[str, str] = {
    **GOOGLE_RESPELLED,
    "an error without a text": _("it reports an error without a text"),
    "unknown host": _("the host's name is unknown"),
    "connection lost before an answer": _("the connection broke before an answer"),
    "connection lost within the answer": _("the connection broke within the answer"),
    "redirected; not followed": _("it sends us to another address"),
    "no token granted": _("no token was granted"),
    "refuses everything": _("it refuses everything that it is asked for"),
    "characters that cannot be sent": _("it holds control characters, which cannot be sent"),
    "HTML instead of JSON": _("a web page instead of data"),
    "broken JSON": _("an unreadable answer"),
    "duplicate": _("it takes the record for a duplicate"),
    "modified": _("somebody changed the record meanwhile"),
    "Application is in maintenance mode.": _("it is in maintenance mode"),
    "posted, and nobody was notified": _("it stands in the stream, but EspoCRM notified nobody"),
    "nobody to tell": _("nobody to tell: no assigned user, and ESPOCRM_NOTIFY_USERS is empty"),
}
EXACT: Mapping[str, str] = {
    **{text: text for text in REASONS},
    **{text[0].lower() + text[1:-1]: text for text in HINTS},
    **RESPELLED,
}
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Advoware refuses the login: … (?P<text>.+) …", _("it says “… %(text)s …”")),
        (r"unexpected JSON: (?P<text>.+)", _("an answer of unexpected shape: %(text)s")),
        (r"error (?P<status>\d+) without a text", _("it reports error %(status)s without a text")),
        (
            r"error (?P<status>\d+) with a text of its own",
            _("it reports error %(status)s with a text that is not shown here, since it could quote personal values"),
        ),
        (r"Google's rule (?P<rule>\w+)", _("it breaks Google's rule %(rule)s")),
        (r"field (?P<field>\w+), rule unknown", _("the field %(field)s")),
        (r"field (?P<field>\w+), rule (?P<rule>\w+)", _("the field %(field)s (rule %(rule)s)")),
        (
            r"Field validation failure; entityType: \w+, field: (?P<field>\w+), type: (?P<rule>\w+)\.?",
            _("the field %(field)s (rule %(rule)s)"),
        ),
        (r"Record \S+ (?:does not exist|not found)\.?", _("no such object")),
        (
            r"No (?:\w+ )?access\.?|Entity type is forbidden\.|Not permitted to post to [a-z ]+\.",
            _("a right is missing"),
        ),
    )
)
# No disturbance over there: the system would take our calls more slowly.
TOO_FAST = frozenset({"too many requests", "Google's quota is used up for now"})
WHEN_TOO_FAST: Mapping[str, Words] = {
    "meaning": gettext_lazy("It takes no more calls for a while, since too many came within a short time."),
    "cause": gettext_lazy("Much to carry at once, or other programs that use the same access."),
    "advice": gettext_lazy(
        "Nothing: it goes on by itself, more slowly. If it comes back every day, find out which other programs use the "
        "same access."
    ),
}
# Refused by us, for a right that is missing in EspoCRM.
BETNR_HIDDEN: Mapping[str, Words] = {
    "meaning": gettext_lazy(
        "EspoCRM does not show the betNr. It may be there, and a second Beteiligter could not be deleted."
    ),
    "cause": gettext_lazy("The role of the interface user in EspoCRM hides the field betnr."),
    "advice": gettext_lazy("Have the right to read betnr granted in EspoCRM, then choose “Try again”."),
}
# What a failed call was, for programmers: “no answer in time [ReadTimeout]”.
EXCEPTION = re.compile(r" \[\w+\]$")


def told(reason: str) -> str:
    """The reason or hint in the active language."""
    plain = EXCEPTION.sub("", reason)
    words = EXACT.get(plain)
    return _by_pattern(plain) if words is None else gettext(words)


def field_named(reason: str) -> str:
    """The field that a refusal is about, by its name over there; "" where it names none."""
    found = (pattern.fullmatch(reason) for pattern, _words in PATTERNS)
    return next((match["field"] for match in found if match and "field" in match.groupdict()), "")


def _by_pattern(reason: str) -> str:
    for pattern, words in PATTERNS:
        if found := pattern.fullmatch(reason):
            return gettext(words) % found.groupdict()
    return reason
