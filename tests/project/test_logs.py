"""Log lines: JSON in production, readable while developing, with what was bound, without what is nobody's business."""

import io
import json
import logging
import logging.config

import pytest
import structlog

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
        assert "ValueError: 12" in json.loads(out.getvalue())["exception"]
