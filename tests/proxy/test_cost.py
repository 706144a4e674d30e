"""What a proxied read costs beside the call itself: a baseline that nobody raises without noticing."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.db import InterfaceError, OperationalError, connection
from django.test.utils import CaptureQueriesContext

from syncapp.engine.rows import counters
from syncapp.proxy import keys
from tests.proxy.support import Program
from tests.remotes.scripted import answer

TABLE = re.compile(r'"syncapp_(\w+)"')


def test_a_read_costs_two_statements_and_one_question_to_redis(
    caller: Program, advoware, settings: Any, redis_client: redis.Redis
):
    """The key with the breaker, and the row of the audit; and the rate. Figures are written by another thread."""
    with advoware(answer({"betNr": 1})):
        # The first one gets a token, notes the key's use and has the statements compiled.
        assert caller.proxy("GET", "Beteiligte/1").status == 200
        settings.COUNTER_FLUSH_SECONDS = 3600
        asked = _asked(redis_client)
        with CaptureQueriesContext(connection) as captured:
            assert caller.proxy("GET", "Beteiligte/1").status == 200
        tables = [TABLE.search(query["sql"])[1] for query in captured.captured_queries]
    counters.BUFFER.flush()
    assert tables == ["proxykey", "proxycall"]
    assert _asked(redis_client) - asked == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_connection_that_has_died_is_opened_anew(error: type[Exception], monkeypatch: pytest.MonkeyPatch):
    """PostgreSQL restarted between two requests: the first question of the next finds out."""
    asked: list[str] = []

    def first(**_blanks: Any) -> None:
        asked.append("asked")
        if len(asked) == 1:
            raise error

    monkeypatch.setattr(keys, "BY_PREFIX", SimpleNamespace(first=first))
    assert keys.find("advk_whatever") is None
    assert asked == ["asked", "asked"]


def _asked(client: redis.Redis) -> int:
    """How often the script of the rates ran."""
    return int(client.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0))
