"""Counters that survive every restart: one row a name and label set, raised in place.

Invariant: a counter only grows, by one atomic UPDATE. Label values come from closed lists, never from data.
"""

from django.db import IntegrityError, transaction
from django.db.models import F

from syncapp.models import Counter


def count(name: str, by: int = 1, **labels: str) -> None:
    """Raise a counter. `labels` are joined in sorted order: `action=create,result=accepted`."""
    key = ",".join(f"{label}={labels[label]}" for label in sorted(labels))
    if Counter.objects.filter(name=name, labels=key).update(value=F("value") + by):
        return
    try:
        with transaction.atomic():
            Counter.objects.create(name=name, labels=key, value=by)
    except IntegrityError:
        Counter.objects.filter(name=name, labels=key).update(value=F("value") + by)
