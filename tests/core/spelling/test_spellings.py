"""Every row of the table of spellings (docs/spellings.toml, shown in docs/SPELLINGS.md)."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from syncapp.core import values
from syncapp.core.spelling import emails, phones

TABLE = Path(__file__).resolve().parents[3] / "docs" / "spellings.toml"


class Row(NamedTuple):
    region: str
    written: str
    espocrm: str | None
    compared: str
    kept: str | None
    also: str | None


def rows(kind: str) -> list[Any]:
    groups = tomllib.loads(TABLE.read_text())["group"]
    return [_param(group, row) for group in groups if group["kind"] == kind for row in group["rows"]]


def _param(group: dict[str, Any], row: dict[str, str]) -> Any:
    espocrm = row.get("espocrm")
    compared = row.get("compared", espocrm or "")
    values = Row(group.get("region", ""), row["written"], espocrm, compared, row.get("kept"), row.get("also"))
    return pytest.param(values, id=f"{group.get('region', '')} {row['written']!r}: {row['note']}")


def test_the_table_is_long_enough_and_says_nothing_twice() -> None:
    every = [param for kind in ("phone", "email", "text", "date") for param in rows(kind)]
    assert len(every) >= 150
    assert len({(one.values[0].region, one.values[0].written) for one in every if one.values[0].region}) == len(
        rows("phone")
    )
    assert len({one.id for one in every}) == len(every)


@pytest.mark.parametrize("row", rows("phone"))
def test_phone(row: Row) -> None:
    assert phones.for_espocrm(row.written, row.region) == row.espocrm
    assert phones.normal_form(row.written, row.region) == row.compared
    assert phones.for_espocrm(row.written, row.region, extensions=True) == (row.kept or row.espocrm)
    if row.espocrm is not None:
        assert phones.readings(row.written, row.region) == (row.espocrm, row.also)[: 2 if row.also else 1]
    else:
        assert phones.readings(row.written, row.region) == ()


@pytest.mark.parametrize("row", rows("email"))
def test_email(row: Row) -> None:
    assert emails.for_espocrm(row.written) == row.espocrm
    assert emails.normal_form(row.written) == row.compared
    if row.espocrm is not None:
        assert emails.for_espocrm(row.espocrm) == row.espocrm
        assert emails.normal_form(row.espocrm) == row.compared


@pytest.mark.parametrize("row", rows("text"))
def test_text(row: Row) -> None:
    assert values.text(row.written) == row.espocrm
    assert values.text(row.espocrm) == row.espocrm


@pytest.mark.parametrize("row", rows("date"))
def test_date(row: Row) -> None:
    assert values.date(row.written) == (row.espocrm or row.compared or None)
    assert values.is_real_date(str(values.date(row.written))) is (row.espocrm is not None)
