"""System check: the stand-ins are not for production. The same rule stands guard over each start and each request."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.core.checks import CheckMessage, Error, register

from sandbox import exposure


@register("security")
def stand_ins_stay_private(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    problem = exposure.start_problem()
    return [Error(problem, hint=exposure.ADVICE, id="sandbox.E001")] if problem else []
