"""What a proxied read costs beside the call itself: a baseline that nobody raises without noticing."""

import re
from typing import Any

import redis
from django.db import connection
from django.test.utils import CaptureQueriesContext

from syncapp.engine.rows import counters
from tests.proxy.support import Program
from tests.remotes.scripted import answer

TABLE = re.compile(r'"syncapp_(\w+)"')


def test_a_read_costs_three_statements_and_one_question_to_redis(
    caller: Program, advoware, settings: Any, redis_client: redis.Redis
):
    """The key, the breaker and the row of the audit; and the rate. Figures are written by another thread."""
    with advoware(answer({"betNr": 1})):
        # The first one gets a token, notes the key's use and has the statements compiled.
        assert caller.proxy("GET", "Beteiligte/1").status == 200
        settings.COUNTER_FLUSH_SECONDS = 3600
        asked = _asked(redis_client)
        with CaptureQueriesContext(connection) as captured:
            assert caller.proxy("GET", "Beteiligte/1").status == 200
        tables = [TABLE.search(query["sql"])[1] for query in captured.captured_queries]
    counters.BUFFER.flush()
    assert tables == ["proxykey", "breaker", "proxycall"]
    assert _asked(redis_client) - asked == 1


def _asked(client: redis.Redis) -> int:
    """How often the script of the rates ran."""
    return int(client.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0))
