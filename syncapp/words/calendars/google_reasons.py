"""What Google's refusals and the faults of its key file are called; see reasons.py, which reads these tables."""

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _

GOOGLE_REASONS = (
    _("the Google Calendar API is not switched on"),
    _("Google's limit for new calendars and events is reached"),
    _("the event belongs to somebody else's calendar"),
    _("Google does not let the service account write to this calendar"),
    _("Google refuses to share the calendar with this address"),
    _("the calendar does not exist any more, or is closed to the service account"),
    _("Google wants the whole list to be read again"),
    _("somebody changed the event in Google meanwhile"),
    _("Google's quota is used up for now"),
    _("the list does not end"),
    _("the key file does not exist"),
    _("the key file cannot be read"),
    _("the key file is not JSON"),
    _("the key file is not that of a service account"),
    _("the key file is incomplete: client_email, token_uri or private_key is missing"),
    _("the key file holds no usable private key"),
)
GOOGLE_HINTS = (
    _("Make a new key file if this goes on."),
    _("Switch on the Google Calendar API for the project of the service account."),
    _("Check GOOGLE_CALENDAR_API_URL, and whether a proxy or filter answers in Google's place."),
    _("Grant all three scopes to the service account."),
    _("Give the service account the right to change the calendar, or let a new calendar be made."),
    _("Check the address, and whether Google Workspace allows sharing outside of the firm."),
    _("Look in Google whether somebody deleted it; let a new one be made."),
    _("The clock of this machine is wrong: switch on its time service."),
    _("The key of the service account was deleted at Google: make a new key file."),
    _("The service account was deleted at Google: make a new one with a key file."),
    _("Allow the service account to act for GOOGLE_DELEGATED_USER in Google's admin console, with all three scopes."),
    _("Check GOOGLE_SERVICE_ACCOUNT_FILE and GOOGLE_DELEGATED_USER, and this machine's clock."),
    _("Put it where GOOGLE_SERVICE_ACCOUNT_FILE points."),
    _("Let the user that Advosync runs as read it, and nobody else."),
    _("Make a new key of type JSON for the service account at Google, and put the file there unchanged."),
)
GOOGLE_RESPELLED: Mapping[str, str] = {
    "a scope is missing": _("the service account lacks a permission (scope)"),
    "this id is taken in Google": _("the event exists in Google already, or did once"),
    "deleted in Google": _("it was deleted in Google"),
    "Google knows no such user: check GOOGLE_DELEGATED_USER": _(
        "Google knows no such user: check GOOGLE_DELEGATED_USER."
    ),
}
