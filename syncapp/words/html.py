"""How things look in lists and on pages: badges, times, links, values.

Invariant: every text goes through format_html; a status is an icon, a word and a colour, never a colour alone; personal
values are shown through `value` and `name` only, which ask for the permission.
To extend: a new status is a row of STATUSES; a new outcome a row of OUTCOMES.
"""

from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from syncapp.core.faults.errors import SWINGING, ErrorKind
from syncapp.core.requests import Hold
from syncapp.models import Outcome, StatusChoice, SyncRecord
from syncapp.models.leased_row import LeasedRow
from syncapp.words import Words
from syncapp.words.time_format import exact, relative

VALUES = "syncapp.view_values"
HIDDEN = "•••"
LONGEST = 400
# As the head of a column: the theme begins those with a capital, unless something invisible stands before.
BETNR = "\u2060betNr"

# status: (icon, tone); the tones are classes of ops.css
STATUSES: dict[str, tuple[str, str]] = {
    StatusChoice.PENDING_SYNC: ("fiber_new", "wait"),
    StatusChoice.DIRTY: ("schedule", "wait"),
    StatusChoice.SYNCING: ("sync", "wait"),
    StatusChoice.CLEAN: ("check_circle", "good"),
    StatusChoice.FAILED: ("error", "bad"),
    StatusChoice.PERMANENTLY_FAILED: ("dangerous", "bad"),
    StatusChoice.CONFLICT: ("call_split", "warn"),
    StatusChoice.DELETED_IN_ADVOWARE: ("link_off", "off"),
    StatusChoice.DELETED_IN_ESPOCRM: ("delete", "off"),
}
HOLDS: dict[str, tuple[str, Promise]] = {
    Hold.PAUSED: ("pause_circle", gettext_lazy("paused by hand")),
    Hold.IGNORED: ("do_not_disturb_on", gettext_lazy("ignored on purpose")),
    Hold.UNLINKED: ("link_off", gettext_lazy("unlinked by hand")),
}
# Nothing is wrong here: somebody has to say yes.
WAITS_FOR_RELEASE = frozenset({ErrorKind.NEEDS_CONFIRMATION, ErrorKind.BLOCKED})
# heap of operations/monitoring/partition.py: (icon, tone); a kind of error without a row waits for somebody
HEAPS: dict[str, tuple[str, str]] = {
    "permanently_failed": ("dangerous", "bad"),
    "failed_transient": ("update", "wait"),
    "failed_auth": ("update", "wait"),
    "failed_configuration": ("update", "wait"),
    "failed_needs_confirmation": ("person_add", "warn"),
    "failed_blocked": ("front_hand", "warn"),
    "conflict": ("call_split", "warn"),
    "stuck": ("lock_clock", "bad"),
    "gone_in_advoware": ("link_off", "warn"),
    "late": ("hourglass_top", "warn"),
    "waiting": ("schedule", "wait"),
    "aside": ("visibility", "off"),
    "syncing": ("sync", "wait"),
    "held": ("pause_circle", "off"),
    "gone_in_espocrm": ("delete", "off"),
    "equal": ("check_circle", "good"),
}
OUTCOMES: dict[str, tuple[str, str]] = {
    Outcome.DONE: ("check_circle", "good"),
    Outcome.HELD: ("call_split", "warn"),
    Outcome.LEFT_OVER: ("more_horiz", "wait"),
    Outcome.FAILED: ("error", "bad"),
    Outcome.PUT_BACK: ("undo", "off"),
    Outcome.SHADOW: ("visibility", "off"),
    Outcome.GONE: ("link_off", "off"),
    Outcome.LOST_LEASE: ("lock_open", "off"),
}


def heap_look(code: str) -> tuple[str, str]:
    return HEAPS.get(code, ("error", "bad"))


def may_see_values(request: HttpRequest) -> bool:
    return request.user.has_perm(VALUES)


def mail_address(text: str) -> SafeString:
    """One that a narrow column breaks before its @ alone."""
    name, at, host = text.partition("@")
    return format_html("{}<wbr>{}{}", name, at, host)


def symbol(name: str) -> SafeString:
    """A picture of the theme's font, which is not read out."""
    return format_html('<span class="material-symbols-outlined" aria-hidden="true">{}</span>', name)


def badge(icon: str, word: object, tone: str) -> SafeString:
    return format_html('<span class="ops-badge ops-{}">{}{}</span>', tone, symbol(icon), word)


def status(record: LeasedRow) -> SafeString:
    return badge(*_record_look(record))


def status_words(record: LeasedRow) -> str:
    """What `status` shows, in words alone."""
    return str(_record_look(record)[1])


def status_badge(value: str) -> SafeString:
    return badge(*_status_look(value))


def waits_for_release(record: LeasedRow) -> bool:
    """Whether a yes is all that it waits for; what goes back and forth begins again after one."""
    return record.kind in WAITS_FOR_RELEASE and record.fault.get("code") not in SWINGING


def _record_look(record: LeasedRow) -> tuple[str, Words, str]:
    """Icon, word and tone."""
    if record.hold in HOLDS:
        return (*HOLDS[record.hold], "off")
    if record.status == StatusChoice.FAILED and waits_for_release(record):
        return "approval", _("waits for a release"), "warn"
    return _status_look(record.status)


