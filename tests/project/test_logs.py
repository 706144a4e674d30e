"""Log lines: JSON in production, readable while developing, with what was bound, without what is nobody's business."""

import ast
import io
import json
import logging
import logging.config

import pytest
import structlog
from django.db import OperationalError

from advosync_project import logs
from tests.support.processes import ROOT


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


# What a line may say beside its event: ids, codes, names of ours, numbers. A further word is a decision.
WORDS = {
    "ids": {"record_id", "pk", "export_id", "target", "key"},
    "codes and names of ours": {
        *("kind", "code", "status", "failure", "system", "method", "path", "template", "action", "child", "outcome"),
        *("reason", "results", "name"),
    },
    "numbers": {"ms", "duration_ms", "accepted", "taken", "wrong"},
    "where it broke, without what was said": {"traceback"},
}
SAID = frozenset().union(*WORDS.values())
MADE_HARMLESS = {"len", "int", "round", "str", "without_values", "shorten_waits"}
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def log_calls() -> list[tuple[str, ast.Call, ast.AST]]:
    """Every call of a logger of ours, where it stands, and the function around it."""
    found = []
    for path in sorted([*(ROOT / "syncapp").rglob("*.py"), *(ROOT / "advosync_project").rglob("*.py")]):
        text = path.read_text()
        if "getLogger" not in text:
            continue
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef):
                found += [(f"{path.name}:{call.lineno}", call, function) for call in ast.walk(function) if is_log(call)]
    return found


def is_log(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("log", "logger")
        and node.func.attr in LEVELS
    )


def extras(call: ast.Call, function: ast.AST) -> list[ast.expr]:
    """The values that go along; a dictionary may have been written a line above."""
    (given,) = [keyword.value for keyword in call.keywords if keyword.arg == "extra"] or [ast.Dict([], [])]
    if isinstance(given, ast.Name):
        (given,) = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == given.id
        ]
    assert isinstance(given, ast.Dict)
    return list(given.values)


def is_harmless(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return True
    if isinstance(value, ast.Subscript):
        return is_harmless(value.value)
    if isinstance(value, ast.Attribute) and value.attr == "__name__":
        return ast.unparse(value.value).startswith("type(")
    if isinstance(value, ast.Call):
        named = isinstance(value.func, ast.Name) and value.func.id in MADE_HARMLESS
        return named and (ast.unparse(value.func) != "str" or is_harmless(value.args[0]))
    word = value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""
    return word in SAID and ast.unparse(value) not in ("record.name", "context.row.name")


def test_no_line_can_quote_a_value() -> None:
    calls = log_calls()
    assert len(calls) > 40
    faults = []
    for where, call, function in calls:
        words = call.args[1:] if isinstance(call.func, ast.Attribute) and call.func.attr == "log" else call.args
        if [type(word) for word in words] != [ast.Constant]:
            faults.append(f"{where}: the event is one fixed word, {ast.unparse(call)}")
        faults += [f"{where}: {ast.unparse(one)}" for one in extras(call, function) if not is_harmless(one)]
    assert faults == []
