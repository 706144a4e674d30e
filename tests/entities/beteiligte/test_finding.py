"""Finding people as they are said, by an index, on both databases."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.filling import Filling
from syncapp.core.finding import long_numbers
from syncapp.core.finding.folding import asked_pieces, kept_line
from syncapp.entities.beteiligte.finding import query, texts
from syncapp.models import SearchText, SyncRecord
from syncapp.models.finding import index
from syncapp.models.finding.search_text import kept, lines_of
from syncapp.operations.maintenance import retention
from tests.support.firm import Firm
from tests.support.search_plans import explained

pytestmark = pytest.mark.django_db


def person(name: str, **columns: object) -> SyncRecord:
    number = SyncRecord.objects.count() + 1
    made = SyncRecord.objects.create(espo_id=f"id{number:015d}", betnr=104000 + number, name=name, **columns)
    texts.refresh(made, before=[])
    return made


def renamed(record: SyncRecord, name: str) -> None:
    before = texts.parts_of(record)
    record.name = name
    record.save()
    texts.refresh(record, before=before)


def found(asked: str, *, values: bool = True) -> list[str]:
    return sorted(SyncRecord.objects.filter(query.matching(asked, values=values)).values_list("name", flat=True))


@pytest.fixture
def town() -> None:
    phone = {"phoneNumberData": [["+495111234567", "Office"]], "emailAddressData": [["m.mueller@kanzlei-nord.de", ""]]}
    person("Matthias Müller", lists=phone)
    person("Martha Müller")
    person("Jürgen Müller-Lüdenscheidt")
    person("Li Wei")
    person("Weiß & Söhne GmbH")


@pytest.mark.parametrize(
    "asked",
    [
        "Matthias Müller",
        "Müller, Matthias",
        "Dr. Müller Matthias",
        "Herr Dr. med. Matthias Müller",
        "Herrn Rechtsanwalt Professor Dr. Matthias Müller",
        "Familie Müller, Matthias",
        "matthias muller",
        "MUELLER MATTHIAS",
        "  müller   matth ",
        "Mu\u0308ller Matthias",
        "Müller (Matthias)",
        "+49 511 1234567",
        "0511/1234567",
        "0049 511 123 45 67",
        "+49 (0) 511 1234567",
        "1234567",
        "m.mueller@kanzlei-nord.de",
        "kanzlei-nord",
        "104001",
    ],
)
@pytest.mark.usefixtures("town")
def test_a_person_is_found_as_people_say_it(asked: str) -> None:
    assert found(asked) == ["Matthias Müller"]


@pytest.mark.parametrize(
    "asked, names",
    [
        ("Müller", ["Jürgen Müller-Lüdenscheidt", "Martha Müller", "Matthias Müller"]),
        ("Dr. Müller", ["Jürgen Müller-Lüdenscheidt", "Martha Müller", "Matthias Müller"]),
        ("Müller Lüdenscheidt", ["Jürgen Müller-Lüdenscheidt"]),
        ("Mueller-Luedenscheidt", ["Jürgen Müller-Lüdenscheidt"]),
        ("Li", ["Li Wei"]),
        ("l w", ["Li Wei"]),
        ("weiss sohne", ["Weiß & Söhne GmbH"]),
        ("Fa. Weiß & Söhne", ["Weiß & Söhne GmbH"]),
        ("Rechtsanwältin Müller", ["Jürgen Müller-Lüdenscheidt", "Martha Müller", "Matthias Müller"]),
        ("Weiß und", []),
        ("Dr.", []),
        ("%", []),
        ('"', []),
        ("* OR x", []),
        ("NEAR(a b)", []),
        ("x" * 5000, []),
    ],
)
@pytest.mark.usefixtures("town")
def test_what_is_found(asked: str, names: list[str]) -> None:
    assert found(asked) == names


@pytest.mark.usefixtures("town")
def test_without_the_right_only_numbers_are_looked_at() -> None:
    assert found("Müller", values=False) == []
    assert found("104002", values=False) == ["Martha Müller"]


def test_what_it_was_called_before() -> None:
    record = person("Erna Schulze")
    renamed(record, "Erna Meier")
    assert found("Schulze") == ["Erna Meier"]
    renamed(record, "Erna Schulze")
    assert found("Meier") == ["Erna Schulze"]
    assert [line for _day, line in SearchText.objects.get(pk=record.pk).former] == [kept_line("Erna Meier")]


def test_history_s_end_is_its_end_too() -> None:
    record = person("Erna Schulze")
    renamed(record, "Erna Meier")
    retention.purge(before=timezone.now() - timedelta(days=1))
    assert found("Schulze") == ["Erna Meier"]
    retention.purge(before=timezone.now() + timedelta(days=1))
    assert found("Schulze") == []
    assert found("Meier") == ["Erna Meier"]


def test_a_record_is_found_from_its_first_run_on(firm: Firm) -> None:
    espo_id = firm.new(vorname="Leopoldine")
    firm.sync(espo_id)
    assert SyncRecord.objects.get(query.matching("Leopoldine", values=True)).espo_id == espo_id


def test_an_erased_person_is_found_no_more() -> None:
    record = person("Erna Schulze")
    record.delete()
    assert found("Schulze") == []


@pytest.mark.parametrize(
    "asked, nearest",
    [
        ("Mathias Müler", "Matthias Müller"),
        ("Lüdenscheit", "Jürgen Müller-Lüdenscheidt"),
        ("Söhnne", "Weiß & Söhne GmbH"),
    ],
)
@pytest.mark.usefixtures("town")
def test_names_that_come_near(asked: str, nearest: str) -> None:
    assert found(asked) == []
    assert query.near(asked)[0].name == nearest


@pytest.mark.parametrize("asked", ["", "  ", "ab", "12345", "Qwertz Xylophon", '"""', "(" * 300])
@pytest.mark.usefixtures("town")
def test_nothing_comes_near(asked: str) -> None:
    assert query.near(asked) == []


