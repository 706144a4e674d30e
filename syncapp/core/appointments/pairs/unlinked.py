"""Termine and events without a row: first meetings, what is new on either side, and what stays alone.

Purpose: every item that no linked row has is linked, made on the other side, or left alone for a named reason.
Invariant: items are linked one to one or not at all; an event with our property and its own id is never new; a copy,
whose property names another id, always is. What Google showed once has a row from then on, linked or not.

In this order:

| item | becomes |
| --- | --- |
| event whose POST got no answer | linked to the one Termin equal to what was sent; else a person decides, each time |
| event for which a person named a Termin | linked to it |
| event with our property and its own id | linked to the Termin it names; where that is not known to be gone: waits |
| event with our property and its own id, its Termin in a row with another living event | an orphan: left alone, told |
| one Termin and one event, equal in when, rule and text | linked (full content only) |
| several of them equal on either side | both left alone until a person decides |
| Termin in the act window | made in Google |
| private Termin where private ones are left out; Termin outside the window, or of somebody else | nothing |
| event that lies beyond what was read, in an employee's very first pass | a person decides |
| event moved here in Google, its Termin deleted by its former calendar, or to be by hand | goes on as one of nobody's |
| event with our property and its own id, its Termin gone | an orphan: left alone, told |
| event with our property and its own id, its Termin somebody else's (moved here in Google) | only in Google, told |
| event with guests, of another organiser, that Advoware cannot hold, or may not get | only in Google, told |
| part split off a series that runs on in Advoware, as its end does not come back | only in Google, told |
| copy that shows a fixed word, or a beginning, in place of a text that nobody knows | only in Google, told |
| an event whose POST was refused or failed | waits until it changes, or its waiting time is over |
| any other copy | made in Advoware, with the texts that Google does not show |
| any other event | made in Advoware |

To extend: a further reason to leave an event alone is a member of OnlyInGoogle and a line of `_why_alone`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from syncapp.core.appointments.forms.canonical import Canonical, Value
from syncapp.core.appointments.pairs import situation as shared
from syncapp.core.appointments.pairs.decision_table import plan_of
from syncapp.core.appointments.pairs.intents import is_beginning
from syncapp.core.appointments.pairs.linking import linked_anew
from syncapp.core.appointments.pairs.lone import (
    CHOICES,
    Lone,
    choice,
    chosen_number,
    lone_events,
    named_number,
    own_number,
)
from syncapp.core.appointments.pairs.origins import copied, is_rest_of_series, lacks_text
from syncapp.core.appointments.pairs.sides import Google, GoogleSide, IndexedSnapshot, advoware_side, google_side
from syncapp.core.appointments.pairs.situation import PairSituation
from syncapp.core.appointments.plan_shapes import (
    NEW,
    OnlyInGoogle,
    PairPlan,
    PairReport,
    PairReportCode,
    PairRow,
    Question,
    QuestionCode,
)
from syncapp.core.appointments.policy import CalendarSide, Private
from syncapp.core.appointments.rows import AppointmentAction, AppointmentIntent, AppointmentPair, Closed, PairStatus
from syncapp.core.appointments.shapes import AdvowareTermin
from syncapp.core.spelling.letters import plain as composed

Key = tuple[Value, Value, str]


@dataclass
class Meeting:
    """What is still without a counterpart, while plans are laid out. taken: numbers of Termine that have a row."""

    context: IndexedSnapshot
    taken: set[int]
    termine: dict[int, AdvowareTermin]
    events: dict[str, Lone] = field(default_factory=dict)
    plans: list[PairPlan] = field(default_factory=list)

    def link(self, lone: Lone, termin: AdvowareTermin) -> None:
        del self.termine[termin.fr_nr]
        self.taken.add(termin.fr_nr)
        self.leave(lone, _linked(_waits_no_more(lone), termin))

    def leave(self, lone: Lone, plan: PairPlan) -> None:
        del self.events[lone.pair.google_id]
        self.plans.append(plan)

    def wait(self, lone: Lone, number: int | None = None) -> None:
        """Nothing new is known of it, so what people were told of it holds. number: of the Termin that it waits for,
        which is neither there nor gone for certain."""
        pair = lone.pair
        if number is not None:
            pair = replace(pair, empty_since=self.context.empty_since(pair, number))
        self.leave(lone, PairPlan(PairRow.unseen, lone.before, pair))

    def ask(self, lone: Lone, code: QuestionCode, termine: Iterable[AdvowareTermin] = ()) -> None:
        """The event and the Termine that it could belong to wait for a person."""
        candidates = tuple(sorted(termin.fr_nr for termin in termine))
        for number in candidates:
            self.termine.pop(number, None)
        self.leave(lone, _waits_no_more(lone).ask(PairRow.first_meeting, Question(code, candidates=candidates)))


def meet(context: IndexedSnapshot) -> list[PairPlan]:
    """The plans for everything that has no linked row."""
    taken = {pair.fr_nr for pair in context.snapshot.pairs if pair.fr_nr is not None}
    without_row = {number: termin for number, termin in context.termine.items() if number not in taken}
    meeting = Meeting(context, taken, {one: termin for one, termin in without_row.items() if context.belongs(termin)})
    for lone in lone_events(context):
        if lone.event.cancelled:
            meeting.plans.append(_unlinked_gone(lone))
        else:
            meeting.events[lone.pair.google_id] = lone
    for stage in (_lost_posts, _choices, _own_properties, _equal_ones, _new_termine, _new_events):
        stage(meeting)
    return meeting.plans


def _waits_no_more(lone: Lone) -> Lone:
    """A waiting time is that of a POST that failed; what makes none does not wait for it."""
    return lone.with_row(wait_until=None)


def _lost_posts(meeting: Meeting) -> None:
    for lone in list(meeting.events.values()):
        intent = lone.pair.intent
        if intent is None or intent.sent is None or intent.action is not AppointmentAction.post_termin:
            continue
        if QuestionCode.post_outcome_unknown in lone.pair.decided:
            continue
        found = [
            termin for termin in meeting.termine.values() if _is_what_was_sent(meeting.context, termin, intent.sent)
        ]
        if len(found) == 1:
            _adopt(meeting, lone, intent, found[0])
        else:
            meeting.ask(lone, QuestionCode.post_outcome_unknown, found)


def _is_what_was_sent(context: IndexedSnapshot, termin: AdvowareTermin, sent: Canonical) -> bool:
    """Equal, but for texts that Advoware cut."""
    form = context.reading(termin).form
    return (
        form is not None
        and (form.when, form.rule) == (sent.when, sent.rule)
        and (form.text == sent.text or is_beginning(form.text, sent.text))
    )


def _adopt(meeting: Meeting, lone: Lone, intent: AppointmentIntent, termin: AdvowareTermin) -> None:
    """The Termin that our POST made: the bases are what was sent, so whatever differs by now is an edit."""
    del meeting.termine[termin.fr_nr]
    known = {"base_advoware": intent.sent, "base_google": intent.carried}
    adopted = lone.with_row(fr_nr=termin.fr_nr, intent=None, decided={}, wait_until=None, **known)
    meeting.leave(lone, _decided(adopted, PairReport(PairReportCode.adopted)))


def _choices(meeting: Meeting) -> None:
    """What a person chose: a number links, `new` lets the event go on to be made in Advoware. One that cannot be is
    asked about again."""
    for lone in list(meeting.events.values()):
        chosen, number = choice(lone.pair), chosen_number(lone.pair)
        freed = lone.with_row(intent=None)
        if number is not None and number in meeting.termine:
            meeting.link(freed, meeting.termine[number])
        elif number is not None and (number in meeting.taken or _is_gone(lone, number)):
            meeting.ask(lone.with_row(decided={}), next(code for code in CHOICES if code in lone.pair.decided))
        elif number is not None:
            meeting.wait(lone, number)
        elif chosen == NEW:
            meeting.events[lone.pair.google_id] = freed


def _own_properties(meeting: Meeting) -> None:
    """After the loss of our database: an event of ours says whose it is."""
    for lone in list(meeting.events.values()):
        number = named_number(lone, meeting.termine)
        if number is None:
            continue
        termin = meeting.termine.get(number)
        if termin is not None:
            meeting.link(lone, termin)
        elif number in meeting.taken:
            if lone.before is None and not _has_its_event(meeting.context, number):
                # Perhaps the very event that its row has to follow (generations.py): no row of its own, then.
                del meeting.events[lone.pair.google_id]
        elif not _is_gone(lone, number):
            meeting.wait(lone, number)


def _has_its_event(context: IndexedSnapshot, number: int) -> bool:
    """Whether the event that the Termin's row knows is there, for all that was seen."""
    pair = next((one for one in context.snapshot.pairs if one.fr_nr == number), None)
    return pair is None or google_side(context, pair).state in (Google.same, Google.changed, Google.unsupported)


