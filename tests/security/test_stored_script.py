"""Whatever stands in any column of any row is text on every page, and no page breaks over it.

With `codes`, also the program's own words are replaced by unknown ones: what a page of this version meets while a newer
one is at work beside it, during an update.
"""

import pytest
from django.test import Client

from tests.admin.test_hostile import HOSTILE, harmless
from tests.security.addresses import every_address
from tests.security.world import World, spoil

pytestmark = pytest.mark.django_db
# All but what would end the session of the rest.
PAGES = [one for one in every_address() if one.name.startswith("admin:") and one.name != "admin:logout"]
FINE = {200, 301, 302, 403, 404, 405}


@pytest.mark.parametrize(
    "name, codes",
    [
        ("script", False),
        ("attribute", True),
        *(pytest.param(name, codes, marks=pytest.mark.long) for name in HOSTILE for codes in (False, True)),
    ],
)
def test_no_page_obeys_what_is_stored(name: str, codes: bool, planted: World, boss: Client, redis_url: str) -> None:
    spoil(HOSTILE[name], codes=codes)
    faults = [fault for address in PAGES for fault in looked_at(planted.path(address), boss)]
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def looked_at(path: str, boss: Client) -> list[str]:
    """What is wrong with the page, if anything."""
    try:
        answer = boss.get(path)
    except Exception as error:  # nobody could open it
        return [f"{path}: {type(error).__name__}: {error}"]
    text = "" if answer.streaming else answer.text
    try:
        harmless(text)
    except AssertionError:
        return [f"{path}: obeys"]
    return [] if answer.status_code in FINE else [f"{path}: {answer.status_code}"]
