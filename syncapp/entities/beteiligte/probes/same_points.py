"""What EspoCRM's other records say of contact points that a record is about to get there.

EspoCRM has each number and each address once, for all records that hold it: whoever adds one to a record without its
flags takes opt-out and invalid from everybody else. EspoCRM's answer about this record cannot show them; our records
tell which other one holds it, and that one is asked. What they remember themselves may be days old: a record that has
failed since, or waits in a pause, has not seen the opt-out that somebody entered there meanwhile.
Invariant: read only; found by the index of the search, then compared to the letter; no call where nobody of ours holds
it. Records that are not synced (other entities of EspoCRM) are unknown here.
To extend: a further flag is a place in the canonical lists.
"""

from collections.abc import Iterable, Iterator, Mapping

from django.conf import settings
from django.db.models import F

from syncapp.core.finding.folding import asked_pieces
from syncapp.core.kommunikation.contact_lists import canonical_lists
from syncapp.core.kommunikation.kinds import Form
from syncapp.core.kommunikation.shapes import LIST_OF, SharedFlags
from syncapp.models import SearchText, SyncRecord
from syncapp.models.finding import index
from syncapp.remotes.espocrm.client import EspoClient
from syncapp.remotes.http.errors import Forbidden, NotFound

# So many records that hold one contact point are looked at.
MOST = 50


def flags_elsewhere(own: SyncRecord, wanted: Iterable[Form], *, espocrm: EspoClient) -> dict[Form, SharedFlags]:
    """By contact point, as EspoCRM shows it at the record that was synced last, by one GET.

    The flags are the same for all of them, so that one is enough; of one that EspoCRM does not show, what is remembered
    counts. No query where nothing is wanted.
    """
    wanted = frozenset(wanted)
    keys = {
        key
        for form in wanted
        if (asked := asked_pieces(form.key))
        for key in index.containing(SearchText, asked, most=MOST)
    } - {own.pk}
    if not keys:
        return {}
    # The last one counts.
    by_age = (F("last_synced_at").asc(nulls_first=True), "pk")
    known = SyncRecord.objects.filter(pk__in=keys).order_by(*by_age).values_list("espo_id", "lists")
    held = {form: (espo_id, flags) for espo_id, lists in known for form, flags in _flags(lists) if form in wanted}
    found = {form: flags for form, (_espo_id, flags) in held.items()}
    for espo_id in sorted({espo_id for espo_id, _flags_known in held.values()}):
        found |= {form: flags for form, flags in _flags(_shown(espo_id, espocrm)) if form in wanted}
    return found


def _shown(espo_id: str, espocrm: EspoClient) -> Mapping[str, object]:
    """The record's lists as EspoCRM shows them; none where it does not."""
    try:
        return canonical_lists(espocrm.get(espo_id).attributes, region=settings.PHONE_REGION)
    except (NotFound, Forbidden):
        return {}


def _flags(lists: Mapping[str, object]) -> Iterator[tuple[Form, SharedFlags]]:
    """As core/kommunikation/contact_lists.py keeps them: value, type, primary, opt-out, invalid."""
    for medium, name in LIST_OF.items():
        rows = lists.get(name)
        for row in rows if isinstance(rows, list) else ():
            if len(row) == 5:
                opt_out, invalid = row[3] is True, row[4] is True
                yield Form(medium, str(row[0])), SharedFlags(opt_out, invalid, str(row[1]) or None)
