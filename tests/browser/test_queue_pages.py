"""RQ's own pages, as long as they can be reached: no script that is refused, and every link leads to its job."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django_rq.settings import get_queues_list
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from syncapp.engine import job_queue
from tests.browser.visitor import Visitor

Come = Callable[..., Visitor]
QUEUE_PAGES = (
    "jobs", "failed_jobs", "finished_jobs", "started_jobs", "deferred_jobs", "scheduled_jobs", "queue_details",
    "workers", "requeue_all", "delete_failed_jobs", "clear",
)  # fmt: skip


@pytest.fixture
def failed(redis_client: Any, settings: Any) -> dict[str, list[str]]:
    """Two failed jobs in each queue."""
    ids = {}
    for name in settings.QUEUE_NAMES:
        queue = job_queue.queue(name, settings.REDIS_URL)
        ids[name] = [queue.enqueue(f"syncapp.jobs.no_such_job_of_{name}").id for _number in range(2)]
        SimpleWorker([queue], connection=redis_client, serializer=JSONSerializer).work(burst=True)
    return ids


def test_no_page_asks_for_a_script_that_is_refused(come: Come, live: None, failed: dict[str, list[str]]) -> None:
    operator = come("Operator").go("django_rq_dashboard_changelist")
    for index, queue in enumerate(get_queues_list()):
        for page in QUEUE_PAGES:
            operator.go(f"django_rq_{page}", index)
        for job_id in failed[queue["name"]]:
            operator.go("django_rq_job_detail", index, job_id)
    operator.go("django_rq_scheduler_jobs", 0)
    assert operator.troubles == []


def test_every_failed_job_opens_itself_in_its_own_queue(
    come: Come, live: None, failed: dict[str, list[str]], settings: Any
) -> None:
    operator = come("Operator")
    numbers = {queue["name"]: index for index, queue in enumerate(get_queues_list())}
    for name in settings.QUEUE_NAMES:
        operator.go("ops_jobs")
        operator.click(f"no_such_job_of_{name}")
        job_id = next(job_id for job_id in failed[name] if job_id in operator.page.url)
        assert operator.page.url.endswith(reverse("admin:django_rq_job_detail", args=[numbers[name], job_id]))


def test_the_box_in_the_head_ticks_all_jobs(come: Come, live: None, failed: dict[str, list[str]]) -> None:
    operator = come("Operator").go("django_rq_failed_jobs", 0)
    operator.page.locator("#action-toggle").check()
    assert operator.page.locator("input.action-select:checked").count() == 2
    operator.page.locator("#action-toggle").uncheck()
    assert operator.page.locator("input.action-select:checked").count() == 0
