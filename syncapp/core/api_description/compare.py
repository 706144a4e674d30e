"""An assumption about a call, held against what the document describes.

Purpose: what a client relies on without having seen it becomes a list that somebody who has the vendor's document can
check in a minute.
Invariant: confirmed only what the document says itself; a thing that it does not mention is "not described", which is
no contradiction. To extend: a further thing to compare is an Aspect and a branch of `_of_call`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from syncapp.core.api_description.document import DescribedCall, DescribedField, Description, FieldType


class Agreement(StrEnum):
    confirmed = "confirmed"
    contradicted = "contradicted"
    not_described = "not_described"


class Aspect(StrEnum):
    """What a line is about; each has its sentence where people read it."""

    call = "call"
    method_missing = "method_missing"
    path_spelling = "path_spelling"
    unexpected_method = "unexpected_method"
    parameter = "parameter"
    parameter_elsewhere = "parameter_elsewhere"
    field = "field"
    field_missing = "field_missing"
    field_spelling = "field_spelling"
    field_type = "field_type"
    field_length = "field_length"
    field_bounded = "field_bounded"
    no_fields = "no_fields"


@dataclass(frozen=True)
class AssumedField:
    """`longest`: the most that is ever sent of it. optional: the client does without it."""

    name: str
    type: FieldType = FieldType.text
    longest: int | None = None
    optional: bool = False


@dataclass(frozen=True)
class AssumedCall:
    """`path`: a template, names in braces. never: this call is expected not to exist.

    shows: fields of the answer; within: the key of a list in it that they stand in.
    """

    method: str
    path: str
    sends: tuple[AssumedField, ...] = ()
    shows: tuple[AssumedField, ...] = ()
    within: str = ""
    query: tuple[str, ...] = ()
    never: bool = False

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class ApiFinding:
    """One line. `params`: what its sentence names."""

    call: str
    agreement: Agreement
    aspect: Aspect
    params: Mapping[str, object] = field(default_factory=dict)


def compare(assumed: Iterable[AssumedCall], description: Description) -> tuple[ApiFinding, ...]:
    return tuple(finding for one in assumed for finding in _of_call(one, description))


def find(method: str, path: str, description: Description) -> DescribedCall | None:
    """The call as described, whatever its base and its capitals."""
    fitting = [one for one in description.calls if one.method == method and _fits(path, one.path)]
    return min(fitting, key=lambda one: (not _fits(path, one.path, exactly=True), len(one.path)), default=None)


def _of_call(assumed: AssumedCall, description: Description) -> Iterator[ApiFinding]:
    described = find(assumed.method, assumed.path, description)
    if described is None:
        yield _absent(assumed, description)
        return
    if assumed.never:
        yield ApiFinding(assumed.name, Agreement.contradicted, Aspect.unexpected_method, {"path": described.path})
        return
    if _fits(assumed.path, described.path, exactly=True):
        yield ApiFinding(assumed.name, Agreement.confirmed, Aspect.call, {"path": described.path})
    else:
        yield ApiFinding(assumed.name, Agreement.contradicted, Aspect.path_spelling, {"path": described.path})
    yield from _parameters(assumed, described)
    yield from _fields(assumed.name, assumed.sends, described.body, sent=True)
    answers = _within(described.answers, assumed.within)
    yield from _fields(assumed.name, assumed.shows, answers, sent=False)


def _absent(assumed: AssumedCall, description: Description) -> ApiFinding:
    others = sorted({one.method for one in description.calls if _fits(assumed.path, one.path)})
    if assumed.never:
        agreement = Agreement.confirmed if others else Agreement.not_described
        return ApiFinding(assumed.name, agreement, Aspect.call, {"path": assumed.path})
    if others:
        params = {"path": assumed.path, "methods": ", ".join(others)}
        return ApiFinding(assumed.name, Agreement.contradicted, Aspect.method_missing, params)
    return ApiFinding(assumed.name, Agreement.not_described, Aspect.call, {"path": assumed.path})


def _fits(assumed: str, described: str, *, exactly: bool = False) -> bool:
    """Whether the described path ends in the assumed one, blanks standing for blanks."""

    def segments(path: str) -> list[str]:
        parts = [part for part in path.split("/") if part]
        return ["{}" if part.startswith("{") else part if exactly else part.casefold() for part in parts]

    wanted, found = segments(assumed), segments(described)
    # A shorter list of blanks must not be taken for a longer path's end: what stands before may only be a base.
    before = found[: len(found) - len(wanted)]
    return found[len(before) :] == wanted and "{}" not in before


def _parameters(assumed: AssumedCall, described: DescribedCall) -> Iterator[ApiFinding]:
    for name in assumed.query:
        where = described.parameters.get(name)
        params = {"name": name, "where": where or ""}
        if where == "query":
            yield ApiFinding(assumed.name, Agreement.confirmed, Aspect.parameter, params)
        elif where is not None:
            yield ApiFinding(assumed.name, Agreement.contradicted, Aspect.parameter_elsewhere, params)
        else:
            like = next((one for one in described.parameters if one.casefold() == name.casefold()), None)
            agreement = Agreement.contradicted if like else Agreement.not_described
            yield ApiFinding(assumed.name, agreement, Aspect.parameter, {**params, "where": like or ""})


def _within(answer: DescribedField | None, key: str) -> DescribedField | None:
    if answer is None or not key:
        return answer
    return next((one for name, one in answer.fields.items() if name.casefold() == key.casefold()), None)


def _fields(
    call: str, wanted: Iterable[AssumedField], described: DescribedField | None, *, sent: bool
) -> Iterator[ApiFinding]:
    wanted = tuple(wanted)
    if not wanted:
        return
    if described is None or not described.fields:
        yield ApiFinding(call, Agreement.not_described, Aspect.no_fields, {"sent": sent})
        return
    for one in wanted:
        yield _field(call, one, described.fields, sent=sent)


def _field(call: str, wanted: AssumedField, described: Mapping[str, DescribedField], *, sent: bool) -> ApiFinding:
    spelled = next((name for name in described if name.casefold() == wanted.name.casefold()), None)
    params: dict[str, object] = {"field": wanted.name, "sent": sent}
    if spelled is None:
        agreement = Agreement.not_described if wanted.optional else Agreement.contradicted
        return ApiFinding(call, agreement, Aspect.field_missing, params)
    found = described[spelled]
    if found.type not in (wanted.type, FieldType.unknown):
        params |= {"assumed": str(wanted.type), "described": str(found.type)}
        return ApiFinding(call, Agreement.contradicted, Aspect.field_type, params)
    if sent and wanted.longest and found.longest is not None and found.longest < wanted.longest:
        params |= {"assumed": wanted.longest, "described": found.longest}
        return ApiFinding(call, Agreement.contradicted, Aspect.field_length, params)
    if spelled != wanted.name:
        return ApiFinding(call, Agreement.contradicted, Aspect.field_spelling, {**params, "described": spelled})
    if sent and found.longest is not None:
        return ApiFinding(call, Agreement.confirmed, Aspect.field_bounded, {**params, "described": found.longest})
    return ApiFinding(call, Agreement.confirmed, Aspect.field, params)
