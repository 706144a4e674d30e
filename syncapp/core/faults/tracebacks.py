"""A traceback that may be kept: where it happened and what kind of error it was.

Invariant: the message of an exception is left out, since messages quote values, unless its class is known to quote
none. Source lines and local variables are never in it.
To extend: a class whose messages hold nothing of a person is a name in MESSAGES_KEPT.
"""

import traceback

# By name, also of any ancestor: this room knows neither Django nor Redis nor our clients.
MESSAGES_KEPT = frozenset(
    {
        *("RemoteError", "OperationalError", "RedisError", "ImproperlyConfigured"),
        *("ImportError", "NameError", "AttributeError", "TemplateDoesNotExist"),
    }
)


def without_values(error: BaseException) -> str:
    """The error and what it came from, the first cause first; the last line says the kind of error."""
    seen: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in seen:
        seen.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "\n\n".join(_one(link) for link in reversed(seen))


def _one(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return "\n".join([*lines, _said(error)])


def _said(error: BaseException) -> str:
    names = {ancestor.__name__ for ancestor in type(error).__mro__}
    text = " ".join(str(error).split()) if names & MESSAGES_KEPT else ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
