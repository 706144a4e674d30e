"""Evaluating the rules.

Invariant: two evaluations at once open one alert, since the database allows one open row a rule.
"""

from django.db import IntegrityError, transaction
from django.utils import timezone

from syncapp.models import Alert
from syncapp.operations.alerts.rules import BY_CODE, RULES


def evaluate(*, urgent: bool = False) -> tuple[int, int]:
    """Look at every rule, or at the urgent ones; how many alerts opened and how many closed. Telling is apart."""
    now = timezone.now()
    opened = closed = 0
    rules = [rule for rule in RULES if rule.urgent or not urgent]
    others = {rule.code for rule in RULES} - {rule.code for rule in rules}
    known = {alert.rule: alert for alert in Alert.objects.filter(closed_at__isnull=True).exclude(rule__in=others)}
    measured = {}
    for rule in rules:
        figures = measured[rule.code] = rule.measure(now)
        alert = known.pop(rule.code, None)
        if figures is not None and alert is None:
            opened += _open(rule.code, figures)
        elif figures is not None and alert is not None:
            Alert.objects.filter(pk=alert.pk).update(params=figures)
        elif alert is not None:
            closed += _close(alert, all_clear=rule.all_clear and measured.get(rule.becomes) is None)
    for alert in known.values():
        closed += _close(alert)  # a rule that this version does not have any more
    return opened, closed


def _open(code: str, figures: dict[str, object]) -> int:
    try:
        with transaction.atomic():
            Alert.objects.create(rule=code, params=figures)
    except IntegrityError:
        return 0
    return 1


def _close(alert: Alert, *, all_clear: bool = True) -> int:
    """Over: told as such, or not, where what it warned of has come."""
    now = timezone.now()
    told = {} if all_clear else {"told_closed_at": now}
    return Alert.objects.filter(pk=alert.pk, closed_at__isnull=True).update(closed_at=now, **told)


def acknowledge(*, alert: Alert, user_id: int) -> bool:
    """Somebody has seen it; False if somebody else had before."""
    return bool(
        Alert.objects.filter(pk=alert.pk, acknowledged_at__isnull=True).update(
            acknowledged_at=timezone.now(), acknowledged_by_id=user_id
        )
    )


def open_alerts() -> list[Alert]:
    """What is open now, oldest first, without those whose rule is gone."""
    found = Alert.objects.filter(closed_at__isnull=True).select_related("acknowledged_by").order_by("opened_at")
    return [alert for alert in found if alert.rule in BY_CODE]


def sentence(alert: Alert) -> str:
    """What is wrong, in the active language."""
    rule = BY_CODE[alert.rule]
    return str(rule.text).format_map(_Dash(rule.words(alert.params)))


class _Dash(dict[str, object]):
    """A figure that an old row lacks must not keep a page from showing."""

    def __missing__(self, key: str) -> str:
        return "–"
