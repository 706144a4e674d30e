"""The stage on which a story is played: both stand-ins over HTTP, Anna in EspoCRM, a clerk in Advoware, our runs.

Invariant: a sentence does one thing. After each run the exact writes of that run are compared with what the story says,
and what it does not mention must not have happened; each system is read once.
To extend: a new sentence is a row of SENTENCES (what happens) or EXPECTATIONS (what is looked at after a run).
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core import serializers
from django.utils import timezone

from syncapp.core.guards import GuardKind
from syncapp.core.sides import Side
from syncapp.engine import control, guards
from syncapp.entities.beteiligte.clients import configured_clients
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import Attempt, Conflict, ContactLink, Notice, SyncRecord
from syncapp.operations.actions.by_hand import done_by_hand
from syncapp.operations.actions.shapes import ActionContext
from tests.scenarios.kommunikation import spelling
from tests.scenarios.kommunikation.story import Sentence, Story
from tests.scenarios.kommunikation.wire import Death, Sent, Wire, WorkerDied
from tests.support import operator
from tests.support.firm import PERSON, Firm

EMPTY_ROW = {"phoneNumberData": [], "emailAddressData": []}
LISTS = {"phoneNumberData": "phoneNumber", "emailAddressData": "emailAddress"}
BOOKKEEPING = {
    "betnr",
    "syncStatus",
    "advowareLastSync",
    "advowareRowId",
    "kommunikationHash",
    "syncRetryCount",
    "syncNextRetry",
    "syncAutoResetAt",
    "syncErrorMessage",
}
SHORT = {"phoneNumberData": "phones", "emailAddressData": "emails"}
REFUSAL = "Field validation failure; entityType: CBeteiligte, field: {field}, type: valid."
LIST_FIELDS = {"phones": "phoneNumber", "emails": "emailAddress"}
ANSWERS = {"yes": True, "no": False}


@dataclass
class Stage:
    """`saw`: the writes of the last run; None before the first. `given`: what both sides hold before the curtain."""

    firm: Firm
    wire: Wire
    settings: Any
    person: dict[str, str] = field(default_factory=lambda: dict(PERSON))
    items: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in LISTS})
    entries: list[dict[str, Any]] = field(default_factory=list)
    espo_id: str = ""
    betnr: int = 0
    saw: list[Sent] | None = None
    last_reads: dict[str, int] = field(default_factory=dict)
    # Read before each run only where a story speaks of the hash: a call saved is time for another story.
    watches_hash: bool = False
    hash_before: str = ""
    saved: str = ""

    # -- before the curtain

    def holds_in_espocrm(self, line: str) -> None:
        row = spelling.item_from(line)
        rows = self.items["phoneNumberData" if "phoneNumber" in row else "emailAddressData"]
        rows.append(row)
        if not any(one["primary"] for one in rows):
            rows[0]["primary"] = True

    def holds_in_advoware(self, line: str) -> None:
        self.entries.append(spelling.entry_from(line))

    def set_up(self) -> None:
        """Both sides as given, tied by the betnr that somebody typed into EspoCRM; nobody has synced them yet."""
        if self.espo_id:
            return
        made = self.control("advoware/beteiligte", set=self._in_advoware(), kommunikation=self.entries)
        self.betnr = int(made["betNr"])
        self.espo_id = self.firm.new(betnr=self.betnr, **self.items)

    def _in_advoware(self) -> dict[str, str]:
        return {**self.person, "geburtsdatum": f"{self.person['geburtsdatum']}T00:00:00"}

    def not_in_advoware(self, *_: str) -> None:
        """The first run has to create the Beteiligter."""
        self.espo_id = self.firm.new(**self.items)

    def in_step(self, *_: str) -> None:
        """Both sides as given and synced."""
        self.run("clean")
        self.saw = None

    # -- people

    def anna(self, change: Callable[[dict[str, list[dict[str, Any]]]], None]) -> None:
        """Somebody edits the lists in EspoCRM."""
        shown = self.firm.espo(self.espo_id)
        lists = {name: [dict(row) for row in shown[name]] for name in LISTS}
        change(lists)
        self.firm.sandbox.anna.change(self.espo_id, **lists)

    def anna_adds(self, line: str) -> None:
        row = spelling.item_from(line)
        name = "phoneNumberData" if "phoneNumber" in row else "emailAddressData"
        self.anna(lambda lists: lists[name].append(row))

    def anna_deletes(self, value: str) -> None:
        def delete(lists: dict[str, list[dict[str, Any]]]) -> None:
            for name, key in LISTS.items():
                lists[name] = [row for row in lists[name] if row[key] != value]

        self.anna(delete)

    def anna_changes(self, old: str, _to: str, new: str) -> None:
        self.anna(lambda lists: _row(lists, old).update(_value(old, new)))

    def anna_retypes(self, value: str, kind: str) -> None:
        self.anna(lambda lists: _row(lists, value).update(type=kind))

    def elsewhere(self, value: str, word: str, new: str) -> None:
        """Somebody changes the type, flag or spelling of a shared contact point at another record."""
        other = self.firm.new()
        shown = self.firm.espo(self.espo_id)
        name = "emailAddressData" if "@" in value else "phoneNumberData"
        lists = {name: [{**_row({one: shown[one] for one in LISTS}, value), "primary": True}]}
        self.firm.sandbox.anna.change(other, **lists)
        changes = {"type": {"type": new}, "spelled": _value(value, new), "flag": {new: True}}
        lists[name][0].update(changes[word])
        self.firm.sandbox.anna.change(other, **lists)

    def clerk_adds(self, line: str) -> None:
        self.control(self._here(), add=[spelling.entry_from(line)])

    def clerk_changes(self, old: str, _to: str, new: str) -> None:
        self._edit(old, tlf=new)

    def clerk_empties(self, tlf: str) -> None:
        self._edit(tlf, tlf="", online=False)

    def clerk_deletes(self, tlf: str) -> None:
        self.control(self._here(), remove=[self._entry(tlf)["id"]])

    def clerk_remarks(self, tlf: str, text: str = "") -> None:
        entry = self._entry(tlf)
        self._edit(tlf, bemerkung=spelling.remark(text, entry["kommKz"]))

    def clerk_retypes(self, old: str, _to: str, new: str) -> None:
        """The remark goes as well: somebody wrote the entry anew."""
        self._edit(old, tlf=new, bemerkung="")

    def clerk_copies(self, old: str, _as: str, new: str) -> None:
        entry = self._entry(old)
        copy = {name: entry[name] for name in ("kommKz", "bemerkung", "online")}
        self.control(self._here(), add=[{**copy, "tlf": new}])

    def titel_differs(self, *_: str) -> None:
        """A conflict of the master data, which EspoCRM wins."""
        self.firm.sandbox.anna.change(self.espo_id, titel="Prof. Dr.")
        self.control(self._here(), set={"titel": "Dr. h.c."})

    def _edit(self, which: str, **changes: object) -> None:
        self.control(self._here(), edit=[{"id": self._entry(which)["id"], **changes}])

    def _entry(self, tlf: str) -> dict[str, Any]:
        """By its value, or as `#2` by its place."""
        found = self.kommunikation()
        if tlf.startswith("#"):
            return found[int(tlf[1:]) - 1]
        return next(entry for entry in found if entry["tlf"] == tlf)

    # -- the world around

    def setting(self, name: str, value: str) -> None:
        pairs = dict(part.split("=") for part in value.split(", ")) if "=" in value else None
        setattr(self.settings, name, pairs or _habit(value))

    def espocrm_habit(self, name: str, value: str) -> None:
        self.firm.sandbox.espocrm(**{name: _habit(value)})
        remote_metadata.forget()
        clients = configured_clients()
        remote_metadata.read_all(espocrm=clients.espocrm, advoware=clients.advoware)

    def advoware_habit(self, name: str, value: str) -> None:
        self.firm.sandbox.advoware(**{name: _habit(value)})

    def espocrm_hides(self, name: str) -> None:
        """The key is missing from every answer to a GET of the record."""

        def rewrite(request: Any, answer: Any) -> Any:
            return {k: v for k, v in answer.items() if k != name} if isinstance(answer, dict) else answer

        self.wire.rewrite = rewrite

    def espocrm_shows_all(self, *_: str) -> None:
        self.wire.rewrite = None

    def espocrm_refuses(self, name: str, *_once: str) -> None:
        headers = {"X-Status-Reason": REFUSAL.format(field=LIST_FIELDS[name])}
        body = f'{{"messageTranslation": {{"data": {{"field": "{LIST_FIELDS[name]}", "type": "valid"}}}}}}'
        self.firm.sandbox.fault("espocrm", "status", method="PATCH", status=400, headers=headers, body=body)

    def espocrm_never_takes(self, value: str) -> None:
        """Whichever list it stands in, and whatever else does: the answer names the list alone."""
        self.wire.bad[value] = lambda _: self.espocrm_refuses("emails" if "@" in value else "phones")

    def espocrm_drops(self, what: str) -> None:
        """A list, or one value of it, goes unheard: as where the API user may not edit the field, or a script cuts."""

        def drop(request: Any) -> None:
            if what in LIST_FIELDS:
                request.body.pop(f"{LIST_FIELDS[what]}Data", None)
                return
            for name, key in LISTS.items():
                if name in request.body:
                    request.body[name] = [row for row in request.body[name] if row[key] != what]

        self.wire.bad[f"{LIST_FIELDS[what]}Data" if what in LIST_FIELDS else what] = drop

    def espocrm_drops_nothing(self, *_: str) -> None:
        self.wire.bad.clear()

    def advoware_refuses(self, method: str, status: str, *_once: str) -> None:
        self.firm.sandbox.fault(
            "advoware", "status", method=method, status=int(status), path_contains="Kommunikationen"
        )

    def a_second_passes(self, *_: str) -> None:
        """EspoCRM's times have whole seconds: an edit in the second of the last sync cannot be told from before it."""
        time.sleep(1.1)

    def database_lost(self, *_: str) -> None:
        SyncRecord.objects.all().delete()

    def links_lost(self, *_: str) -> None:
        """As after the record was tied to another Beteiligter and back."""
        ContactLink.objects.all().delete()
        SyncRecord.objects.update(kommunikation_hash="")

    def database_saved(self, *_: str) -> None:
        rows = [*SyncRecord.objects.all(), *ContactLink.objects.all()]
        self.saved = serializers.serialize("json", rows)

    def database_restored(self, *_: str) -> None:
        """Yesterday's rows, the day after."""
        SyncRecord.objects.all().delete()
        for row in serializers.deserialize("json", self.saved):
            row.save()

    def before_the_patch(self, verb: str, *rest: str) -> None:
        """Somebody is faster: a sentence that comes true just before the run's next PATCH."""
        self.wire.before_patch = lambda: _carry_out(self, Sentence(verb, "  ".join(rest)))

    def side_held(self, side: str, word: str) -> None:
        control.hold_side(side=side.lower(), held=word == "paused", by="tests", reason="a story")

    def removals_confirmed(self, *_: str) -> None:
        guards.confirm(sort=GuardKind.REMOVALS, by="tests")

    def clerk_sets(self, name: str, value: str) -> None:
        self.control(self._here(), set={name: value})

    def clerk_corrects_kind(self, tlf: str, kind: str) -> None:
        self._edit(tlf, kommKz=spelling.NUMBERS[kind])

    def type_corrected(self, tlf: str) -> None:
        done_by_hand(
            record=self.record,
            part="kommunikation",
            code="type_corrected",
            entry_id=self._entry(tlf)["id"],
            action_context=ActionContext("tests"),
        )

    # -- runs

    def run(self, status: str) -> None:
        self._run(status, forced=True)

    def run_everything_from_advoware(self, status: str) -> None:
        operator.take_everything_from(self.record, Side.advoware)
        self._run(status)

    def run_dies(self, at: str, when: str) -> None:
        """The worker dies `before` its write number n goes out, or `after` that has reached the other side."""
        self.dies_at(int(at), sent=when == "after")

    def dies_at(self, number: int, *, sent: bool) -> bool:
        """A run whose worker dies at that write; whether it came so far. Its lease has run out by the next run."""
        self._begin()
        self.wire.death = Death(number, sent)
        try:
            self.firm.sync(self.espo_id)
        except WorkerDied:
            died = True
        else:
            died = False
        self.wire.death = None
        self._end()
        SyncRecord.objects.filter(lease_expires__isnull=False).update(
            lease_expires=timezone.now() - timedelta(seconds=1)
        )
        return died

    def _run(self, status: str, **options: Any) -> None:
        self._begin()
        result = self.firm.sync(self.espo_id, **options)
        assert result.status == status, (result, self.record.kind, self.record.fault, self.record.reports)
        self._end()
        self._agrees_with_call_log()

    def _begin(self) -> None:
        self.set_up()
        if self.watches_hash:
            self.hash_before = self.firm.espo(self.espo_id)["kommunikationHash"] or ""
        Notice.objects.all().delete()
        Conflict.objects.all().delete()
        self.wire.clear()
        self.firm.sandbox.clear_calls()

    def _end(self) -> None:
        self.saw = [sent for sent in self.wire.sent if not sent.is_note]
        self.last_reads = {"EspoCRM": self.wire.reads.count("espocrm"), "Advoware": self.wire.reads.count("advoware")}

    def _agrees_with_call_log(self) -> None:
        """What the wire saw is what the stand-ins were asked; people of EspoCRM use PUT, the product does not."""
        calls = [(system, method) for system, method, path in self.firm.sandbox.calls() if not path.endswith("/Note")]
        logged = [call for call in calls if call[1] != "GET" and call != ("espocrm", "PUT")]
        assert logged == [(sent.system, sent.method) for sent in self.saw or []]

    # -- what is seen

    def reads(self) -> list[str]:
        """How often each side was read by the run."""
        assert self.last_reads, "nothing has run"
        return ["  ".join(f"{side} {number}" for side, number in self.last_reads.items())]

    @property
    def record(self) -> SyncRecord:
        return self.firm.record(self.espo_id)

    def kommunikation(self) -> list[dict[str, Any]]:
        """Advoware's entries by id, each with its real kommKz, which the API hides."""
        found = [
            one for one in self.firm.sandbox.state()["advoware"] if one["betNr"] == (self.betnr or self.record.betnr)
        ]
        return sorted((entry for one in found for entry in one.get("kommunikation", ())), key=lambda entry: entry["id"])

    def advoware_writes(self) -> list[str]:
        numbers = {entry["id"]: entry["kommKz"] for entry in self.kommunikation()}
        return [self._written(sent, numbers) for sent in self.saw or [] if sent.system == "advoware"]

    def _written(self, sent: Sent, numbers: dict[int, int]) -> str:
        if "Kommunikationen" not in sent.path:
            return f"{sent.method}  master data"
        tail = sent.path.rpartition("/")[2]
        komm_kz = sent.body["kommKz"] if sent.method == "POST" else numbers[int(tail)]
        return f"{sent.method}  {spelling.entry_line(sent.body, komm_kz)}"

    def espocrm_writes(self) -> list[str]:
        """Which lists and fields each PATCH carried, bookkeeping aside."""
        bodies = [sent.body for sent in self.saw or [] if sent.system == "espocrm"]
        named = [[SHORT.get(name, name) for name in body if name not in BOOKKEEPING] for body in bodies]
        return [", ".join(sorted(names)) or "bookkeeping only" for names in named]

    def espocrm_now(self) -> list[str]:
        shown = self.firm.espo(self.espo_id)
        return [line for name, key in LISTS.items() for line in spelling.item_lines(shown[name], key)]

    def advoware_now(self) -> list[str]:
        return [spelling.entry_line(entry, entry["kommKz"]) for entry in self.kommunikation()]

    def reported(self) -> list[str]:
        """Code and value of what the record's page says about single entries."""
        values = {entry["id"]: entry["tlf"] for entry in self.kommunikation()}
        lines = []
        for report in self.record.reports:
            code = str(report["code"]).removeprefix("contact_")
            if code != report["code"]:
                lines.append("  ".join(filter(None, (code, values.get(report["params"].get("entry_id"))))))
        return lines

    def lost(self) -> list[str]:
        rows = Conflict.objects.filter(field__startswith="kommunikation.").order_by("pk")
        return [(row.advo if row.kept == Side.espocrm else row.espo) or "" for row in rows]

    def kind(self) -> list[str]:
        return [self.record.kind]

    def told(self) -> list[str]:
        return sorted(Notice.objects.values_list("event", flat=True))

    def summary(self) -> list[str]:
        assert "failed (" not in self.firm.espo(self.espo_id)["syncErrorMessage"], "no word for programmers"
        parts = []
        for name, count in Attempt.objects.order_by("-pk")[0].summary.items():
            parts += [f"{name}: {count['done']} succeeded"] if count.get("done") else []
            parts += [f"{name}: {count['failed']} failed ({count['status']})"] if count.get("failed") else []
        return [", ".join(parts)]

    def hash_says(self) -> list[str]:
        now = self.firm.espo(self.espo_id)["kommunikationHash"] or ""
        assert self.watches_hash
        assert self.record.kommunikation_hash in (now, "")
        return ["unchanged" if now == self.hash_before else "new"]

    # -- the end

    def nothing_more_to_do(self) -> None:
        """Scenario 35: whatever happened, one more run reads once on each side and writes nothing."""
        self._begin()
        self.firm.sync(self.espo_id)
        self._end()
        assert self.saw == []
        assert self.firm.counts() == {"espocrm": {"GET": 1}, "advoware": {"GET": 1}}

    def control(self, path: str, **body: object) -> Any:
        return self.firm.sandbox.control.tell(path, **body)

    def _here(self) -> str:
        self.set_up()
        return f"advoware/beteiligte/{self.betnr}"


