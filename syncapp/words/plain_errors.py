"""What went wrong outside a run, in words: for commands and pages, which know nothing of the remote clients.

Invariant: the text is fit for people: what happened and what to do, never a value, a key or a token.
To extend: a further kind of trouble is one more `except` in `in_words`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from syncapp.core.beteiligte.field_table import FieldMapError
from syncapp.engine.runs.failures import classify
from syncapp.remotes.http.errors import RemoteError
from syncapp.words import sentences as texts


class PlainError(Exception):
    """Something cannot be done; the text says why and what to do. field: what of a form has to be put right."""

    def __init__(self, text: object = "", *, field: str = "") -> None:
        super().__init__(text)
        self.field = field


@contextmanager
def in_words() -> Iterator[None]:
    """Errors of the remote systems and of the settings, as sentences."""
    try:
        yield
    except RemoteError as error:
        raise PlainError(remote_sentence(error)) from error
    except FieldMapError as error:
        raise PlainError(f"ESPOCRM_FIELD_MAP or ESPOCRM_VALUE_MAP: {error}") from error


def remote_sentence(error: RemoteError) -> str:
    return texts.sentence(classify(error).fault)
