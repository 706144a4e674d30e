"""Why an appointment cannot be held on the other side, and what was noted while it was read.

Invariant: whatever is refused is refused by name; the reason is a stored code, its sentence stands in words/.
To extend: a member here, raised where the table of `canonical.py` or `series.py` says so, and its sentence.
"""

from enum import StrEnum


class FormReason(StrEnum):
    no_date = "no_date"
    unreadable_date = "unreadable_date"
    unreadable_time = "unreadable_time"
    unknown_zone = "unknown_zone"
    end_before_start = "end_before_start"
    # Series
    unknown_turnus = "unknown_turnus"
    ends_before_start = "ends_before_start"
    several_rules = "several_rules"
    excluded_dates = "excluded_dates"
    unreadable_rule = "unreadable_rule"
    frequency = "frequency"
    weekdays = "weekdays"
    day_of_month = "day_of_month"
    other_rule_part = "other_rule_part"
    short_months = "short_months"
    leap_day = "leap_day"
    occurrence_too_long = "occurrence_too_long"
    series_in_other_zone = "series_in_other_zone"
    # Read singly
    not_shown = "not_shown"


class SilentNote(StrEnum):
    """What was settled in silence, and is shown on the pair."""

    spring_gap = "spring_gap"
    doubled_hour = "doubled_hour"
    missing_time = "missing_time"


class NotRepresentable(Exception):
    """This appointment is left alone on both sides, for the reason given."""

    def __init__(self, reason: FormReason) -> None:
        super().__init__(reason.value)
        self.reason = reason
