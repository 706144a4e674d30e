"""The parts of documents that are drawn from the program's own tables.

A page holds `<!-- rendered: NAME -->` … `<!-- end -->`; `python manage.py render_docs` fills in what stands between.
Invariant: a block says what the code's table says, in English. To extend: a function and its row of BLOCKS.
"""

import re
import tomllib
from argparse import Action, ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from string import Formatter

from django.core.management import load_command_class
from django.utils import translation

from advosync_project.calendar_blocks import CALENDAR_BLOCKS
from advosync_project.child_blocks import CHILD_BLOCKS
from advosync_project.declarations import SETTINGS
from advosync_project.spellings import groups
from advosync_project.tables import NOTHING, table, table_of
from syncapp.core.beteiligte.field_table import MAPPING, NOT_SYNCED
from syncapp.core.faults.errors import KINDS, WAITS_FOR_PERSON, Opens
from syncapp.core.kommunikation.kinds import EMAIL_KOMM_KZ, KOMM_KINDS, TYPE_TO_KOMM_KZ
from syncapp.core.kommunikation.plan import STAGES
from syncapp.core.proxy.codes import Code
from syncapp.core.proxy.resources import RESOURCES
from syncapp.core.states import EVERY, TRANSITIONS, Keep, Status
from syncapp.models import StatusChoice
from syncapp.operations.actions import ACTIONS
from syncapp.operations.alerts.rules import RULES
from syncapp.operations.onboarding.entity import BOOKKEEPING_FIELDS
from syncapp.operations.onboarding.espocrm import ROLE
from syncapp.remotes.advoware.quirks import OPEN_QUESTIONS
from syncapp.remotes.registry import QUIRKS
from syncapp.words import sentences
from syncapp.words.doctor.faults import FAULTS
from syncapp.words.monitoring.drift import REASONS
from syncapp.words.proxy import CODES as PROXY_CODES
from syncapp.words.proxy import REPEATS as PROXY_REPEATS

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- rendered: (?P<name>[\w.]+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)


def filled(page: str) -> str:
    """The page's text with every block drawn anew."""

    def draw(found: re.Match[str]) -> str:
        with translation.override("en"):
            return f"{found[1]}{BLOCKS[found['name']]()}\n{found[4]}"

    return BLOCK.sub(draw, (ROOT / page).read_text())


# --- states and errors


def statuses() -> str:
    return table(("status", "what it means"), ((f"`{row.value}`", row.label) for row in StatusChoice))


def transitions() -> str:
    rows = []
    for row in TRANSITIONS:
        sources = "any" if row.sources == EVERY else ", ".join(f"`{s}`" for s in Status if s in row.sources)
        target = KEEPS[row.target] if isinstance(row.target, Keep) else f"`{row.target}`"
        rows.append((sources, f"`{row.event}`", target, row.cause))
    return table(("from", "event", "to", "because"), rows)


KEEPS = {Keep.PRESENT: "as it is", Keep.BEFORE: "what it was before the run"}
OPENS = {Opens.NOTHING: "–", Opens.AFTER_FIVE: "after several in a row", Opens.AT_ONCE: "at once"}


def kinds() -> str:
    rows = (
        (f"`{row.kind}`", sentences.KINDS[row.kind].meaning, sentences.THEN[row.then], OPENS[row.opens])
        for row in KINDS.values()
    )
    return table(("kind", "what it means", "then", "opens the breaker"), rows)


def kind_cures() -> str:
    rows = ((f"`{kind}`", row.meaning, row.cause, row.advice) for kind, row in sentences.KINDS.items())
    return table(("kind", "symptom", "likely cause", "cure"), rows)


def waits_for_person() -> str:
    return ", ".join(f"`{kind}`" for kind in sorted(WAITS_FOR_PERSON))


# --- decisions that stand in docstrings as tables


def stages() -> str:
    rows = ((number, _first_line(one.__doc__)) for number, one in enumerate(STAGES, start=1))
    return table(("stage", "what it settles"), rows)


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0] if text else ""


# --- fields