def _is_gone(lone: Lone, number: int) -> bool:
    """Somebody else's by now; or gone, as a single read proves."""
    context = lone.context
    if number in context.termine:
        return not context.belongs(context.termine[number])
    single = context.snapshot.termin_reads.get(number)
    return single is not None and context.proves_gone(single, lone.pair.empty_since)


def _equal_ones(meeting: Meeting) -> None:
    if not meeting.events or not meeting.context.snapshot.employee.full_content:
        return
    events: dict[Key, list[Lone]] = defaultdict(list)
    termine: dict[Key, list[AdvowareTermin]] = defaultdict(list)
    for lone in meeting.events.values():
        if lone.google.form is not None and choice(lone.pair) != NEW:
            events[_key(lone.google.form)].append(lone)
    for termin in meeting.termine.values():
        if (form := meeting.context.reading(termin).form) is not None:
            termine[_key(form)].append(termin)
    for key in events.keys() & termine.keys():
        if len(events[key]) == len(termine[key]) == 1:
            meeting.link(events[key][0], termine[key][0])
            continue
        for one in events[key]:
            meeting.ask(one, QuestionCode.ambiguous, termine[key])


def _key(form: Canonical) -> Key:
    return form.when, form.rule, composed(form.text)


def _new_termine(meeting: Meeting) -> None:
    context = meeting.context
    for termin in meeting.termine.values():
        if termin.privat and context.policy.private is Private.skip:
            continue
        pair = _fresh(context, termin)
        side, nothing = advoware_side(context, pair), GoogleSide(Google.absent)
        if side.form is None or context.act.holds(side.form):
            pair = shared.as_read(context, pair, side, nothing)
            meeting.plans.append(plan_of(PairSituation(context, None, pair, side, nothing)))


