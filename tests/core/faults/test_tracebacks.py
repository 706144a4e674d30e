"""What is kept of an exception: places and kinds, no messages that may quote a value."""

from syncapp.core.faults.tracebacks import without_values


class RemoteError(Exception):
    """Known by its name to quote nothing."""


class NotFound(RemoteError):
    """So its children do not either."""


def raised(error: Exception, cause: Exception | None = None) -> str:
    try:
        raise error from cause
    except Exception as caught:
        return without_values(caught)


def test_message_is_left_out() -> None:
    assert raised(ValueError("Geheimrat")).splitlines()[-1] == "ValueError"
    assert "Geheimrat" not in raised(ValueError("Geheimrat"))


def test_place_is_told() -> None:
    assert "test_tracebacks.py:" in raised(ValueError("Geheimrat"))


def test_message_of_a_class_that_quotes_nothing_is_kept_on_one_line() -> None:
    assert raised(NotFound("no\nanswer")).splitlines()[-1] == "NotFound: no answer"


def test_cause_comes_first_and_without_its_message_too() -> None:
    text = raised(RuntimeError("second"), KeyError("Geheimrat"))
    assert text.index("KeyError") < text.index("RuntimeError")
    assert "Geheimrat" not in text


def test_chain_that_bites_its_tail_ends() -> None:
    first, second = ValueError(), TypeError()
    first.__cause__, second.__cause__ = second, first
    assert without_values(first).split() == ["TypeError", "ValueError"]
