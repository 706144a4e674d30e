"""Structured logs: JSON lines in production, readable lines while developing; the standard library's loggers too.

Invariant: what is bound with structlog's context variables (request, job, record) stands on every line. Nothing
here knows bodies, values or tokens; whoever logs passes ids, field names and counts. In production a traceback comes
without the messages of its exceptions, which quote values.
"""

import logging.config
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, ExcInfo, Processor

from syncapp.core.faults.tracebacks import without_values


def _without_requests(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Django hangs the whole request on its records; its headers and body are nobody's business here."""
    event.pop("request", None)
    return event


SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.stdlib.ExtraAdder(),
    _without_requests,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configuration(*, level: str, readable: bool) -> dict[str, Any]:
    """A `LOGGING` dictionary with one handler, on stderr."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last(readable)],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Their INFO lines repeat, once a minute and more, what the history rows say better.
            "rq": {"level": "WARNING"},
            "rq_scheduler": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
            "urllib3": {"level": "INFO"},
            # A refusal is an answer; it is counted where it is given.
            "django.request": {"level": "ERROR"},
        },
    }


def _last(readable: bool) -> tuple[Processor, ...]:
    if readable:
        # Plain tracebacks: the pretty ones print local variables, which hold names and tokens.
        plain = structlog.dev.plain_traceback
        return (structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain),)
    return (structlog.processors.ExceptionRenderer(_traceback), structlog.processors.JSONRenderer())


def _traceback(exc_info: ExcInfo) -> str:
    return without_values(exc_info[1])


def configure(settings: dict[str, Any]) -> None:
    """Install the configuration for both kinds of logger."""
    logging.config.dictConfig(settings)
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
