"""Two installations on the same EspoCRM by mistake, both live and told of every change: what each leaves is carried by
the other like anybody's edit, and each notices that it is not alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import psutil
import pytest
from django.utils import timezone

from syncapp.engine import dispatcher
from syncapp.models import Heartbeat, SyncRecord
from syncapp.operations.alerts.rules import BY_CODE
from tests.chaos import plant as plants
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process, RedisServer, free_origin
from tests.chaos.pouring import Expected, all_equal, pour, webhooks_to
from tests.chaos.test_disk import copied
from tests.chaos.whole import at_rest, database_at, whole_installation

pytestmark = pytest.mark.chaos
RECORDS = 12
CHANGES = 60


def at_work_for_hours() -> None:
    """Only what is younger than the own work proves anything."""
    dispatcher.dispatch()
    since = timezone.now() - timedelta(hours=2)
    Heartbeat.objects.filter(pk="dispatcher").update(detail={"since": since.isoformat()})


def knows_of_another() -> bool:
    return BY_CODE["other_installation"].measure(timezone.now()) is not None


@contextmanager
def standing_still(*started: Process) -> Iterator[None]:
    """Their workers; a web process among them takes webhooks all the same."""
    found = [psutil.Process(one.popen.pid) for one in started]
    found += [child for one in found for child in one.children(recursive=True)]
    workers = [one for one in found if "worker" in " ".join(one.cmdline())]
    assert workers
    for one in workers:
        one.suspend()
    try:
        yield
    finally:
        for one in workers:
            one.resume()


def rests(plant: Plant, expected: Expected) -> bool:
    dispatcher.dispatch()
    return at_rest() and all_equal(plant, expected)


def test_both_at_work_on_one_espocrm(
    plant: Plant, steady: Process, empty_file: Path, close_books: Close, tmp_path: Path
) -> None:
    at_work_for_hours()
    url = f"sqlite:///{copied(empty_file, tmp_path / 'other.sqlite3')}"
    origin = free_origin()
    secrets = webhooks_to(plant, origin)
    plant.web(origin=origin, ESPOCRM_WEBHOOK_SECRETS=secrets)
    worker = plant.worker("webhook")
    # By one alone: a person whom two of them create in the same second is what nobody can promise.
    ids = list(plant.pairs(RECORDS))
    redis = RedisServer(tmp_path / "other-redis")
    redis.server.directory.mkdir()
    redis.start()
    try:
        with plants.plant(plant.sandbox, redis, tmp_path, {"DATABASE_URL": url}) as other:
            everything = whole_installation(other)
            expected: Expected = {espo_id: {} for espo_id in ids}

            def edit_without(*slower: Process) -> None:
                """Whoever comes later finds it done: only that one can know of the other."""
                with standing_still(*slower):
                    for espo_id, fields in pour(plant, ids, CHANGES, at={}).items():
                        expected[espo_id] |= fields
                    plant.until(lambda: all_equal(plant, expected), "the quicker one has carried everything")
                plant.until(partial(rests, plant, expected), "both sides equal, as the first one sees it")

            edit_without(worker, steady)
            assert knows_of_another()
            edit_without(everything)
            with database_at(url):
                other.until(at_rest, "the second one rests too")
                assert knows_of_another()
                assert not SyncRecord.objects.exclude(status="clean").exists()
    finally:
        redis.stop()
    close_books("two installations on one EspoCRM", audit(plant, ids, expected=expected), injected=2 * CHANGES)
