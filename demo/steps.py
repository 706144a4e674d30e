"""The walk through one record's life, a row for each step, in order.

A step makes its edits as a person would, waits for the outcome, and says in a few words what it saw. It fails by
raising. To add one (say, a contact point), write a function of the world and give it a row in STEPS.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from demo import calendars, children, contacts, programs
from demo.people import Json
from demo.world import Unfulfilled, World, differences

QUIET_SECONDS = 1.0
LISTEN_SECONDS = 1.5
UNDECIDED = frozenset({"pending_sync", "dirty", "syncing", "None"})
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class DemoStep:
    title: str
    run: Callable[[World], str]


def create(world: World) -> str:
    record = world.anna.create(
        name="Brückner-Özgür",
        vorname="Annegret",
        anrede="Frau",
        geburtsdatum="1971-03-09",
        assignedUserId=world.anna.own_id(),
    )
    world.record_id = str(record["id"])

    def linked() -> bool:
        found = world.anna.read(world.record_id)
        world.bet_nr = int(found.get("betnr") or 0)
        return bool(world.bet_nr) and world.settled()

    world.until("the new record has a betNr and both sides agree", linked)
    return f"betNr {world.bet_nr}"


def edit_in_espocrm(world: World) -> str:
    world.anna.change(world.record_id, titel="Dr.")
    world.until("titel arrives in Advoware", lambda: world.in_advoware(titel="Dr.") and world.settled())
    return "titel Dr."


def edit_in_advoware(world: World) -> str:
    world.clerk.change(world.bet_nr, zusatz="c/o Kanzlei am Markt")
    world.until(
        "zusatz arrives in EspoCRM", lambda: world.in_espocrm(zusatz="c/o Kanzlei am Markt") and world.settled()
    )
    return "zusatz c/o Kanzlei am Markt"


def merge(world: World) -> str:
    world.clerk.change(world.bet_nr, titel="Prof. Dr.")
    world.anna.change(world.record_id, vorname="Anne-Margret")

    def merged() -> bool:
        both = {"titel": "Prof. Dr.", "vorname": "Anne-Margret"}
        return world.in_advoware(**both) and world.in_espocrm(**both) and world.settled()

    world.until("each side has the other's edit", merged)
    return "titel from Advoware, vorname from EspoCRM"


def conflict(world: World) -> str:
    world.clerk.change(world.bet_nr, bAnrede="Sehr geehrte Frau Professorin")
    world.anna.change(world.record_id, bAnrede="Liebe Frau Brückner-Özgür")
    wanted = "Liebe Frau Brückner-Özgür"
    world.until(
        "EspoCRM's value is on both sides",
        lambda: world.in_advoware(bAnrede=wanted) and world.in_espocrm(bAnrede=wanted) and world.settled(),
    )
    return "EspoCRM won bAnrede"


def echo(world: World) -> str:
    """Our own write comes back as a webhook, and nobody calls anybody because of it."""
    world.observer.tell("webhooks", deliver="manual")
    time.sleep(QUIET_SECONDS)  # a delivery that had begun would take our edit's webhook along
    try:
        for _try in range(5):
            world.anna.change(world.record_id, zusatz=f"Echo {time.time():.0f}")
            _deliver(world)
            world.until("the edit arrives", world.settled)
            _quiet(world)
            before = world.observer.last_call()
            echoes = _deliver(world)
            time.sleep(LISTEN_SECONDS)
            calls = world.observer.calls(since=before)
            ours = [call for call in calls if _is_ours(world, call)]
            if not ours:
                return f"{echoes} delivered, 0 calls"
            if len(ours) == len(calls):
                raise Unfulfilled(f"the echo cost {len(calls)} calls: {_listed(calls)}")
            # A re-check of all records fell into the listening time: listen again.
        raise Unfulfilled("never quiet enough to listen")
    finally:
        world.observer.tell("webhooks", deliver="auto")


def _deliver(world: World) -> int:
    """Send EspoCRM's pending webhooks now; all of them have to be accepted."""
    answer = world.observer.tell("webhooks/flush")
    if not answer["sent"] or any(status != 202 for status in answer["statuses"]):
        raise Unfulfilled(f"webhooks were not accepted: {answer}")
    return int(answer["sent"])


def _quiet(world: World) -> None:
    """Wait for a pause in which nobody calls about our record; the others are looked at again all the time."""

    def silent() -> bool:
        before = world.observer.last_call()
        time.sleep(QUIET_SECONDS)
        return not any(_is_ours(world, call) for call in world.observer.calls(since=before))

    world.until("a moment of silence", silent)


def _is_ours(world: World, call: Json) -> bool:
    return world.record_id in call["path"] or call["path"].rstrip("/").endswith(f"/Beteiligte/{world.bet_nr}")


def _listed(calls: list[Json]) -> str:
    return ", ".join(f"{call['method']} {call['path']}" for call in calls[:5])