def _fresh(context: IndexedSnapshot, termin: AdvowareTermin) -> AppointmentPair:
    """A row for a Termin; where it had one here before, the id after the one that is burnt.

    Whose the Termin is, is read with everything else (`as_read`).
    """
    closed = next((pair for pair in context.snapshot.closed if pair.fr_nr == termin.fr_nr), None)
    if closed is not None:
        renewed = shared.next_generation(context, closed)
        return AppointmentPair(
            google_id=renewed.google_id,
            id=closed.id,
            fr_nr=termin.fr_nr,
            origin=closed.origin if closed.closed is Closed.withheld else CalendarSide.advoware,
            generation=renewed.generation,
            burnt=renewed.burnt,
        )
    fresh = AppointmentPair(google_id=shared.event_id(context, termin.fr_nr, 0), fr_nr=termin.fr_nr)
    if fresh.google_id not in context.row_ids:
        return fresh
    # Its event of then stands for another Termin by now, and stays.
    return replace(shared.next_generation(context, fresh), burnt=())


def _new_events(meeting: Meeting) -> None:
    for lone in list(meeting.events.values()):
        why = _why_alone(lone)
        if why is not None:
            meeting.leave(lone, _alone(_waits_no_more(lone), why))
        elif _is_far_away(lone):
            meeting.ask(lone, QuestionCode.first_meeting_far_away)
        elif not meeting.context.is_due(lone.pair):
            meeting.wait(lone)
        else:
            meeting.leave(lone, _made_in_advoware(lone))