@pytest.mark.parametrize(
    "asked, pieces",
    [
        ("Müller, Matthias", ["mueller", "matthias"]),
        ("Dr. Müller", ["mueller"]),
        ("Dr.", ["^^dr"]),
        ("Li", ["^^li"]),
        ("0511 123", ["511123"]),
        ("000", ["000"]),
        ("--", []),
    ],
)
def test_pieces(asked: str, pieces: list[str]) -> None:
    assert asked_pieces(asked) == pieces


class TestByIndex:
    """What the database says of its own way, with enough rows for it to have a choice."""

    @pytest.fixture(autouse=True)
    def crowd(self) -> None:
        made = SyncRecord.objects.bulk_create(
            SyncRecord(espo_id=f"crowd{number:012d}", name=f"Person {number}") for number in range(3000)
        )
        SearchText.objects.bulk_create(
            SearchText(record=record, **kept(lines_of([f"Vorname{place} Nachname{place * 7} {1_234_567 + place}"])))
            for place, record in enumerate(made)
        )
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE syncapp_searchtext, syncapp_syncrecord")
                # A small table is read as a whole whatever there is; here counts whether the index can answer.
                cursor.execute("SET LOCAL enable_seqscan TO off")

    @pytest.mark.parametrize("asked", ["Nachname77", "vorname12 nachname84", "na vo", "1234567"])
    def test_a_search_reads_no_table(self, asked: str) -> None:
        plan = explained(SearchText, asked_pieces(asked), most=query.MOST)
        if connection.vendor == "postgresql":
            assert "Seq Scan on syncapp_searchtext" not in plan
            assert ("syncapp_searchtext_trigrams" in plan) is not asked.isdigit()
            assert ("syncapp_searchtext_numbers" in plan) is asked.isdigit()
        else:
            assert plan.startswith("SCAN syncapp_searchtext_fts VIRTUAL TABLE INDEX")
            assert "SCAN t" not in plan

    def test_a_page_of_what_many_are_called_is_looked_up_by_its_keys(self) -> None:
        """Not by a walk along the order of the list, past all records that the search has not found."""
        rows = SyncRecord.objects.filter(query.matching("nachname", values=True)).order_by("-pk")[:50]
        plan = rows.explain()
        if connection.vendor == "postgresql":
            assert "Filter:" not in plan, plan
            assert "id = ANY" in plan, plan
        else:
            assert "SEARCH syncapp_syncrecord USING INTEGER PRIMARY KEY" in plan, plan

    def test_it_gathers_no_more_than_it_is_asked_for(self) -> None:
        assert len(index.containing(SearchText, ["nachname"], most=7)) == 7


