"""What the machines on the real services share."""

from tests.machine.services import services

__all__ = ["services"]
