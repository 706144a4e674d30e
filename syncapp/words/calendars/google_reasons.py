"""What Google's refusals and the faults of its key file are called; see reasons.py, which reads this table."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.words import Words

GOOGLE: Mapping[str, Words] = {
    "the Google Calendar API is not switched on": _("the Google Calendar API is not switched on"),
    "a scope is missing": _("the service account lacks a permission (scope)"),
    "Google's limit for new calendars and events is reached": _(
        "Google's limit for new calendars and events is reached"
    ),
    "the event belongs to somebody else's calendar": _("the event belongs to somebody else's calendar"),
    "Google does not let the service account write to this calendar": _(
        "Google does not let the service account write to this calendar"
    ),
    "Google refuses to share the calendar with this address": _(
        "Google refuses to share the calendar with this address"
    ),
    "the calendar does not exist any more, or is closed to the service account": _(
        "the calendar does not exist any more, or is closed to the service account"
    ),
    "this id is taken in Google": _("the event exists in Google already, or did once"),
    "Google wants the whole list to be read again": _("Google wants the whole list to be read again"),
    "deleted in Google": _("it was deleted in Google"),
    "somebody changed the event in Google meanwhile": _("somebody changed the event in Google meanwhile"),
    "Google's quota is used up for now": _("Google's quota is used up for now"),
    "the list does not end": _("the list does not end"),
    "the key file does not exist": _("the key file does not exist"),
    "the key file cannot be read": _("the key file cannot be read"),
    "the key file is not JSON": _("the key file is not JSON"),
    "the key file is not that of a service account": _("the key file is not that of a service account"),
    "the key file is incomplete: client_email, token_uri or private_key is missing": _(
        "the key file is incomplete: client_email, token_uri or private_key is missing"
    ),
    "the key file holds no usable private key": _("the key file holds no usable private key"),
    # Hints
    "make a new key file if this goes on": _("Make a new key file if this goes on."),
    "switch on the Google Calendar API for the project of the service account": _(
        "Switch on the Google Calendar API for the project of the service account."
    ),
    "check GOOGLE_CALENDAR_API_URL, and whether a proxy or filter answers in Google's place": _(
        "Check GOOGLE_CALENDAR_API_URL, and whether a proxy or filter answers in Google's place."
    ),
    "grant all three scopes to the service account": _("Grant all three scopes to the service account."),
    "give the service account the right to change the calendar, or let a new calendar be made": _(
        "Give the service account the right to change the calendar, or let a new calendar be made."
    ),
    "check the address, and whether Google Workspace allows sharing outside of the firm": _(
        "Check the address, and whether Google Workspace allows sharing outside of the firm."
    ),
    "look in Google whether somebody deleted it; let a new one be made": _(
        "Look in Google whether somebody deleted it; let a new one be made."
    ),
    "the clock of this machine is wrong: switch on its time service": _(
        "The clock of this machine is wrong: switch on its time service."
    ),
    "the key of the service account was deleted at Google: make a new key file": _(
        "The key of the service account was deleted at Google: make a new key file."
    ),
    "the service account was deleted at Google: make a new one with a key file": _(
        "The service account was deleted at Google: make a new one with a key file."
    ),
    "Google knows no such user: check GOOGLE_DELEGATED_USER": _(
        "Google knows no such user: check GOOGLE_DELEGATED_USER."
    ),
    "allow the service account to act for GOOGLE_DELEGATED_USER in Google's admin console, with all three scopes": _(
        "Allow the service account to act for GOOGLE_DELEGATED_USER in Google's admin console, with all three scopes."
    ),
    "check GOOGLE_SERVICE_ACCOUNT_FILE and GOOGLE_DELEGATED_USER, and this machine's clock": _(
        "Check GOOGLE_SERVICE_ACCOUNT_FILE and GOOGLE_DELEGATED_USER, and this machine's clock."
    ),
    "put it where GOOGLE_SERVICE_ACCOUNT_FILE points": _("Put it where GOOGLE_SERVICE_ACCOUNT_FILE points."),
    "let the user that Advosync runs as read it, and nobody else": _(
        "Let the user that Advosync runs as read it, and nobody else."
    ),
    "make a new key of type JSON for the service account at Google, and put the file there unchanged": _(
        "Make a new key of type JSON for the service account at Google, and put the file there unchanged."
    ),
}
