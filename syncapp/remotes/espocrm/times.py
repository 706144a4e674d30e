"""EspoCRM's times, there and back: `YYYY-MM-DD HH:MM:SS`, in UTC, whole seconds."""

from datetime import UTC, datetime

from syncapp.remotes.http.exchange import is_of_a_calendar

FORMAT = "%Y-%m-%d %H:%M:%S"


def espo_time(text: str | None) -> datetime | None:
    """EspoCRM's `YYYY-MM-DD HH:MM:SS`, which is UTC; None where absent or not a time."""
    try:
        moment = datetime.strptime(text or "", FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if is_of_a_calendar(moment) else None


def spelled_time(moment: datetime | None) -> str | None:
    """EspoCRM's spelling of a time: UTC, whole seconds."""
    return None if moment is None else moment.astimezone(UTC).strftime(FORMAT)
