"""Every code of core.appointments in words: what becomes of a pair, why, and what people are asked and told.

Invariant: each member of the enumerations has its row; no text says what stands in an appointment.
To extend: a new member is a row of its table here, its German in locale/de, and it appears in admin and docs alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from syncapp.core.appointments.forms.canonical import Group
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.forms.reasons import FormReason, SilentNote
from syncapp.core.appointments.plan_shapes import OnlyInGoogle, PairReportCode, PairRow, QuestionCode
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import AppointmentAction, PairStatus
from syncapp.words import Words

GROUPS: Mapping[str, Words] = {
    Group.when: _("date and time"),
    Group.rule: _("series"),
    Group.text: _("subject"),
    Group.ort: _("place"),
    Group.notiz: _("note"),
    Group.privat: _("private"),
}

# status: (icon, tone)
STATUSES: Mapping[str, tuple[str, str]] = {
    PairStatus.ok: ("check_circle", "good"),
    PairStatus.failed: ("error", "bad"),
    PairStatus.ask: ("help", "warn"),
    PairStatus.unsupported: ("link_off", "off"),
    PairStatus.only_in_google: ("smartphone", "off"),
    PairStatus.awaiting_removal: ("delete_sweep", "warn"),
    PairStatus.closed: ("inventory_2", "off"),
}


def status_look(status: str) -> tuple[str, str]:
    """Icon and tone of an appointment's status, also of one that another version has written."""
    return STATUSES.get(status, ("help", "off"))


ROWS: Mapping[str, Words] = {
    PairRow.new_in_advoware: _("New in Advoware: made in Google."),
    PairRow.new_in_google: _("New in Google: made in Advoware."),
    PairRow.only_in_google: _("Stands only in Google and stays there."),
    PairRow.first_meeting: _("Stands on both sides already: linked, not made twice."),
    PairRow.same: _("Equal on both sides."),
    PairRow.changed_in_advoware: _("Changed in Advoware: carried to Google."),
    PairRow.changed_in_google: _("Changed in Google: carried to Advoware, or put back where that is not allowed."),
    PairRow.changed_in_both: _("Changed on both sides: both changes are joined, and a clash is settled by the rule."),
    PairRow.gone_in_advoware: _("Deleted in Advoware: deleted in Google."),
    PairRow.gone_and_changed: _("Deleted in Advoware and changed in Google: somebody decides."),
    PairRow.deleted_in_google: _("Deleted in Google: deleted in Advoware where that is allowed, else made again."),
    PairRow.changed_and_deleted: _("Changed in Advoware and deleted in Google: made again in Google."),
    PairRow.gone_on_both: _("Gone on both sides: over."),
    PairRow.moved: _("In another employee's calendar now: deleted here, made there."),
    PairRow.withheld: _("Private in Advoware by now, and private ones are not shown: taken out of Google."),
    PairRow.unsupported: _("One side cannot hold it: left alone on both sides."),
    PairRow.unseen: _("Not seen this time, and nothing proves that it is gone: left alone."),
    PairRow.returned_from_trash: _("Came back from Google's trash although a new one exists: deleted again."),
}

# One write, in the plan and in the history.
ACTIONS: Mapping[str, Words] = {
    AppointmentAction.post_termin: _("made in Advoware"),
    AppointmentAction.put_termin: _("changed in Advoware"),
    AppointmentAction.patch_event: _("changed in Google"),
    AppointmentAction.insert_event: _("made in Google"),
    AppointmentAction.reword_event: _("single appointment of a series: texts taken out in Google"),
    AppointmentAction.delete_event: _("deleted in Google"),
    AppointmentAction.delete_termin: _("deleted in Advoware"),
}
COUNTED: Mapping[str, Any] = {
    AppointmentAction.post_termin: ngettext_lazy(
        "%d appointment is made in Advoware", "%d appointments are made in Advoware"
    ),
    AppointmentAction.put_termin: ngettext_lazy(
        "%d appointment is changed in Advoware", "%d appointments are changed in Advoware"
    ),
    AppointmentAction.patch_event: ngettext_lazy(
        "%d appointment is changed in Google", "%d appointments are changed in Google"
    ),
    AppointmentAction.insert_event: ngettext_lazy(
        "%d appointment is made in Google", "%d appointments are made in Google"
    ),
    AppointmentAction.reword_event: ngettext_lazy(
        "%d single appointment of a series loses its texts in Google",
        "%d single appointments of series lose their texts in Google",
    ),
    AppointmentAction.delete_event: ngettext_lazy(
        "%d appointment is deleted in Google", "%d appointments are deleted in Google"
    ),
    AppointmentAction.delete_termin: ngettext_lazy(
        "%d appointment is deleted in Advoware", "%d appointments are deleted in Advoware"
    ),
}