def _row(lists: dict[str, list[dict[str, Any]]], value: str) -> dict[str, Any]:
    return next(row for name, key in LISTS.items() for row in lists.get(name, ()) if row[key] == value)


def _value(old: str, new: str) -> dict[str, str]:
    return {"emailAddress": new} if "@" in old else {"phoneNumber": new}


def _habit(value: str) -> object:
    if "," in value:
        return [part.strip() for part in value.split(",")]
    return ANSWERS.get(value, int(value) if value.isdecimal() else None if value == "none" else value)


SENTENCES: dict[str, Callable[..., None]] = {
    "setting": Stage.setting,
    "EspoCRM allows": Stage.espocrm_habit,
    "Advoware does": Stage.advoware_habit,
    "in step": Stage.in_step,
    "not in Advoware": Stage.not_in_advoware,
    "Anna deletes": Stage.anna_deletes,
    "Anna changes": Stage.anna_changes,
    "Anna retypes": Stage.anna_retypes,
    "elsewhere": Stage.elsewhere,
    "Clerk changes": Stage.clerk_changes,
    "Clerk types into": Stage.clerk_changes,
    "Clerk empties": Stage.clerk_empties,
    "Clerk deletes": Stage.clerk_deletes,
    "Clerk remarks": Stage.clerk_remarks,
    "Clerk writes anew": Stage.clerk_retypes,
    "Clerk copies": Stage.clerk_copies,
    "titel differs": Stage.titel_differs,
    "EspoCRM hides": Stage.espocrm_hides,
    "EspoCRM shows all": Stage.espocrm_shows_all,
    "EspoCRM refuses": Stage.espocrm_refuses,
    "EspoCRM never takes": Stage.espocrm_never_takes,
    "EspoCRM drops": Stage.espocrm_drops,
    "EspoCRM drops nothing": Stage.espocrm_drops_nothing,
    "Advoware refuses": Stage.advoware_refuses,
    "a second passes": Stage.a_second_passes,
    "database lost": Stage.database_lost,
    "links lost": Stage.links_lost,
    "database saved": Stage.database_saved,
    "database restored": Stage.database_restored,
    "type corrected": Stage.type_corrected,
    "before the PATCH": Stage.before_the_patch,
    "writes to": Stage.side_held,
    "removals confirmed": Stage.removals_confirmed,
    "Clerk sets": Stage.clerk_sets,
    "Clerk makes it": Stage.clerk_corrects_kind,
    "sync": Stage.run,
    "sync, everything from Advoware": Stage.run_everything_from_advoware,
    "worker dies at write": Stage.run_dies,
}
# Sentences whose rest is one line of the spelling.
LINES: dict[str, Callable[[Stage, str], None]] = {
    "EspoCRM has": Stage.holds_in_espocrm,
    "Advoware has": Stage.holds_in_advoware,
    "Anna adds": Stage.anna_adds,
    "Clerk adds": Stage.clerk_adds,
}
# Looked at after a run. `always`: what the story does not say must not have happened.
EXPECTATIONS: dict[str, Callable[[Stage], list[str]]] = {
    "Advoware gets": Stage.advoware_writes,
    "EspoCRM gets": Stage.espocrm_writes,
    "EspoCRM then": Stage.espocrm_now,
    "Advoware then": Stage.advoware_now,
    "reported": Stage.reported,
    "lost": Stage.lost,
    "told": Stage.told,
    "kind": Stage.kind,
    "summary": Stage.summary,
    "hash": Stage.hash_says,
    "reads": Stage.reads,
}
# What must be so unless the story says otherwise.
ALWAYS: dict[str, list[str]] = {
    "Advoware gets": [],
    "EspoCRM gets": [],
    "lost": [],
    "reads": ["EspoCRM 1  Advoware 1"],
}
UNORDERED = ("EspoCRM then", "reported", "told")


