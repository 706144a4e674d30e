"""With whom a calendar is shared."""

import pytest

from syncapp.models import CalendarEmployee
from syncapp.operations.calendars.sharing import readers

pytestmark = pytest.mark.django_db


def calendar(kuerzel: str, address: str, **columns: bool) -> CalendarEmployee:
    return CalendarEmployee.objects.create(kuerzel=kuerzel, google_address=address, **columns)


def test_the_firm_s_with_everybody_who_works_there_each_once_its_own_address_first() -> None:
    firm = calendar("ALLE", "Kanzlei@k.example", firm_wide=True)
    calendar("SB", "sb@k.example")
    calendar("AI", "kanzlei@K.example")
    calendar("XX", "xx@k.example", active=False)
    calendar("RO", "")
    assert readers(firm) == ["Kanzlei@k.example", "sb@k.example"]


@pytest.mark.parametrize("address, shared", [("sb@k.example", ["sb@k.example"]), ("", [])])
def test_an_employee_s_with_that_employee_alone(address: str, shared: list[str]) -> None:
    calendar("AI", "ai@k.example")
    assert readers(calendar("SB", address)) == shared