# What of a plan the next pass leaves: for a later one, or for a person.
LEFT: Mapping[str, Any] = {
    "deferred": ngettext_lazy(
        "%d more appointment is made in Google by a later pass",
        "%d more appointments are made in Google by later passes",
    ),
    "asked": ngettext_lazy("%d appointment waits for a decision", "%d appointments wait for a decision"),
}

# Why one side cannot hold what the other one says.
REASONS: Mapping[str, Words] = {
    FormReason.no_date: _("It has no date. Enter one in Advoware."),
    FormReason.unreadable_date: _("Its date cannot be read. Correct it where it was entered."),
    FormReason.unreadable_time: _("Its time of day cannot be read, such as 25:00. Correct it in Advoware."),
    FormReason.unknown_zone: _("Its time zone is unknown. Choose another one in Google."),
    FormReason.end_before_start: _("It ends before it begins. Correct one of the two."),
    FormReason.unknown_turnus: _("Its rhythm is none that Advoware knows (daily, weekly, monthly, yearly)."),
    FormReason.ends_before_start: _("The series ends before it begins. Correct its last day in Advoware."),
    FormReason.several_rules: _("The series follows several rules at once. Advoware knows one."),
    FormReason.excluded_dates: _("The series leaves out or adds single days. Advoware cannot say that."),
    FormReason.unreadable_rule: _("The rule of the series cannot be read. Make the series anew in Google."),
    FormReason.frequency: _("The series repeats by hours or minutes. Advoware knows days, weeks, months and years."),
    FormReason.weekdays: _(
        "The series names weekdays in a way that Advoware cannot say, such as “every last Friday” or “Mondays and "
        "Wednesdays”. Make a series for each weekday."
    ),
    FormReason.day_of_month: _("The series falls on another day of the month than its first appointment."),
    FormReason.other_rule_part: _("The rule of the series has a part that Advoware cannot say."),
    FormReason.short_months: _(
        "The series falls on the 29th, 30th or 31st, and not every month has that day. Choose an earlier day."
    ),
    FormReason.leap_day: _("The series falls on 29 February. Choose another day."),
    FormReason.occurrence_too_long: _("An appointment of the series goes on past midnight. Advoware ends it that day."),
    FormReason.series_in_other_zone: _("The series is in another time zone than Berlin's: summer time would move it."),
    FormReason.not_shown: _(
        "Advoware does not show it to Advosync when asked for it by its number: see whether it can be opened there, "
        "and check the rights of the interface user."
    ),
}

NOTES: Mapping[str, Words] = {
    SilentNote.spring_gap: _("The hour does not exist on that day (summer time begins): an hour later is taken."),
    SilentNote.doubled_hour: _("The hour exists twice on that day (summer time ends): the first one is taken."),
    SilentNote.missing_time: _(
        "It has no time of day in Advoware: shown as the installation has it (all day by default)."
    ),
}

