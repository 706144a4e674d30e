"""Cases of addresses and bank accounts: what has happened, what somebody has to do about it by hand, and how it ends.

Invariant: no sentence holds a value; values stand apart, as facts that pages show under their right.
To extend: the texts are rows of case_texts; a further thing that a case says of both sides is a branch of `facts_of`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from syncapp.core.adressen.shapes import PLACE, SIDE_FACTS, Address
from syncapp.core.child_lists.decisions import ONLY_TOLD, CaseAnswer
from syncapp.core.child_lists.shapes import CaseCode
from syncapp.core.sides import Side
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.models import ChildCase, ChildKind
from syncapp.words import Words
from syncapp.words.child_lists.case_texts import (
    ACCOUNT,
    ADDRESS,
    ANSWERS,
    ASK_NEWER,
    DETAILS,
    ENDS,
    SAY_SO,
    UNKNOWN_TASK,
    CaseText,
)
from syncapp.words.child_lists.labels import KINDS, part_label, part_value

OTHERS: Mapping[str, str] = {side: SYSTEM_NAMES[side.other] for side in Side}


def text_of(kind: str, code: str, row: int = 0) -> CaseText:
    """The text of a case; that of an address where a code knows no kind."""
    if code == CaseCode.change_in_advoware and row == ONLY_TOLD and kind == ChildKind.ADRESSEN:
        return ADDRESS[DETAILS]
    table = ACCOUNT if kind == ChildKind.BANK else ADDRESS
    return table.get(code) or ADDRESS.get(code) or ACCOUNT.get(code) or CaseText(code, UNKNOWN_TASK, ASK_NEWER)


def case_notice(event: str) -> str:
    """What is told to the responsible user in EspoCRM of a case, `case.<kind>.<code>`; "" for another event."""
    case, _sign, what = event.partition(".")
    kind, _dot, code = what.partition(".")
    if case != "case" or kind not in KINDS or code not in CaseCode.__members__:
        return ""
    text = text_of(kind, code)
    told = {"what": KINDS[kind], "name": text.name, "todo": str(text.todo).format(**_sides(""))}
    return _("%(what)s, %(name)s: %(todo)s Advosync shows the task with all that is known.") % told


def _sides(by: str) -> dict[str, str]:
    """The system that refused something, and the one in which it stands."""
    return {"by": SYSTEM_NAMES.get(by) or _("The other system"), "origin": OTHERS.get(by, "EspoCRM")}


@dataclass(frozen=True, slots=True)
class CaseWords:
    """`about`: an address, or a bank account."""

    about: str
    name: str
    what: str
    todo: str
    ends: str


def case_words(case: ChildCase, *, readable: bool = True) -> CaseWords:
    """What happened, what to do and how it ends, in the active language. readable: Advoware's list can be read."""
    text = text_of(case.kind, case.code, case.row)
    params = {
        **_sides(str(case.params.get("by", ""))),
        "field": part_label(str(case.params.get("field") or "")) or _("reason unknown"),
    }
    ends = ENDS.get(case.code, "")
    if not readable and text.blind:
        ends = SAY_SO
    what = str(text.what).format(**params)
    if case.params.get("new") and case.params["new"] == case.params.get("old"):
        what += " " + _("What may be shown of the IBAN is the same: look at the whole of it, at holder, BIC and bank.")
    return CaseWords(
        str(KINDS.get(case.kind, case.kind)),
        str(text.name),
        what,
        str(text.todo).format(**params),
        str(ends),
    )


def logged_case(result: str) -> str:
    """What the operator log keeps of an answer, `bank.allow_post: allow`, in words; the text itself if it is none."""
    what, _sign, answer = result.partition(": ")
    kind, _dot, code = what.partition(".")
    if kind not in KINDS or code not in CaseCode.__members__:
        return result
    told = f"{KINDS[kind]}, {text_of(kind, code).name}"
    return f"{told} → {ANSWERS[CaseAnswer(answer)][0]}" if answer in CaseAnswer.__members__ else told


@dataclass(frozen=True, slots=True)
class CaseFact:
    """One line of what a case is about: what stands in EspoCRM, and what in Advoware. None: not known, or not there."""

    label: str
    espo: str | None
    advo: str | None

    @property
    def differs(self) -> bool:
        return self.espo is not None and self.advo is not None and self.espo != self.advo


# The state of those about which nobody has to do anything; the filter calls them the same.
LISTED_STATES: Mapping[str, Words] = {
    CaseCode.double: gettext_lazy("only shown"),
    CaseCode.waiting: gettext_lazy("waits to be carried"),
}
ICONS: Mapping[str, str] = {ChildKind.ADRESSEN: "home_pin", ChildKind.BANK: "account_balance"}


def icon_of(kind: str) -> str:
    return ICONS.get(kind, "help")


def one_line(case: ChildCase) -> tuple[str | None, str | None]:
    """What stands in EspoCRM and in Advoware, each in one line; None where the case does not say."""
    if case.kind == ChildKind.ADRESSEN and any(name.startswith(("espo_", "advo_")) for name in case.params):
        return _address_line(case, "espo_"), _address_line(case, "advo_")
    facts = facts_of(case)
    espo, advo = ([fact.espo for fact in facts], [fact.advo for fact in facts])
    return _joined(espo), _joined(advo)


def _address_line(case: ChildCase, prefix: str) -> str | None:
    if not any(name.startswith(prefix) for name in case.params):
        return None
    return Address.from_json({name: str(case.params.get(f"{prefix}{name}", "")) for name in PLACE}).line


def _joined(texts: Sequence[str | None]) -> str | None:
    known = [text for text in texts if text is not None]
    return ", ".join(text for text in known if text) if known else None


# Whose values a case tells that names no side: what was deleted in EspoCRM stands in Advoware.
IN_ADVOWARE = frozenset({CaseCode.delete_in_advoware, CaseCode.letter_block})


def facts_of(case: ChildCase) -> tuple[CaseFact, ...]:
    """What stands where, as far as the case says: an address part by part, of an account what may be shown."""
    params = {name: str(value) for name, value in case.params.items()}
    if case.kind == ChildKind.BANK:
        return _account_facts(case.code, params)
    told = [name for name in (*PLACE, *SIDE_FACTS, "anschrift") if _has(params, name)]
    if not any(f"{side}_{name}" in params for side in ("espo", "advo") for name in told):
        return tuple(_fact(part_label(name), part_value(params[name]), case.code in IN_ADVOWARE) for name in told)
    known = [side for side in ("espo", "advo") if any(name.startswith(f"{side}_") for name in params)]
    shown = {side: {name: params.get(f"{side}_{name}", "") for name in told} for side in known}
    return tuple(
        CaseFact(part_label(name), *(shown.get(side, {}).get(name) for side in ("espo", "advo"))) for name in told
    )


def _fact(label: str, value: str, in_advoware: bool) -> CaseFact:
    """What stands on one side alone."""
    return CaseFact(label, None if in_advoware else value, value if in_advoware else None)


def _has(params: Mapping[str, str], name: str) -> bool:
    return any(f"{prefix}{name}" in params for prefix in ("", "espo_", "advo_"))


def _account_facts(code: str, params: Mapping[str, str]) -> tuple[CaseFact, ...]:
    if "new" in params:
        return (CaseFact("IBAN", params["new"], params.get("old")),)
    if "espo" in params or "advo" in params:
        return (CaseFact("IBAN", params.get("espo"), params.get("advo")),)
    if "account" not in params:
        return ()
    in_advoware = code == CaseCode.delete_in_advoware or params.get("by") == Side.espocrm
    return (_fact("IBAN", params["account"], in_advoware),)