def _status_look(value: str) -> tuple[str, Words, str]:
    icon, tone = STATUSES.get(value, ("help", "off"))
    return icon, StatusChoice(value).label if value in StatusChoice.values else value, tone


def outcome_badge(value: str) -> SafeString:
    icon, tone = OUTCOMES.get(value, ("help", "off"))
    return badge(icon, Outcome(value).label if value in Outcome.values else value, tone)


def time(moment: datetime | None, *, now: datetime | None = None) -> SafeString | str:
    """Relative, with the exact time for whoever points at it or listens."""
    if moment is None:
        return "–"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        exact(moment),
        relative(moment, now=now or timezone.now()),
    )


def time_to_come(moment: datetime | None, *, now: datetime) -> SafeString | str:
    """As `time`; what is due says so, however long it has been."""
    if moment is not None and moment <= now + timedelta(minutes=1):
        return _("due now")
    return time(moment, now=now)


def value(text: object, *, visible: bool) -> SafeString | str:
    """A personal value, isolated in its direction and shortened; or the sign that it is hidden."""
    if not visible:
        return hidden()
    if text is None or text == "":
        return format_html('<span class="ops-empty">{}</span>', _("empty"))
    shown = str(text)
    if len(shown) > LONGEST:
        shown = f"{shown[:LONGEST]} … ({len(shown)})"
    return format_html("<bdi>{}</bdi>", shown)


def stacked(first: object, second: object) -> SafeString:
    """Two things in one cell: what counts, and below it in small what goes with it."""
    return format_html('<div class="ops-cell"><span>{}</span><small>{}</small></div>', first, second)


def two_sides(espo: object | None, advo: object | None) -> SafeString:
    """What stands in EspoCRM above what stands in Advoware; a side of which nothing is known is left out."""
    rows = [("EspoCRM", espo), ("Advoware", advo)]
    lines = format_html_join("", "<div><small>{}</small> {}</div>", (row for row in rows if row[1] is not None))
    return format_html('<div class="ops-cell">{}</div>', lines)


def hidden() -> SafeString:
    return format_html('<span class="ops-hidden" title="{}">{}</span>', _("You may not see personal values."), HIDDEN)


def name(record: SyncRecord, *, visible: bool) -> SafeString | str:
    """What a record is called; by its number for whoever may not see names, so that rows are told apart."""
    if not visible:
        words = _("You may not see personal values.")
        return format_html('<span title="{}">{}</span>', words, number(record))
    return value(record.name or _("(no name yet)"), visible=True)


def number(record: SyncRecord) -> str:
    """The betNr; the EspoCRM id of what has none yet."""
    return _("betNr %(betnr)s") % {"betnr": record.betnr} if record.betnr else record.espo_id


def espocrm_url(espo_id: str) -> str:
    """The record in EspoCRM as people open it, "" where the installation does not say where that is."""
    base = settings.ESPOCRM_UI_URL
    return f"{base.rstrip('/')}/#{settings.ESPOCRM_ENTITY_TYPE}/view/{quote(espo_id, safe='')}" if base else ""


def espocrm_link(espo_id: str) -> SafeString | str:
    url = espocrm_url(espo_id)
    if not url:
        return format_html("<code>{}</code>", espo_id)
    return format_html(
        '<a class="ops-link" href="{}" target="_blank" rel="noopener noreferrer"><code>{}</code>{}'
        '<span class="ops-sr">{}</span></a>',
        url,
        espo_id,
        symbol("open_in_new"),
        _("opens EspoCRM"),
    )


def record_url(pk: int) -> str:
    return reverse("admin:syncapp_syncrecord_change", args=[pk])


def record_link(pk: int | None, label: object) -> SafeString | str:
    return format_html("{}", label) if pk is None else link(record_url(pk), label)


def link(url: str, label: object) -> SafeString:
    return format_html('<a class="ops-link" href="{}">{}</a>', url, label)


bad = partial(badge, "error", tone="bad")
good = partial(badge, "check_circle", tone="good")


def listed(model: str, **filters: str) -> str:
    """The address of a list with these filters."""
    return reverse(f"admin:syncapp_{model}_changelist", query=filters)


def page_url(name: str, *args: object) -> str:
    """The address of a page of the operations room."""
    return reverse(f"admin:ops_{name}", args=args)


def button(url: str, label: object, icon: str, *, main: bool = False, about: object = "") -> SafeString:
    """A link that looks like what it is: something to do. about: of one among others, what it is for, to be heard."""
    extra = " ops-main" if main else " ops-small" if about else ""
    words = (symbol(icon), label, _heard(about))
    return format_html('<a class="ops-button{}" href="{}">{}{}{}</a>', extra, url, *words)


def _heard(about: object) -> SafeString | str:
    return format_html('<span class="ops-sr"> {}</span>', about) if about else ""


def posting(url: str, label: object, icon: str, *, about: object) -> SafeString:
    """A button in a list that does something at once: the list is a form already, with its token."""
    return format_html(
        '<button class="ops-button ops-small" formmethod="post" formaction="{}" formnovalidate>{}{}{}</button>',
        url,
        symbol(icon),
        label,
        _heard(about),
    )
