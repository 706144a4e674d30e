"""What a key may: rows of methods, a template of the resource table, and values that are fixed.

| the caller gives | with a grant that fixes `kuerzel=SB` |
| --- | --- |
| no `kuerzel` | `kuerzel=SB` is added |
| `kuerzel=SB` | goes on as it is |
| another `kuerzel`, or the name in another case | refused |
| `frnr` (one object) | only if the object, read first, is SB's; a PUT must not give it away |
| a new object | only one that is SB's |
| `DELETE Termine/7` (the number in the path) | the same as `frnr`, where such a row is offered |
| something that `kuerzel` limits nowhere, such as `Beteiligte/7` | refused; no such key is made |

Invariant: nothing is allowed but by a grant; a limit can only be narrowed by what the caller gives. Where an owner is
fixed, parameters that the table does not know are refused, since nobody knows what Advoware makes of them. A fixed
value that nothing would keep the caller to opens nothing, also in a key that was made before that was known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.proxy.paths import MAX_VALUE, PARAMETER, Pairs
from syncapp.core.proxy.resources import EVERYTHING, OWNED, READS, Owner, Resource, read_row

# Grants for addresses of ours that are no row of Advoware's API.
CALENDAR_SYNC = "calendar:sync"
OWN_ADDRESSES = frozenset({CALENDAR_SYNC})
# What is about an owner, in whatever spelling: laid over some other list, it would be ignored there.
OWNERS_NAMES = frozenset(name for owner in OWNED.values() for name in (owner.parameter, owner.key, owner.single))


@dataclass(frozen=True, slots=True)
class Grant:
    """One row. An address of ours has its word as template, and no methods."""

    methods: tuple[str, ...]
    template: str
    fixed: Pairs = ()

    def __str__(self) -> str:
        words = ["+".join(self.methods), self.template, *(f"{name}={value}" for name, value in self.fixed)]
        return " ".join(word for word in words if word)


class OwnerCheck(StrEnum):
    """What has to be looked at before or after the call, where an owner is fixed."""

    NOTHING = "nothing"
    ANSWER = "answer"  # the object read has to be the owner's
    BEFORE = "before"  # the object has to be read first, and to be the owner's


@dataclass(frozen=True, slots=True)
class Permit:
    """What goes out, and what else has to hold. `owner` and `whose` are set unless `check` is NOTHING."""

    parameters: Pairs
    check: OwnerCheck = OwnerCheck.NOTHING
    owner: Owner | None = None
    whose: str = ""
    single: str = ""


def parse_grant(text: str) -> Grant:
    """`GET Termine kuerzel=SB`, `GET+PUT Beteiligte/{int}`, `calendar:sync`; ValueError says what is wrong."""
    words = text.split()
    if words and words[0] in OWN_ADDRESSES:
        if len(words) > 1:
            raise ValueError(f"{words[0]} stands alone")
        return Grant((), words[0])
    methods, template = read_row(" ".join(words[:2]))
    fixed = tuple(_fixed(word) for word in words[2:])
    if len(dict(fixed)) != len(fixed):
        raise ValueError("a value is fixed twice")
    return Grant(methods, template, fixed)


def _fixed(word: str) -> tuple[str, str]:
    name, sign, value = word.partition("=")
    if not sign or not PARAMETER.fullmatch(name) or not 1 <= len(value) <= MAX_VALUE:
        raise ValueError("a fixed value is name=value, such as kuerzel=SB")
    return name, value


def fitting(grants: Iterable[Grant], *, method: str, resource: Resource) -> list[Grant]:
    """The grants that are about this method of this row at all."""
    found = [row for row in grants if method in row.methods and row.template in (resource.template, EVERYTHING)]
    if not found:
        raise ProxyRefusal(Code.NOT_GRANTED)
    return found


def unenforced(grant: Grant, *, method: str, resource: Resource) -> tuple[str, ...]:
    """The fixed names that would limit nothing at this method of this row."""
    return tuple(name for name, _value in grant.fixed if not _limits(name, method, resource))


def fixed_in_vain(grant: Grant, table: Iterable[Resource]) -> tuple[str, ...]:
    """The fixed names that limit nothing at one of the grant's own methods, so that it opens nothing there."""
    rows = [row for row in table if row.template == grant.template]
    everything = Resource(EVERYTHING, grant.methods)
    found: dict[str, None] = {}
    for method in grant.methods:
        row = next((row for row in rows if method in row.methods), everything)
        found.update(dict.fromkeys(unenforced(grant, method=method, resource=row)))
    return tuple(found)


