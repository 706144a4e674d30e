"""Faults of calendars, which only an installation that syncs them can have.

Invariant: texts name settings, kuerzel and addresses, never an appointment.
"""

from django.utils.translation import gettext_lazy as _

from syncapp.words.doctor.diagnosis import Diagnosis, red, yellow

GOOGLE: dict[str, Diagnosis] = {
    "google_key": red(
        _("The key file of the service account cannot be used: %(reason)s."),
        _("It was not copied as it is, or lies elsewhere."),
        "%(hint)s",
    ),
    "google_login": red(
        _("Google grants no access: %(reason)s."),
        _("The service account, the delegation or a scope is not set up at Google as it has to be."),
        _("%(hint)s docs/GOOGLE_SETUP.md has every step."),
    ),
    "google_unreachable": red(
        _("Google Calendar does not answer: %(reason)s."),
        _("No connection to the internet, or Google is disturbed."),
        _("Have the connection checked; everything waits meanwhile, nothing is lost."),
    ),
    "google_calendar": red(
        _("The calendar of %(kuerzel)s cannot be read: %(reason)s."),
        _("It was deleted in Google, or is closed to the service account."),
        _("Look in Google; else python manage.py calendar set %(kuerzel)s calendar_id= and then calendar share."),
    ),
    "google_not_shared": yellow(
        _("%(kuerzel)s cannot see the calendar: %(address)s is not in its access list."),
        _("It was never shared, the address is no Google account, or the firm forbids sharing outside."),
        _("Run python manage.py calendar share %(kuerzel)s, and check the address."),
    ),
    "google_no_address": yellow(
        _("%(kuerzel)s has a calendar, and no Google address to share it with."),
        _("Advoware does not know the addresses."),
        _("Run python manage.py calendar employees --set %(kuerzel)s=address."),
    ),
    "google_quota": yellow(
        _("Google takes no new appointments until %(until)s."),
        _("So many were made that Google has stopped it (quotaExceeded)."),
        _("Nothing: it goes on by itself. When the quota was raised: python manage.py breaker reset google."),
    ),
    "termine_unreadable": red(
        _("Advoware's Termine cannot be read: %(reason)s."),
        _("The interface user lacks the right, or this Advoware has no such part of the API."),
        _("Have the rights of the interface user checked; ask the vendor for the address of Termine."),
    ),
    "firm_wide_not_listed": yellow(
        _("Advoware lists nothing for %(kuerzel)s: Termine of the whole firm come into nobody's calendar."),
        _("CALENDAR_FIRM_WIDE is copy, and this Advoware knows no list for the whole firm by that name (404)."),
        _("Set CALENDAR_FIRM_WIDE=ignore, or ask the vendor how such Termine are listed. All others go on."),
    ),
    "employees_unreadable": yellow(
        _("Advoware's list of employees cannot be read: %(reason)s."),
        _("The interface user lacks the right, or the list has another address in this Advoware."),
        _("Have the right checked, or set ADVOWARE_EMPLOYEES_PATH. Calendars that are there go on."),
    ),
    "kuerzel_unknown": yellow(
        _("Advoware knows nobody with the kuerzel %(kuerzel)s: that calendar stays empty."),
        _("It was misspelled, or changed in Advoware."),
        _("Compare it with Advoware; switch the calendar off, and make one with the right kuerzel."),
    ),
    "termine_not_deleted": yellow(
        _("Advoware does not delete Termine: what is deleted in Google becomes a task for people."),
        _("Its last answer to a deletion was a refusal."),
        _("If that was changed: python manage.py calendar capability delete=unknown."),
    ),
}