def play(stage: Stage, story: Story) -> None:
    """Every sentence in its order; after each run, what the story says about it."""
    expected: dict[str, list[str]] = {}
    stage.watches_hash = any(sentence.verb == "hash" for sentence in story.sentences)
    for sentence in (*story.sentences, None):
        if sentence is not None and sentence.verb in EXPECTATIONS:
            expected.setdefault(sentence.verb, []).append("  ".join(sentence.args))
            continue
        _check(stage, expected)
        expected = {}
        if sentence is not None:
            _carry_out(stage, sentence)


def _carry_out(stage: Stage, sentence: Sentence) -> None:
    if sentence.verb in LINES:
        LINES[sentence.verb](stage, sentence.rest)
    else:
        SENTENCES[sentence.verb](stage, *sentence.args)


def _check(stage: Stage, expected: dict[str, list[str]]) -> None:
    if stage.saw is None:
        assert not expected, "nothing has run yet"
        return
    for verb, wanted in {**ALWAYS, **expected}.items():
        found = EXPECTATIONS[verb](stage)
        if verb in UNORDERED:
            wanted, found = sorted(wanted), sorted(found)
        assert (verb, found) == (verb, [] if wanted == ["nothing"] else wanted)
    stage.saw = None


def verbs() -> Iterable[str]:
    return (*SENTENCES, *LINES, *EXPECTATIONS)