def mapping() -> str:
    rows = (
        (
            f"`{row.key}`",
            row.english,
            row.max_length or NOTHING,
            " or ".join(f"`{name}`" for name in row.espo_plain),
            " or ".join(f"`{name}`" for name in row.espo_person),
            row.kind,
            row.group,
            ", ".join(
                word
                for word, holds in (("required", row.required), ("natural persons only", row.natural_person_only))
                if holds
            )
            or NOTHING,
        )
        for row in MAPPING
    )
    head = (
        "Advoware",
        "meaning",
        "longest",
        "EspoCRM, plain entity",
        "EspoCRM, Person entity",
        "kind",
        "group",
        "notes",
    )
    return table(head, rows)


def not_synced() -> str:
    return ", ".join(f"`{name}`" for name in NOT_SYNCED)


def bookkeeping() -> str:
    rows = ((f"`{row.name}`", row.types[0], row.length or NOTHING, WHAT_FOR[row.name]) for row in BOOKKEEPING_FIELDS)
    return table(("field in EspoCRM", "type", "at least", "what it shows"), rows)


def role() -> str:
    return table(
        ("scope or permission", "level", "why"), ((scope, level, why or NOTHING) for scope, level, why in ROLE)
    )


WHAT_FOR = {
    "betnr": "the number in Advoware; changing it by hand links the record to another Beteiligter",
    "syncStatus": "the status; setting it to `dirty` or `pending_sync` by hand means: sync now",
    "advowareLastSync": "when the last sync took place (UTC)",
    "advowareRowId": "Advoware's rowId after it",
    "kommunikationHash": "a fingerprint of the contact points in Advoware",
    "syncRetryCount": "failed attempts",
    "syncNextRetry": "when the next one follows",
    "syncAutoResetAt": "when a record that was given up is tried again",
    "syncErrorMessage": "what went wrong and what to do",
}


def komm_kz() -> str:
    back = {number: name for name, number in TYPE_TO_KOMM_KZ.items()}
    rows = (
        (
            kind.komm_kz,
            kind.name,
            f"phone, {kind.espo_type}" if kind.espo_type else "e-mail, if the value is an address",
            f"new entries of type {back[kind.komm_kz]}" if kind.komm_kz in back else _new_email(kind.komm_kz),
            kind.note or NOTHING,
        )
        for kind in KOMM_KINDS
    )
    return table(("kommKz", "name", "in EspoCRM", "from EspoCRM", "notes"), rows)


def _new_email(komm_kz: int) -> str:
    return "new e-mail addresses" if komm_kz == EMAIL_KOMM_KZ else NOTHING


# --- the remote systems


def quirks_of(system: str) -> Callable[[], str]:
    def draw() -> str:
        rows = ((row.what, row.ours, row.known_from) for row in QUIRKS if row.system == system)
        return table(("what it does", "what is done about it", "known from"), rows)

    return draw


def unknown_of_advoware() -> str:
    return table(("unknown", "what carries it"), ((row.what, row.carried_by) for row in OPEN_QUESTIONS))


# --- commands, acts, checks


def commands() -> str:
    rows = []
    for name in own_commands():
        command = load_command_class("syncapp", name)
        parser = command.create_parser("manage.py", name)
        options = dict.fromkeys(
            action.option_strings[0]
            for action in _actions(parser)
            if action.option_strings and action.option_strings[0] not in COMMON and action.help != "==SUPPRESS=="
        )
        what = " ".join(command.help.split())
        rows.append((f"`{name}`", what, " ".join(f"`{option}`" for option in options) or NOTHING))
    return table(("command", "what it does", "options"), rows)


def _actions(parser: ArgumentParser) -> Iterator[Action]:
    """Of a command, and of its verbs."""
    for action in parser._actions:
        yield action
        for verb in action.choices.values() if isinstance(action.choices, dict) else ():
            yield from _actions(verb)


COMMON = frozenset({"-h", "--version", "-v", "--settings", "--pythonpath", "--traceback", "--no-color", "--force-color",
                    "--skip-checks"})  # fmt: skip


def own_commands() -> list[str]:
    return sorted(path.stem for path in (ROOT / "syncapp/management/commands").glob("[a-z]*.py"))


def actions() -> str:
    names = {
        act.code: f"{act.label}, or {act.words.again[0]}" if act.words.again else act.label for act in ACTIONS.values()
    }
    rows = ((f"`{code}`", names[code], act.explanation, f"`{act.permission}`") for code, act in ACTIONS.items())
    return table(("act", "button", "what happens", "right"), rows)


def doctor_faults() -> str:
    rows = ((row.light, _unfilled(row.what), _unfilled(row.cause), _unfilled(row.cure)) for row in FAULTS.values())
    return table(("light", "what doctor says", "cause", "cure"), rows)


