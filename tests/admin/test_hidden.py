"""Who may not see personal values sees none: not in lists, pages, logs, parts, titles or searches."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from syncapp.core.adressen.shapes import Address
from syncapp.models import Case
from syncapp.operations.actions.bulk import many
from syncapp.operations.previews import record_preview
from tests.admin import rooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
# Every value has a word that occurs nowhere else.
SECRETS = {
    "name": "Geheimrätin",
    "vorname": "Walpurga",
    "titel": "Prinzessin",
    "phone": "+4951199887766",
    "email": "walpurga@geheim.example",
    "street": "Schleichweg 77",
    "account": "DE…8877",
}


@pytest.fixture
def secret() -> object:
    """A record, its history and all that hangs on it, full of values."""
    values = {"name": SECRETS["name"], "vorname": SECRETS["vorname"], "titel": SECRETS["titel"]}
    record = rooms.failed(
        name=f"{SECRETS['vorname']} {SECRETS['name']}",
        base_espo=values,
        base_advo=values,
        lists={"phoneNumberData": [[SECRETS["phone"], "Office", True, False, False]]},
        reports=[{"code": "contact_not_representable", "params": {"value": SECRETS["email"]}}],
    )
    rooms.history(record, text=SECRETS["titel"])
    rooms.conflict(record, base_espo=SECRETS["titel"], espo=SECRETS["titel"], advo=SECRETS["name"])
    rooms.conflict(record, open=False, kept="espocrm", espo=SECRETS["titel"], advo=SECRETS["name"])
    rooms.deletion(record=record, espo_id=record.espo_id)
    record.links.create(
        entry_id=7, komm_kz=1, base={"espo": SECRETS["phone"]}, type_change_told="Mobile", item_type="Office"
    )
    Case.objects.create(record=record, note=SECRETS["name"])
    rooms.child_case(record, params={"espo_strasse": SECRETS["street"], "advo_strasse": "Allee 9"})
    rooms.account_case(record, params={"old": "DE…3000", "new": SECRETS["account"]})
    rooms.conflict(record, field="adressen.7", open=False, kept="espocrm", espo=Address(SECRETS["street"]).to_text())
    return record


def pages(record: object) -> list[str]:
    lists = (
        "syncrecord",
        "conflict",
        "deletiontask",
        "childcase",
        "attempt",
        "inboxelement",
        "notice",
        "operatorlog",
        "bulkaction",
    )
    pk = record.pk  # type: ignore[attr-defined]
    attempt, element = record.attempts.get().pk, record.elements.get().pk  # type: ignore[attr-defined]
    return [
        reverse("admin:index"),
        *(reverse(f"admin:syncapp_{name}_changelist") for name in lists),
        reverse("admin:syncapp_syncrecord_change", args=[pk]),
        reverse("admin:syncapp_attempt_change", args=[attempt]),
        reverse("admin:syncapp_inboxelement_change", args=[element]),
        reverse("admin:ops_earlier", args=[pk]),
        *(reverse("admin:ops_child_case", args=[case.pk]) for case in record.child_cases.all()),  # type: ignore[attr-defined]
        reverse("admin:ops_behind", args=[pk]),
        reverse("admin:ops_switches"),
    ]


def shown(client: Client, record: object) -> str:
    texts = []
    for address in pages(record):
        answer = client.get(address)
        if answer.status_code == 200:
            texts.append(answer.text)
    return "\n".join(texts)


@pytest.mark.parametrize("role", ["Reader", "Auditor"])
def test_no_value_is_shown_without_the_right(role: str, as_role: Callable[[str], Client], secret: object) -> None:
    text = shown(as_role(role), secret)
    assert [word for word in SECRETS.values() if word in text] == []
    assert "•••" in text


def test_every_value_is_shown_with_the_right(operator: Client, secret: object) -> None:
    text = shown(operator, secret)
    assert [word for word in SECRETS.values() if word not in text] == []


@pytest.mark.parametrize("role", ["Reader", "Auditor"])
def test_both_sides_are_compared_without_showing_values(
    role: str, as_role: Callable[[str], Client], secret: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = record_preview.FieldLine(
        "Titel", SECRETS["titel"], SECRETS["name"], SECRETS["titel"], None, "", "", "check", "wait", True
    )
    point = record_preview.ElementLine(espo=SECRETS["phone"], advo=SECRETS["phone"], remark=SECRETS["email"])
    child = record_preview.ElementLine(SECRETS["street"], SECRETS["street"], SECRETS["street"], None, "stays", "off")
    group = record_preview.ChildGroup("Adressen", "Adresse", (child,), hides=True)
    found = record_preview.RecordPreview(summary="x", fields=(line,), contacts=(point,), children=(group,))
    monkeypatch.setattr("syncapp.admin.pages.record.record_preview", lambda record, in_full: found)
    address = reverse("admin:ops_sides", args=[secret.pk])  # type: ignore[attr-defined]
    text = as_role(role).get(address).text
    assert "Titel" in text
    assert "Adressen" in text
    assert "Vollständig anzeigen" not in text
    assert [word for word in SECRETS.values() if word in text] == []


@pytest.mark.parametrize(
    "query, found",
    [
        ("Geheimrätin", False),
        ("walpurga", False),
        ("99887766", False),
        ("espo_id", True),
        ("betnr", True),
    ],
)
def test_searching_by_a_value_needs_the_right(
    query: str, found: bool, as_role: Callable[[str], Client], secret: object
) -> None:
    wanted = {"espo_id": secret.espo_id, "betnr": str(secret.betnr)}.get(query, query)  # type: ignore[attr-defined]
    text = as_role("Reader").get(reverse("admin:syncapp_syncrecord_changelist"), {"q": wanted}).text
    assert (f"/syncrecord/{secret.pk}/change/" in text) == found  # type: ignore[attr-defined]


def test_webhooks_without_names_are_told_apart_by_betnr_too(person: Callable, secret: object) -> None:
    """Whoever may not see names gets what everybody says of a record, beside the id that EspoCRM sent."""
    from django.contrib.auth.models import Permission

    user = person("Reader")
    user.user_permissions.add(Permission.objects.get(codename="view_inboxelement"))
    client = Client()
    client.force_login(user)
    text = client.get(reverse("admin:syncapp_inboxelement_changelist")).text
    assert f"betNr {secret.betnr}" in text  # type: ignore[attr-defined]
    assert SECRETS["name"] not in text


def test_filtering_by_a_value_column_is_refused(as_role: Callable[[str], Client], secret: object) -> None:
    client = as_role("Reader")
    for lookup in ("name__startswith", "base_espo__name", "search_text__text__contains"):
        answer = client.get(reverse("admin:syncapp_syncrecord_changelist"), {lookup: "Wal"})
        assert answer.status_code in (302, 400)
    for lookup in ("espo__startswith", "record__name__startswith"):
        answer = client.get(reverse("admin:syncapp_conflict_changelist"), {lookup: "P"})
        assert answer.status_code in (302, 400)


def test_a_sample_of_a_great_act_shows_no_names(
    as_role: Callable[[str], Client], person: Callable, secret: object, db: None
) -> None:
    from django.contrib.auth.models import Permission

    user = person("Reader")
    user.user_permissions.add(Permission.objects.get(codename="sync_now"))
    client = Client()
    client.force_login(user)
    bulk = many.propose(code="sync_now", ids=[secret.pk], user=user)  # type: ignore[attr-defined]
    text = client.get(reverse("admin:ops_many", args=[bulk.pk])).text
    assert secret.espo_id in text  # type: ignore[attr-defined]
    assert SECRETS["name"] not in text


def test_a_pages_browser_title_shows_no_name(as_role: Callable[[str], Client], secret: object) -> None:
    text = as_role("Reader").get(reverse("admin:syncapp_syncrecord_change", args=[secret.pk])).text  # type: ignore[attr-defined]
    assert SECRETS["name"] not in text.partition("</title>")[0]
