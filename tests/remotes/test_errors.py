"""The tree in errors.py is what its docstring draws, and an error's text is fit for a log."""

import inspect
import re

import pytest

from syncapp.remotes.http import errors

CLASSES = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and issubclass(value, errors.RemoteError) and value is not errors.RemoteError
]


def drawn() -> dict[str, str]:
    rows = re.findall(r"[|`]-- (\w+)\s+(\w+)\s", errors.__doc__ or "")
    return dict(rows)


def test_docstring_draws_every_class_with_its_kind() -> None:
    assert drawn() == {cls.__name__: cls.kind for cls in CLASSES}


@pytest.mark.parametrize("cls", CLASSES)
def test_text_says_what_happened_and_keeps_the_detail_to_itself(cls: type[errors.RemoteError]) -> None:
    error = cls("No read access.", system="espocrm", operation="GET CBeteiligte/{id}", status=403, detail="Max Müller")
    assert str(error) == "espocrm GET CBeteiligte/{id}: status 403, No read access."
    assert "Müller" not in repr(error)
    assert error.kind == cls.kind


def test_text_without_status_and_with_hint() -> None:
    error = errors.NotSent("connection refused", system="advoware", operation="GET x", hint="is it running?")
    assert str(error) == "advoware GET x: no answer, connection refused (is it running?)"
    assert error.retry_after is None


def test_version_conflict_is_not_a_sign_of_a_sick_system() -> None:
    assert not issubclass(errors.VersionConflict, errors.Transient)
    assert issubclass(errors.NotSent, errors.Transient)
    assert issubclass(errors.OutcomeUnknown, errors.Transient)