def delete(world: World) -> str:
    before = world.observer.last_call()
    world.anna.delete(world.record_id)

    def seen(method: str, mark: str) -> bool:
        return any(c["method"] == method and mark in c["path"] for c in world.observer.calls(since=before))

    world.until("somebody is told by a Note to delete it in Advoware", lambda: seen("POST", "/Note"))
    written = [
        call
        for call in world.observer.calls(since=before)
        if call["system"] == "advoware" and call["method"] in WRITES and "token" not in call["path"]
    ]
    if written:
        raise Unfulfilled(f"something was written to Advoware: {_listed(written)}")
    world.clerk.read(world.bet_nr)
    return f"betNr {world.bet_nr} is left to a person, who was told"


def announce(world: World) -> None:
    """The earlier system left people behind that look clean: Anna marks them all, as a mass update would.

    Those that were never synced need no mark: the sweep finds them by their status.
    """
    for record in world.anna.all():
        if record.get("syncStatus") == "clean":
            world.anna.change(record["id"], syncStatus="dirty")


def take_over(world: World) -> str:
    announce(world)
    statuses: Counter[str] = Counter()

    def judged() -> bool:
        statuses.clear()
        statuses.update(str(record.get("syncStatus")) for record in world.anna.all())
        return not UNDECIDED & statuses.keys()

    def seen() -> str:
        return ", ".join(f"{count} {status}" for status, count in statuses.most_common())

    try:
        world.until("each of them is clean, or says why not", judged)
    except Unfulfilled as late:
        raise Unfulfilled(f"{late} ({seen()})") from late
    return seen()


def both_sides_equal(world: World) -> str:
    found: dict[str, list[str]] = {}

    def equal() -> bool:
        found.clear()
        found.update(
            {f"{record['id']} / {row['betNr']}": differences(record, row) for record, row in clean_pairs(world)}
        )
        return bool(found) and not any(found.values())

    try:
        world.until("every pair that counts as clean is equal", equal)
    except Unfulfilled as late:
        unequal = "; ".join(f"{pair}: {', '.join(names)}" for pair, names in found.items() if names)
        raise Unfulfilled(f"{late} ({unequal})") from late
    return f"{len(found)} pairs"


def clean_pairs(world: World) -> list[tuple[Json, Json]]:
    state = world.observer.ask("state")
    beteiligte = {int(row["betNr"]): row for row in state["advoware"]}
    return [
        (record, beteiligte[int(record["betnr"])])
        for record in state["espocrm"]
        if record.get("syncStatus") == "clean" and int(record.get("betnr") or 0) in beteiligte
    ]


STEPS = (
    DemoStep("a record made in EspoCRM appears in Advoware", create),
    DemoStep("an edit in EspoCRM arrives in Advoware", edit_in_espocrm),
    DemoStep("an edit in Advoware arrives in EspoCRM", edit_in_advoware),
    DemoStep("edits of different fields on both sides merge", merge),
    DemoStep("an edit of one field on both sides is decided", conflict),
    DemoStep("a number added in EspoCRM (Var1)", contacts.new_in_espocrm),
    DemoStep("a number deleted in EspoCRM (Var2)", contacts.gone_in_espocrm),
    DemoStep("a number changed in EspoCRM (Var5)", contacts.changed_in_espocrm),
    DemoStep("a number added in Advoware (Var4)", contacts.new_in_advoware),
    DemoStep("a number changed in Advoware (Var6)", contacts.changed_in_advoware),
    DemoStep("a number emptied in Advoware (Var3)", contacts.gone_in_advoware),
    DemoStep("an address made in EspoCRM appears in Advoware", children.address_from_espocrm),
    DemoStep("addresses edited in Advoware arrive in EspoCRM", children.address_from_advoware),
    DemoStep("a bank account made in EspoCRM appears in Advoware", children.account_from_espocrm),
    DemoStep("a bank account edited in Advoware arrives", children.account_from_advoware),
    DemoStep("what no program may change becomes a task", children.becomes_a_task),
    DemoStep("the task closes by itself once it is done by hand", children.closes_by_itself),
    DemoStep("another program reads from Advoware", programs.read),
    DemoStep("what its key does not allow is refused", programs.refused),
    DemoStep("what it writes arrives in EspoCRM by itself", programs.written),
    DemoStep("the echo of our own write costs no call", echo),
    DemoStep("a record deleted in EspoCRM becomes a task", delete),
    DemoStep("people who were there before are taken over", take_over),
    DemoStep("both sides are equal", both_sides_equal),
    DemoStep("three employees have their Termine in Google", calendars.side_by_side),
    DemoStep("a Termin moved in Advoware moves in Google", calendars.moved_in_advoware),
    DemoStep("an event moved in Google moves in Advoware", calendars.moved_in_google),
    DemoStep("a series of either side is one on the other", calendars.series),
    DemoStep("deleted in Advoware, gone from Google", calendars.deleted_in_advoware),
    DemoStep("deleted in Google, by who made it", calendars.deleted_in_google),
)
