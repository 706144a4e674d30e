"""Pages to look things up: the settings in force, the catalogue of errors.

Invariant: a secret is shown as set or not set, never with a character of it.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from advosync_project.declarations import SECTIONS, Setting
from syncapp.admin.pages import frame
from syncapp.core.faults.errors import kind_row
from syncapp.words import sentences


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """One setting: its name, what it is for, its value as text, and whether it is the default."""

    name: str
    purpose: str
    value: str
    secret: bool
    default: bool


@frame.shows("syncapp.see_settings")
def configuration(request: HttpRequest) -> HttpResponse:
    german = (translation.get_language() or "de").startswith("de")
    sections = [
        (section.german if german else section.english, [_setting(row, german=german) for row in section.settings])
        for section in SECTIONS
    ]
    return frame.page(request, "ops/configuration.html", title=_("Settings in force"), sections=sections)


def _setting(row: Setting, *, german: bool) -> ShownSetting:
    value = getattr(settings, row.name, "")
    purpose = row.german if german else row.english
    if row.secret:
        return ShownSetting(row.name, purpose, _("set") if value else _("not set"), secret=True, default=False)
    return ShownSetting(row.name, purpose, _plain(value), secret=False, default=_plain(value) == _plain(_default(row)))


def _default(row: Setting) -> object:
    try:
        return row.kind.parse(row.default)
    except ValueError:
        return row.default


def _plain(value: object) -> str:
    """A value as it would be written in the environment."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return ", ".join(f"{name}={inner}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


@frame.shows("syncapp.view_syncrecord")
def catalogue(request: HttpRequest) -> HttpResponse:
    """Each kind of error with its texts and what the installation does about it."""
    entries = [(kind, text, sentences.THEN[kind_row(kind).then]) for kind, text in sentences.KINDS.items()]
    return frame.page(request, "ops/catalogue.html", title=_("Errors and what to do"), entries=entries)
