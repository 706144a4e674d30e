"""A page of a list of records.

Invariant: a page never carries phoneNumberData or emailAddressData; ties of the order are broken by id, in the same
direction, so that the pages of an unchanged list neither overlap nor leave gaps.
"""

from django.db.models import Q, QuerySet

from sandbox.espocrm import records, shapes, where
from sandbox.espocrm.answers import EspoRefusal
from sandbox.espocrm.entities import CONTACT_TYPES, LINK_TYPES, EntityType
from sandbox.espocrm.search import DIRECTIONS, MORE, NO_MORE, Search
from sandbox.models.espocrm import EspoRecord


def page(entity: EntityType, search: Search) -> dict[str, object]:
    if search.primary_filter:
        raise EspoRefusal(400, f"No primary filter '{search.primary_filter}' for '{entity.name}'.")
    found = records.query(entity).filter(deleted=False).filter(where.condition(entity, search.where))
    if search.text:
        found = found.filter(_full_text(search.text)).distinct()
    found = _ordered(entity, found, search)
    end = search.offset + search.max_size
    shown = list(found[search.offset : end + 1]) if search.no_total else list(found[search.offset : end])
    total = (MORE if len(shown) > search.max_size else NO_MORE) if search.no_total else found.count()
    select = None if search.select is None else [*search.select, search.order_by or "createdAt"]
    return {"total": total, "list": shapes.rows(entity, shown[: search.max_size], select)}


def _full_text(text: str) -> Q:
    numbers = Q(phones__point__name__startswith=text)
    return Q(name__istartswith=text) | Q(emails__point__lower__startswith=text.lower()) | numbers


def _ordered(entity: EntityType, found: QuerySet[EspoRecord], search: Search) -> QuerySet[EspoRecord]:
    name = search.order_by or "createdAt"
    row = entity.filterable.get(name) or entity.by_name.get(name)
    if row is None or row.type in CONTACT_TYPES:
        raise EspoRefusal(400, f"Order by non-existing field '{name}'.")
    sign = DIRECTIONS[search.order]
    column = f"{row.store}__name" if row.type in LINK_TYPES else row.store
    return found.order_by(f"{sign}{column}", f"{sign}id")
