"""Log lines: JSON in production, readable while developing, with what was bound, without what is nobody's business."""

import io
import json
import logging
import logging.config

import pytest
import structlog
from django.db import OperationalError

from advosync_project import logs


@pytest.fixture(params=[False, True], ids=["json", "readable"])
def lines(request: pytest.FixtureRequest):
    """A logger of its own with the product's formatter, and what it wrote."""
    out = io.StringIO()
    formatter = logs.configuration(level="INFO", readable=request.param)["formatters"]["lines"].copy()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter.pop("()")(**formatter))
    log = logging.Logger("advosync.test")
    log.addHandler(handler)
    return log, out, request.param


def test_line_carries_event_extras_and_bound_values(lines):
    log, out, readable = lines
    with structlog.contextvars.bound_contextvars(record_id=7):
        log.warning("redis_away", extra={"step": "lock"})
    if readable:
        assert "redis_away" in out.getvalue()
        return
    line = json.loads(out.getvalue())
    assert line["event"] == "redis_away"
    assert (line["step"], line["record_id"], line["level"]) == ("lock", 7, "warning")


def test_request_object_is_left_out(lines):
    log, out, _readable = lines
    log.error("refused", extra={"request": "<WSGIRequest: GET '/?name=Müller'>"})
    assert "Müller" not in out.getvalue()


def test_traceback_shows_no_local_values_and_is_one_json_line(lines):
    log, out, readable = lines
    token = "secret-" + "token"
    try:
        raise ValueError(len(token))
    except ValueError:
        log.exception("it broke")
    assert "secret-token" not in out.getvalue()
    if not readable:
        assert json.loads(out.getvalue())["exception"].endswith("\nValueError")


def test_traceback_in_production_quotes_no_message_that_may_hold_a_value(lines):
    log, out, readable = lines
    try:
        try:
            int("Lüdenscheidt")
        except ValueError as error:
            raise KeyError("Geheimrat") from error
    except KeyError:
        log.exception("it broke")
    if readable:
        return  # only with DEBUG
    traceback = json.loads(out.getvalue())["exception"]
    assert "Lüdenscheidt" not in out.getvalue()
    assert "Geheimrat" not in out.getvalue()
    assert "ValueError" in traceback
    assert traceback.endswith("KeyError")


def test_traceback_tells_why_the_database_is_away(lines):
    log, out, readable = lines
    try:
        raise OperationalError("database is locked")
    except OperationalError:
        log.exception("it broke")
    assert readable or json.loads(out.getvalue())["exception"].endswith("OperationalError: database is locked")