# Why an event has no Termin.
ALONE: Mapping[str, Words] = {
    OnlyInGoogle.not_allowed: _("This calendar does not write to Advoware."),
    OnlyInGoogle.has_guests: _("Guests are invited. Advosync leaves invitations alone."),
    OnlyInGoogle.other_organiser: _("Somebody else invited to it. It belongs to their calendar."),
    OnlyInGoogle.private: _("It is private, and private ones are not carried here (CALENDAR_PRIVATE)."),
    OnlyInGoogle.not_representable: _("Advoware cannot hold it in this form."),
    OnlyInGoogle.elsewhere: _(
        "It was made by Advosync for somebody else's Termin, which is still in Advoware; probably it was moved here in "
        "Google. Delete it here: it stands in that employee's calendar again. If it is to be here, give the Termin to "
        "this employee in Advoware."
    ),
    OnlyInGoogle.rest_of_series: _(
        "It was split off a series of this calendar (“this and following events”), or is a copy of it. The end of a "
        "series does not come from Google here: the series runs on in Advoware, and its appointments would be there "
        "twice. Let the series end in Advoware on the day before this one begins: then this one is entered by itself. "
        "If it is not to be, delete it here."
    ),
    OnlyInGoogle.text_not_known: _(
        "It is a copy, and Google shows only a fixed word or the beginning in place of its text, which Advosync does "
        "not know. Give it a title of its own here, or enter it in Advoware and delete it here."
    ),
    OnlyInGoogle.orphan: _("It was made by Advosync, and its Termin is gone."),
}


@dataclass(frozen=True, slots=True)
class AskedText:
    """What a person is asked: the question, what hangs on it, and the word of each answer."""

    question: Words
    meaning: Words
    answers: Mapping[str, Words]


WHICH_VERSION: Mapping[str, Words] = {
    CalendarSide.advoware: _("Advoware's version counts"),
    CalendarSide.google: _("Google's version counts"),
}
LINK_OR_NEW: Mapping[str, Words] = {"fr_nr": _("It is frNr %(number)s"), "new": _("None of them: it is a new one")}
QUESTIONS: Mapping[str, AskedText] = {
    QuestionCode.conflict: AskedText(
        _("Which version counts?"),
        _("It was changed differently on both sides. The other version stays in the list of what gave way."),
        WHICH_VERSION,
    ),
    QuestionCode.gone_and_changed: AskedText(
        _("Deleted in Advoware, changed in Google: what is to be?"),
        _("Nothing has been deleted in Google yet."),
        {
            CalendarSide.advoware: _("It is over: delete it in Google too"),
            CalendarSide.google: _("It still holds: make it anew in Advoware"),
        },
    ),
    QuestionCode.ambiguous: AskedText(
        _("Which of several equal appointments is it?"),
        _("Several say the same. Linked wrongly, a later change would arrive at the wrong one."),
        LINK_OR_NEW,
    ),
    QuestionCode.first_meeting_far_away: AskedText(
        _("Does this appointment exist in Advoware already?"),
        _("It lies outside the days that were read, so nothing could be compared. Look it up in Advoware."),
        LINK_OR_NEW,
    ),
    QuestionCode.post_outcome_unknown: AskedText(
        _("Made in Advoware or not?"),
        _("No answer says whether it was, and none there could be told for certain. Look it up in Advoware."),
        LINK_OR_NEW,
    ),
    QuestionCode.many_new: AskedText(
        _("Make so many new appointments in Advoware?"),
        _("More than 20 at once is unusual: an imported calendar, for instance."),
        {"release": _("Yes, make them")},
    ),
    QuestionCode.private_text_differs: AskedText(
        _("A private appointment shows another text than before"),
        _("Advoware may be hiding its true text, so nothing is written there."),
        {CalendarSide.advoware: _("Put Google back")},
    ),
    QuestionCode.oscillates: AskedText(
        _("Both sides keep changing the same: which one counts?"),
        _("Probably a third program writes to one of the calendars too. Look for it, or it begins again."),
        WHICH_VERSION,
    ),
}

