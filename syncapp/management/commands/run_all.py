"""`manage.py run_all`: the whole installation on one machine, under a supervisor."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from advosync_project import embedded_redis, supervision
from advosync_project.command import as_process
from advosync_project.processes import SUPERVISED
from advosync_project.supervision import Program

# Stopped in the other order: a job in hand may still need the stand-ins, and always Redis.
REDIS, WEB, WORK = 1, 2, 3


class Command(BaseCommand):
    help = (
        "Starts web, a worker for each queue and the scheduler, and an embedded Redis if REDIS_URL is not set. "
        "What dies is started again; Ctrl-C or SIGTERM ends all of it. On a server, a service manager does this."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", metavar="HOST:PORT", help="default 127.0.0.1:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        host, _, port = options["bind"].rpartition(":")
        if not port.isdigit():
            raise CommandError(f"--bind {options['bind']} is not HOST:PORT, for example 127.0.0.1:8000", returncode=2)
        if host in ("127.0.0.1", "localhost", "") and not embedded_redis.is_free(int(port)):
            raise CommandError(f"Port {port} is taken. Choose another one: run_all --bind {host}:{int(port) + 1}")
        environment = {SUPERVISED: "1", "PYTHONUNBUFFERED": "1"}
        programs = self._programs(options["bind"])
        if settings.USES_EMBEDDED_REDIS:
            server = embedded_redis.of_directory(settings.EMBEDDED_REDIS_DIR)
            environment["REDIS_URL"] = server.url
            if not server.is_running():
                programs.insert(0, Program("redis", server.supervised_command(), rank=REDIS))
        supervision.run(programs, environment=environment, directory=settings.BASE_DIR, out=sys.stdout)

    def _programs(self, bind: str) -> list[Program]:
        gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:advosync_project.web", "--bind", bind]
        return [
            Program("web", [*gunicorn, "advosync_project.wsgi"], WEB),
            *(Program(f"worker-{queue}", as_process("worker", queue), WORK) for queue in settings.QUEUE_NAMES),
            Program("scheduler", as_process("scheduler"), WORK),
        ]
