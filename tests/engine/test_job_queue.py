"""The job queue while Redis is away: nobody waits for it, and the repeat is for a connection that died while idle."""

import pytest

from syncapp.engine import job_queue
from tests.support.servers import hanging_up


@pytest.fixture
def calls(settings):
    with hanging_up() as (port, calls):
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
        yield calls


@pytest.mark.django_db(transaction=True)
def test_enqueueing_asks_once_more_and_goes_on(calls):
    job_queue.enqueue([1], queue_name="webhook")
    assert len(calls) == 2


@pytest.mark.django_db(transaction=True)
def test_a_page_that_counts_a_queue_asks_once_more_and_says_that_it_does_not_know(calls):
    assert job_queue.waiting("webhook") is None
    assert len(calls) == 2