DIGITS = st.text("0123456789", min_size=1, max_size=16)


class TestLongNumbers:
    """A number is looked up by its spelling: found wherever it begins, and told from one that looks alike."""

    @given(before=DIGITS, asked=DIGITS, after=DIGITS, word=st.sampled_from(["", "a", "^^", "+"]))
    def test_a_part_of_a_number_is_spelled_in_what_is_kept_of_the_number(
        self, before: str, asked: str, after: str, word: str
    ) -> None:
        kept = long_numbers.kept(f"^^mustermann ^^+{before}{asked}{after} ^^{asked}{word}")
        for piece in (asked, f"{word}{asked}", f"{asked}{word}"):
            assert all(spelling in kept for spelling in long_numbers.asked(piece))

    @given(asked=DIGITS)
    def test_every_long_number_is_spelled_long_enough_for_trigrams(self, asked: str) -> None:
        spellings = long_numbers.asked(asked)
        assert bool(spellings) is (len(asked) >= long_numbers.SHORTEST)
        assert all(len(spelling) > 3 for spelling in spellings)

    def test_each_triple_has_a_spelling_of_its_own(self) -> None:
        assert len({long_numbers.kept(f"{number:06d}").split()[0] for number in range(1000)}) == 1000

    @pytest.mark.parametrize(
        "asked", ["123456", "1234567", "0511 1234567", "+49 511 1234567", "4951112345", "49511123", "511/123456"]
    )
    @pytest.mark.usefixtures("town")
    def test_a_number_is_found_by_any_long_part_of_it(self, asked: str) -> None:
        assert found(asked) == ["Matthias Müller"]

    @pytest.mark.usefixtures("town")
    def test_a_number_that_looks_alike_is_not_found(self) -> None:
        """Spelled from the second digit on, the one looks like a part of the other."""
        alike = person("Zwilling", lists={"phoneNumberData": [["+495111234567", "Office"]]})
        SearchText.objects.filter(pk=alike.pk).update(text="^^zwilling ^^9999999")
        assert found("1234567") == ["Matthias Müller"]

    @pytest.mark.usefixtures("town")
    def test_no_name_is_met_in_a_spelling(self) -> None:
        word = SearchText.objects.get(record__name="Matthias Müller").numbers.split()[0][:4]
        assert found(word) == []

    @pytest.mark.usefixtures("town")
    def test_what_is_called_something_else_is_not_found_by_its_number_after_that(self) -> None:
        record = SyncRecord.objects.get(name="Matthias Müller")
        before = texts.parts_of(record)
        record.lists = {"phoneNumberData": [["+4930777888999", "Office"]]}
        record.save()
        texts.refresh(record, before=before)
        assert found("30777888999") == found("5111234567") == ["Matthias Müller"]
        retention.purge(before=timezone.now() + timedelta(days=1))
        assert found("5111234567") == []

    @pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL settles outside transactions")
    def test_a_benchmark_fills_in_what_the_program_would_keep(self) -> None:
        Filling().grow(30)
        rows = list(SearchText.objects.all())
        assert len(rows) == 50
        assert [set(row.numbers.split()) for row in rows] == [set(long_numbers.kept(row.text).split()) for row in rows]
