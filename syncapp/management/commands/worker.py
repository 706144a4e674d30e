"""`manage.py worker QUEUE`: works on one queue until it is told to stop."""

from argparse import ArgumentParser
from typing import Any

import django_rq
import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from advosync_project.processes import die_with_parent, stand_back
from syncapp.core.requests import QueueName
from syncapp.worker import RECYCLE_AFTER_JOBS, SyncWorker, wait_for_redis


class Command(BaseCommand):
    help = (
        "Works on one queue. SIGTERM ends it after the record in hand. Start as many as needed; each serves one queue: "
        f"{', '.join(name for name in settings.QUEUE_NAMES if name != QueueName.CALENDAR)}, "
        "and calendar where calendars are set up."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("queue", choices=settings.QUEUE_NAMES)
        parser.add_argument("--burst", action="store_true", help="stop when the queue is empty")

    def handle(self, *args: Any, **options: Any) -> None:
        die_with_parent()
        stand_back()
        try:
            wait_for_redis(settings.REDIS_URL)
        except redis.RedisError as away:
            raise CommandError(f"Redis does not answer: {away}") from away
        queue = django_rq.get_queue(options["queue"])
        worker = SyncWorker([queue], connection=queue.connection, serializer=queue.serializer)
        self.stdout.write(f"ready, queue {queue.name}")
        worker.work(burst=options["burst"], logging_level="WARNING", max_jobs=RECYCLE_AFTER_JOBS)
