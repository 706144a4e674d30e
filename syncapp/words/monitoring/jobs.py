"""What regular jobs and the steps of the sweep are called.

To extend: a job, or a step as "sweep." with its name, is a row of JOB_NAMES; one without is called by its name.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.words import Words

JOB_NAMES: Mapping[str, Words] = {
    "dispatch": _("the dispatcher"),
    "sweep": _("the sweep"),
    "recheck": _("looking again at records at rest"),
    "recheck_records": _("looking again at records at rest"),
    "deep_check_records": _("reading records at rest whole"),
    "sync_records": _("syncing records"),
    "note_figures": _("counting the figures"),
    "do_bulk_actions": _("actions on many records"),
    "resume_bulk_actions": _("going on with actions on many records"),
    "sync_calendars": _("passes over calendars"),
    "run_due_calendars": _("choosing the calendars that are due"),
    "confirm_writes": _("the confirming look after a write"),
    "find_records": _("looking up whose addresses and bank accounts are"),
    "try_systems": _("asking a disturbed system"),
    "sweep.auto_reset": _("sweep: starting again what was given up"),
    "sweep.discovered": _("sweep: asking EspoCRM for changes"),
    "sweep.items_discovered": _("sweep: asking EspoCRM for changed addresses and bank accounts"),
    "sweep.picked": _("sweep: choosing what is due"),
    "sweep.refusals_settled": _("sweep: looking again at refusals that rest on another record"),
    "sweep.confirmed": _("sweep: the confirming look after a write"),
    "sweep.rechecked": _("sweep: choosing what is looked at again"),
    "sweep.deep_checked": _("sweep: choosing what is read whole"),
    "sweep.alerts": _("sweep: alerts"),
    "sweep.purged": _("sweep: tidying up old history"),
}