def _unfilled(text: object) -> str:
    return re.sub(r"%\((\w+)\)s", r"⟨\1⟩", str(text))


def drift_reasons() -> str:
    rows = ((f"`{name}`", "yes" if row.expected else "**no**", row.words) for name, row in REASONS.items())
    return table(("reason", "expected", "what it means"), rows)


# --- alerts


def alert_rules() -> str:
    defaults = {name: setting.default for name, setting in SETTINGS.items()}
    rows = (
        (
            f"`{rule.code}`",
            rule.when.format_map(defaults),
            ", ".join(f"`{name}`" for _text, name, _spec, _turn in Formatter().parse(rule.when) if name) or NOTHING,
            f"`{rule.prometheus}`" if rule.prometheus else NOTHING,
        )
        for rule in RULES
    )
    return table(("rule", "broken when", "setting", "for Prometheus"), rows)


# --- the proxy


def proxy_resources() -> str:
    rows = ((f"`{row.template}`", ", ".join(row.methods), row.note) for row in RESOURCES)
    return table(("resource", "methods", "what it is"), rows)


def proxy_codes() -> str:
    rows = (
        (f"`{code}`", code.status or "Advoware's own", PROXY_CODES[code].meaning, PROXY_REPEATS[code.repeat])
        for code in Code
    )
    return table(("code", "status", "what happened", "what to do"), rows)


# --- architecture


def layers() -> str:
    """Mermaid, from the contracts that `make lint` holds."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    found = next(contract for contract in contracts if contract["type"] == "layers")
    rows = [[part.strip() for part in re.split("[:|]", layer)] for layer in found["layers"]]
    lines = ["```mermaid", "flowchart TD"]
    for number, row in enumerate(rows):
        lines.append(f"    subgraph layer{number}[ ]")
        lines += [f'        {_node(name)}["{name}"]' for name in row]
        lines.append("    end")
    lines += [f"    layer{number} --> layer{number + 1}" for number in range(len(rows) - 1)]
    return "\n".join([*lines, "```"])


def _node(module: str) -> str:
    return module.replace(".", "_")


def contracts() -> str:
    found = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return "\n".join(f"* {contract['name']}." for contract in found)


def spellings() -> str:
    return "\n\n".join(f"## {title}\n\n{table(head, rows)}" for title, head, rows in groups())


BLOCKS: Mapping[str, Callable[[], str]] = {
    "statuses": statuses,
    "spellings": spellings,
    "transitions": transitions,
    "kinds": kinds,
    "kind_cures": kind_cures,
    "waits_for_person": waits_for_person,
    "merge_with_base": table_of("syncapp.core.three_way_merge", number=0),
    "merge_without_base": table_of("syncapp.core.three_way_merge", number=1),
    "no_base_espocrm": table_of("syncapp.core.beteiligte.no_base", number=0),
    "no_base_advoware": table_of("syncapp.core.beteiligte.no_base", number=1),
    "echoes": table_of("syncapp.core.echoes"),
    "guards": table_of("syncapp.core.guards"),
    "lease": table_of("syncapp.engine.rows.lease"),
    "failures": table_of("syncapp.core.faults.retry", "after_failure"),
    "stages": stages,
    **CHILD_BLOCKS,
    "mapping": mapping,
    "not_synced": not_synced,
    "bookkeeping": bookkeeping,
    "role": role,
    "komm_kz": komm_kz,
    "quirks_espocrm": quirks_of("espocrm"),
    "quirks_advoware": quirks_of("advoware"),
    "unknown_of_advoware": unknown_of_advoware,
    "quirks_google_calendar": quirks_of("google_calendar"),
    **CALENDAR_BLOCKS,
    "commands": commands,
    "actions": actions,
    "doctor": doctor_faults,
    "drift": drift_reasons,
    "alert_rules": alert_rules,
    "proxy_resources": proxy_resources,
    "proxy_codes": proxy_codes,
    "proxy_paths": table_of("syncapp.core.proxy.paths"),
    "proxy_fixed": table_of("syncapp.core.proxy.grants"),
    "proxy_answers": table_of("syncapp.proxy.answers"),
    "proxy_repetitions": table_of("syncapp.proxy.repetitions"),
    "layers": layers,
    "contracts": contracts,
}
