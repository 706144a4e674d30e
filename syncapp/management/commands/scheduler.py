"""`manage.py scheduler`: the clock that enqueues the dispatcher and the other periodic jobs."""

from typing import Any

import django_rq
import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from advosync_project.processes import die_with_parent
from syncapp.jobs import SCHEDULE
from syncapp.scheduler import QUEUE, SyncScheduler
from syncapp.worker import wait_for_redis


class Command(BaseCommand):
    help = "Enqueues the periodic jobs. A second one running beside it takes over when the first one dies."

    def handle(self, *args: Any, **options: Any) -> None:
        die_with_parent()
        try:
            wait_for_redis(settings.REDIS_URL)
            scheduler = SyncScheduler(schedule=SCHEDULE, connection=django_rq.get_connection(QUEUE))
            for entry in SCHEDULE:
                self.stdout.write(f"{entry.id}: every {entry.interval_seconds} s")
            scheduler.run()
        except redis.RedisError as away:
            # The supervisor starts it again; by then Redis may be back.
            raise CommandError(f"Redis does not answer: {away}") from away
