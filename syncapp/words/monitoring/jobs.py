"""What the workers' jobs and the steps of the sweep are called.

To extend: a job is a row of JOB_NAMES, a step of the sweep one of SWEEP_STEPS; what has none, as of another version, is
called by its own name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from syncapp.words import Words


@dataclass(frozen=True, slots=True)
class StepWords:
    """`counted`: what its number in a sweep's row says; `name`: what it is called where it keeps failing."""

    counted: Words
    name: Words


SWEEP_STEPS: Mapping[str, StepWords] = {
    "auto_reset": StepWords(_("reset by themselves"), _("sweep: starting again what was given up")),
    "discovered": StepWords(_("found in EspoCRM"), _("sweep: asking EspoCRM for changes")),
    "items_discovered": StepWords(
        _("records whose addresses or accounts had changed"),
        _("sweep: asking EspoCRM for changed addresses and bank accounts"),
    ),
    "refusals_settled": StepWords(
        _("betNr free again"), _("sweep: looking again at refusals that rest on another record")
    ),
    "untold": StepWords(
        _("found in shadow and not told yet"), _("sweep: looking again at what was found while nothing was written")
    ),
    "picked": StepWords(_("enqueued"), _("sweep: choosing what is due")),
    "confirmed": StepWords(_("looked at once after our write"), _("sweep: the confirming look after a write")),
    "rechecked": StepWords(_("checked again"), _("sweep: choosing what is looked at again")),
    "deep_checked": StepWords(_("read whole"), _("sweep: choosing what is read whole")),
    "alerts": StepWords(_("told of alerts"), _("sweep: alerts")),
    "purged": StepWords(_("old rows deleted"), _("sweep: tidying up old history")),
}
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
    "write_exports": _("writing exports"),
    "sync_calendars": _("passes over calendars"),
    "run_due_calendars": _("choosing the calendars that are due"),
    "confirm_writes": _("the confirming look after a write"),
    "find_records": _("looking up whose addresses and bank accounts are"),
    "try_systems": _("asking a disturbed system"),
}
_STEP = "sweep."


def step_code(step: str) -> str:
    """By what a step's failures are counted, beside the jobs' own."""
    return f"{_STEP}{step}"


def job_name(code: str) -> str:
    """A job, or a step of the sweep by its `step_code`, in the words of people."""
    step = SWEEP_STEPS.get(code.removeprefix(_STEP)) if code.startswith(_STEP) else None
    return str(step.name if step else JOB_NAMES.get(code, code))


def step_counted(step: str) -> str:
    """What a step's number in a sweep's row says."""
    return str(SWEEP_STEPS[step].counted if step in SWEEP_STEPS else step)
