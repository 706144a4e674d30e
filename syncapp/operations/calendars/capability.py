"""What was found out about the two systems, for those who know better by now.

Invariant: a fact that a person resets is found out anew by the next pass that needs it.
"""

from syncapp.entities.appointments import configured
from syncapp.operations.actions import ActionContext, log_action


def set_delete(value: bool | None, *, action_context: ActionContext) -> None:
    """Whether Advoware deletes Termine; None: to be tried again."""
    configured.set_can_delete(value)
    _log(action_context, "calendar_capability", f"delete={value}")


def allow_creates(*, action_context: ActionContext) -> bool:
    """Google's quota is free again; whether there was a stop."""
    stopped = configured.allow_creates()
    _log(action_context, "calendar_quota", "allowed" if stopped else "was not stopped")
    return stopped


def _log(action_context: ActionContext, action: str, result: str) -> None:
    log_action(action_context=action_context, action=action, target="Advoware, Google", result=result)