def _limits(name: str, method: str, resource: Resource) -> bool:
    """An owner is looked at in the object; other values are laid over the query, where Advoware has to honour them."""
    if resource.owner is not None and name == resource.owner.parameter:
        return True
    if resource.parameters:
        return method in READS and name in resource.parameters
    return name.lower() not in OWNERS_NAMES


def permit(
    grants: Iterable[Grant],
    *,
    method: str,
    resource: Resource,
    parameters: Pairs,
    body: object,
    ids: tuple[str, ...] = (),
) -> Permit:
    """What a key's grants make of a request; the widest that fits counts. `ids`: what stood in the row's blanks."""
    refusal = ProxyRefusal(Code.NOT_GRANTED)
    for grant in sorted(fitting(grants, method=method, resource=resource), key=lambda row: len(row.fixed)):
        try:
            return _under(grant, method, resource, parameters, body, ids)
        except ProxyRefusal as why:
            refusal = why
    raise refusal


def _under(
    grant: Grant, method: str, resource: Resource, parameters: Pairs, body: object, ids: tuple[str, ...]
) -> Permit:
    missing = unenforced(grant, method=method, resource=resource)
    if missing:
        hint = f"{missing[0]} is fixed for this key and would limit nothing here: it needs a new key"
        raise ProxyRefusal(Code.NOT_GRANTED, hint)
    fixed = dict(grant.fixed)
    laid_over = _laid_over(grant.fixed, parameters)
    owner = resource.owner
    if owner is None or owner.parameter not in fixed:
        return Permit(laid_over)
    known = resource.parameters or (owner.parameter, owner.single)
    if {name for name, _value in parameters} - set(known):
        raise ProxyRefusal(Code.FIXED_VALUE, f"known parameters: {', '.join(known)}")
    whose = fixed[owner.parameter]
    single = _single(owner, laid_over, body, ids)
    if method == "POST" and single:
        raise ProxyRefusal(Code.FIXED_VALUE, f"a new object has no {owner.single}")
    if method == "POST":
        _keeps_owner(owner, whose, body)
        return Permit(laid_over)
    if method == "GET":
        return Permit(laid_over, OwnerCheck.ANSWER if single else OwnerCheck.NOTHING, owner, whose, single)
    if not single:
        raise ProxyRefusal(Code.FIXED_VALUE, f"{owner.single} is needed: this key may change single objects only")
    if body is not None:
        _keeps_owner(owner, whose, body)
    return Permit(laid_over, OwnerCheck.BEFORE, owner, whose, single)


def _laid_over(fixed: Pairs, parameters: Pairs) -> Pairs:
    wanted = {name.lower(): (name, value) for name, value in fixed}
    for name, value in parameters:
        if name.lower() in wanted and wanted[name.lower()] != (name, value):
            raise ProxyRefusal(Code.FIXED_VALUE, f"{wanted[name.lower()][0]} is fixed for this key")
    given = {name for name, _value in parameters}
    return (*parameters, *((name, value) for name, value in fixed if name not in given))


def _single(owner: Owner, parameters: Pairs, body: object, ids: tuple[str, ...]) -> str:
    """Which one object is meant, by the path, the query or the body; all have to mean the same."""
    named = {*ids, *(value for name, value in parameters if name == owner.single)}
    if isinstance(body, Mapping):
        named |= {str(value) for name, value in body.items() if name.lower() == owner.single and value is not None}
    if len(named) > 1 or "" in named:
        raise ProxyRefusal(Code.FIXED_VALUE, f"{owner.single} is given twice with two values, or is empty")
    return next(iter(named), "")


def _keeps_owner(owner: Owner, whose: str, body: object) -> None:
    """Any write is of the whole object: one without its owner, or with another one, would give it away."""
    if not isinstance(body, Mapping) or _owners(owner, body) != {whose}:
        raise ProxyRefusal(Code.FIXED_VALUE, f"{owner.key} is fixed for this key")


def _owners(owner: Owner, held: Mapping[str, object]) -> set[str]:
    return {str(value).strip() for name, value in held.items() if name.lower() == owner.key}


def belongs(permitted: Permit, answer: object) -> bool:
    """Whether what was read is the one object asked for, and the owner's."""
    owner = permitted.owner
    held = answer[0] if isinstance(answer, list) and len(answer) == 1 else answer
    if owner is None or not isinstance(held, Mapping):
        return False
    numbers = {str(value) for name, value in held.items() if name.lower() == owner.single}
    return numbers == {permitted.single} and _owners(owner, held) == {permitted.whose}
