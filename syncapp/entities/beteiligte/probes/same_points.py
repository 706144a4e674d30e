"""What our records say of contact points that another record is about to get in EspoCRM.

EspoCRM has each number and each address once, for all records that hold it: whoever adds one to a record without its
flags takes opt-out and invalid from everybody else. EspoCRM's answer about this record cannot show them; our records
of the others can, without a further call.
Invariant: read only; found by the index of the search, then compared to the letter. Records that are not synced (other
entities of EspoCRM) are unknown here. To extend: a further flag is a place in the canonical lists.
"""

from collections.abc import Iterable, Iterator, Mapping

from django.db.models import F

from syncapp.core.finding.folding import asked_pieces
from syncapp.core.kommunikation.kinds import Form
from syncapp.core.kommunikation.shapes import LIST_OF, SharedFlags
from syncapp.models import SearchText, SyncRecord
from syncapp.models.finding import index

# So many records that hold one contact point are looked at.
MOST = 50


def flags_elsewhere(own: SyncRecord, wanted: Iterable[Form]) -> dict[Form, SharedFlags]:
    """By contact point, as the record says that was synced last.

    The flags are the same for all of them in EspoCRM, so whoever looked last knows best; an older record may not have
    seen that somebody took an opt-out back. No query where nothing is wanted.
    """
    wanted = frozenset(wanted)
    keys = {key for form in wanted if (asked := asked_pieces(form.key)) for key in _holders(asked)} - {own.pk}
    if not keys:
        return {}
    # The last one counts.
    by_age = (F("last_synced_at").asc(nulls_first=True), "pk")
    held = SyncRecord.objects.filter(pk__in=keys).order_by(*by_age).values_list("lists", flat=True)
    return {form: flags for lists in held for form, flags in _flags(lists) if form in wanted}


def _holders(pieces: list[str]) -> list[int]:
    return index.containing(SearchText, pieces, most=MOST)


def _flags(lists: Mapping[str, object]) -> Iterator[tuple[Form, SharedFlags]]:
    """As core/kommunikation/contact_lists.py keeps them: value, type, primary, opt-out, invalid."""
    for medium, name in LIST_OF.items():
        rows = lists.get(name)
        for row in rows if isinstance(rows, list) else ():
            if len(row) == 5:
                yield Form(medium, str(row[0])), SharedFlags(opt_out=row[3] is True, invalid=row[4] is True)