REPORTS: Mapping[str, Words] = {
    PairReportCode.conflict: _("Changed on both sides: one version gave way. It can be restored."),
    PairReportCode.conflict_between_copies: _(
        "Changed in another employee's calendar too: one version gave way. It can be restored."
    ),
    PairReportCode.put_back: _("Changed in Google, where this calendar may not be changed: put back."),
    PairReportCode.typed_over: _("Google shows less than there is here; what was typed over it was put back."),
    PairReportCode.typed_kept: _("What was typed into a private appointment stays in Google and goes nowhere."),
    PairReportCode.not_taken: _("Advoware did not take the change; Google was put back."),
    PairReportCode.restored: _("Deleted in Google, and made there again: Advoware still has it."),
    PairReportCode.delete_by_hand: _("Deleted in Google. Please delete it by hand in Advoware."),
    PairReportCode.unsupported: _("Cannot be carried over; both sides stay as they are."),
    PairReportCode.only_in_google: _("Stands only in Google."),
    PairReportCode.orphan: _("An event that Advosync made, and whose Termin is gone. The clean-up removes it."),
    PairReportCode.exceptions: _("Single appointments of the series differ in Google. They stay there alone."),
    PairReportCode.exceptions_lost: _("The series was changed; single appointments that differed in Google are gone."),
    PairReportCode.moved: _("In another employee's calendar now."),
    PairReportCode.withheld: _(
        "Private in Advoware by now: taken out of Google, where private ones are not shown (CALENDAR_PRIVATE)."
    ),
    PairReportCode.adopted: _("The answer to a write was lost; it had arrived."),
}


# Why Google holds less of an appointment than Advoware.
LESS: Mapping[str, Words] = {
    Shown.busy: _("Private: Google shows the time, and not what it is about."),
    Shown.anonymous: _("This calendar goes without texts: Google shows day and time alone."),
}


def less_words(shown: str, groups: Sequence[str]) -> str:
    """In a sentence; where nothing is held back on purpose, it is too long."""
    if shown in LESS:
        return str(LESS[shown])
    too_long = gettext("Too long for Google, which shows only the beginning (%(what)s). In Advoware all of it is kept.")
    return too_long % {"what": group_words(groups)}


def report_words(report: Mapping[str, Any]) -> list[str]:
    """One stored report in sentences: what was told, why, and what of."""
    told = [str(REPORTS.get(str(report.get("code")), report.get("code")))]
    detail = str(report.get("detail") or "")
    why = REASONS.get(detail) or ALONE.get(detail)
    if why:
        told.append(str(why))
    groups = group_words(report.get("groups") or ())
    if groups:
        told.append(f"({groups})")
    if report.get("count"):
        told.append(f"({report['count']})")
    return told


def why_not_words(cannot: str) -> str:
    """Why it cannot be made anew in Advoware: a code of REASONS or ALONE."""
    why = REASONS.get(cannot) or ALONE.get(cannot) or ""
    return gettext("It cannot be made anew in Advoware: %(why)s") % {"why": why}


def group_words(groups: Sequence[str]) -> str:
    return ", ".join(str(GROUPS.get(group, group)) for group in groups)


def counted(planned: Mapping[str, Any]) -> list[str]:
    """The numbers of a plan as `planned_json` keeps them: writes in the order of a pass, then what it leaves."""
    of = planned.get("of") or {}
    writes = [str(COUNTED[action] % of[action]) for action in AppointmentAction if of.get(action)]
    return writes + [str(words % planned[name]) for name, words in LEFT.items() if planned.get(name)]


def done_words(summary: Mapping[str, Any]) -> list[str]:
    """What a pass did, `{action: {"done": n, "failed": n}}`: “3 × changed in Google”, “1 × … (failed)”."""
    said = []
    for action, numbers in summary.items():
        name = ACTIONS.get(action, action)
        if numbers.get("done"):
            said.append(f"{numbers['done']} × {name}")
        if numbers.get("failed"):
            said.append(gettext("%(number)s × %(what)s (failed)") % {"number": numbers["failed"], "what": name})
    return said


def answer_words(question: str, choice: str) -> str:
    """What a choice means: `advoware`, `google`, `new`, or a frNr."""
    answers = QUESTIONS[question].answers
    if choice in answers:
        return str(answers[choice])
    return str(answers.get("fr_nr", "%(number)s")) % {"number": choice}