def _made_in_advoware(lone: Lone) -> PairPlan:
    """Of what Google never showed its own row knows more than that of any other."""
    form, pair = lone.google.form, lone.pair
    if form is None or pair.base_advoware is not None:
        return shared.posted(lone, pair, PairRow.new_in_google)
    known, said = copied(lone.context, pair, lone.event, form)
    return shared.posted(lone, known, PairRow.new_in_google, said=said)


def _why_alone(lone: Lone) -> OnlyInGoogle | None:
    context, event, form, number = lone.context, lone.event, lone.google.form, named_number(lone)
    if number is not None:
        alive = number in context.termine and not context.belongs(context.termine[number])
        return OnlyInGoogle.elsewhere if alive else OnlyInGoogle.orphan
    if not event.organised_here:
        return OnlyInGoogle.other_organiser
    if event.attendees:
        return OnlyInGoogle.has_guests
    if form is None:
        return OnlyInGoogle.not_representable
    if form.privat and context.policy.private is Private.skip:
        return OnlyInGoogle.private
    return _why_not_made(lone, form) if context.snapshot.employee.write_to_advoware else OnlyInGoogle.not_allowed


def _why_not_made(lone: Lone, form: Canonical) -> OnlyInGoogle | None:
    """Of an event that bears the number of another Termin, and is made in Advoware by what is known of that one."""
    context, event, pair = lone.context, lone.event, lone.pair
    told = _report_of(OnlyInGoogle.rest_of_series).key in pair.told
    if is_rest_of_series(context, event, form, told=told):
        return OnlyInGoogle.rest_of_series
    hidden = pair.base_advoware is None and lacks_text(context, event, form)
    return OnlyInGoogle.text_not_known if hidden else None


def _is_far_away(lone: Lone) -> bool:
    """Whether an equal Termin could be there without having been read, while nothing is known of this calendar yet."""
    context, form = lone.context, lone.google.form
    first_pass = not any(pair.is_linked for pair in context.snapshot.pairs)
    return first_pass and form is not None and not context.read.holds(form) and not choice(lone.pair)


def _linked(lone: Lone, termin: AdvowareTermin) -> PairPlan:
    """Both are there, and merged by what each of them counts as having been until now."""
    ours = own_number(lone.event) == termin.fr_nr
    known = linked_anew(lone.context, lone.pair, termin, lone.google.form, ours=ours)
    return replace(_decided(replace(lone, pair=known)), row=PairRow.first_meeting)


def _decided(lone: Lone, *reports: PairReport) -> PairPlan:
    """The plan of the decision table for a row that has just been linked."""
    situation = shared.situation(lone.context, lone.pair)
    return plan_of(replace(situation, before=lone.before, reports=(*reports, *situation.reports)))


def _report_of(why: OnlyInGoogle) -> PairReport:
    code = PairReportCode.orphan if why is OnlyInGoogle.orphan else PairReportCode.only_in_google
    return PairReport(code, why.value)


def _alone(lone: Lone, why: OnlyInGoogle) -> PairPlan:
    pair = replace(lone.pair, status=PairStatus.only_in_google, reason=lone.google.reason)
    return lone.plan(PairRow.only_in_google, pair, reports=(_report_of(why),))


def _unlinked_gone(lone: Lone) -> PairPlan:
    """Gone again before it had a Termin; where a POST of it got no answer, somebody has to look."""
    intent = lone.pair.intent
    answered = QuestionCode.post_outcome_unknown in lone.pair.decided
    if intent is not None and intent.action is AppointmentAction.post_termin and not answered:
        return lone.ask(PairRow.first_meeting, Question(QuestionCode.post_outcome_unknown))
    return lone.plan(PairRow.only_in_google, lone.pair.over(Closed.unlinked))
