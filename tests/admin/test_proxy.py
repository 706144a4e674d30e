"""Keys and calls of other programs in the admin: shown once, limited, revoked, exported, tried."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.models import Export, OperatorLog, ProxyCall, ProxyKey
from syncapp.proxy import brakes, keys
from syncapp.remotes import registry
from tests.admin import rooms
from tests.support.roles import client_of
from tests.support.spreadsheets import csv_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
KEY = re.compile(r"advo_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")
ACCOUNT = {"iban": "DE89370400440532013000", "kontoinhaber": "Erika Beispiel", "bic": "COBADEFFXXX"}
LISTS = ("admin:syncapp_proxykey_changelist", "admin:syncapp_proxycall_changelist")


def new(client: Client, **changes: object):
    form = {"name": "n8n", "owner": "Anna", "grants": "GET Akten\n\nGET Beteiligte/{int}", "rate_per_minute": 30}
    return client.post(reverse("admin:ops_proxy_make"), {**form, **changes})


def test_a_key_is_shown_on_one_page_and_nowhere_else(boss: Client) -> None:
    page = new(boss, networks="10.0.5.0/24, 10.0.6.17", expires_at="2099-06-30")
    (text,) = set(KEY.findall(page.text))
    assert "no-store" in page["Cache-Control"]
    assert f"Authorization: Bearer {text}" in page.text.replace("&quot;", '"')
    row = ProxyKey.objects.get()
    assert keys.find(text) == row
    assert (row.created_by, row.owner, row.rate_per_minute) == ("chefin", "Anna", 30)
    assert row.grants == ["GET Akten", "GET Beteiligte/{int}"]
    assert row.networks == ["10.0.5.0/24", "10.0.6.17/32"]
    assert timezone.localtime(row.expires_at).date().isoformat() == "2099-06-30"
    secret = text.split("_", 2)[2]  # which may hold underscores itself
    for name in (*LISTS, "admin:ops_proxy_make", "admin:syncapp_operatorlog_changelist", "admin:index"):
        assert secret not in boss.get(reverse(name)).text
    assert row.digest not in boss.get(reverse(LISTS[0])).text


FAULTS = {
    "no name": {"name": ""},
    "no grant": {"grants": "\n"},
    "a grant that is none": {"grants": "READ it"},
    "what is not offered": {"grants": "DELETE Akten"},
    "a fixed value that limits nothing there": {"grants": "GET Beteiligte/{int} kuerzel=SB"},
    "no rate": {"rate_per_minute": 0},
    "an end in the past": {"expires_at": "2020-01-01"},
    "no date": {"expires_at": "soon"},
    "no network": {"networks": "home"},
    "a name that is taken": {"name": "telephone"},
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_form_that_makes_no_sense_says_so_and_keeps_what_was_typed(name: str, boss: Client) -> None:
    rooms.proxy_key()
    page = new(boss, **FAULTS[name])
    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert 'value="Anna"' in page.text
    assert not KEY.findall(page.text)
    assert ProxyKey.objects.count() == 1


def test_of_two_faults_the_first_on_the_page_gets_the_focus(boss: Client) -> None:
    """That of the limits did, which stand below the name."""
    page = new(boss, name="x" * 101, rate_per_minute=0).text
    assert 'data-field="name"' in page
    assert page.index("Name des Programms:") < page.index("Aufrufe je Minute:")


def test_every_read_is_suggested(boss: Client) -> None:
    page = boss.get(reverse("admin:ops_proxy_make")).text
    assert "GET Beteiligte/{int}" in page
    assert "PUT Beteiligte/{int}" not in page


def test_limits_are_changed_and_rights_are_not(boss: Client) -> None:
    row = rooms.proxy_key()
    address = reverse("admin:ops_proxy_limit", args=[row.pk])
    assert 'value="60"' in boss.get(address).text
    form = {"expires_at": "", "rate_per_minute": 5, "networks": "10.0.0.0/8", "grants": "GET *", "reason": "too eager"}
    assert boss.post(address, form).status_code == 302
    before, row = row, ProxyKey.objects.get()
    assert (row.rate_per_minute, row.networks) == (5, ["10.0.0.0/8"])
    assert (row.grants, row.expires_at) == (before.grants, before.expires_at)
    assert OperatorLog.objects.filter(action="proxy_key_limited", target="telephone", reason="too eager").exists()
    refused = boss.post(address, {"rate_per_minute": 0, "reason": "too eager"})
    assert 'data-field="rate_per_minute"' in refused.text
    assert ">too eager</textarea>" in refused.text
    assert boss.post(address, {"rate_per_minute": 5, "networks": "x"}).status_code == 200


def test_revoking_asks_for_a_reason_and_is_logged(boss: Client) -> None:
    row = rooms.proxy_key()
    address = reverse("admin:ops_proxy_revoke", args=[row.pk])
    assert 'role="alert"' in boss.post(address, {"reason": " "}).text
    assert boss.post(address, {"reason": "machine was replaced"}).status_code == 302
    row.refresh_from_db()
    assert (row.revoked_by, row.revoke_reason, row.usable) == ("chefin", "machine was replaced", False)
    assert 'role="alert"' in boss.post(address, {"reason": "again"}).text
    listed = boss.get(reverse(LISTS[0])).text
    assert "gesperrt" in listed
    assert f"/ops/proxy/{row.pk}/" not in listed


@pytest.mark.parametrize("name", LISTS)
def test_nobody_adds_changes_or_deletes_by_hand(name: str, boss: Client) -> None:
    row = rooms.proxy_key() if "key" in name else rooms.proxy_call()
    base = reverse(name)
    for address in (f"{base}add/", f"{base}{row.pk}/change/", f"{base}{row.pk}/delete/"):
        assert boss.post(address, {"post": "yes", "name": "x"}).status_code in (403, 405)


def test_an_auditor_sees_keys_without_buttons(as_role) -> None:
    row = rooms.proxy_key()
    ProxyKey.objects.filter(pk=row.pk).update(expires_at=timezone.now() + timedelta(days=3, hours=1))
    page = as_role("Auditor").get(reverse(LISTS[0])).text
    assert "telephone" in page
    assert "läuft in 3 Tagen ab" in re.sub("<[^>]*>", "", page)
    assert reverse("admin:ops_proxy_make") not in page
    assert reverse("admin:ops_proxy_revoke", args=[row.pk]) not in page


KEY_STATES = {
    "usable": {"now", "soon"},
    "ending": {"soon"},
    "over": {"revoked", "ended"},
}


@pytest.mark.parametrize("state", KEY_STATES)
def test_keys_by_state(state: str, boss: Client) -> None:
    now = timezone.now()
    rooms.proxy_key("now")
    rooms.proxy_key("soon", expires_at=now + timedelta(days=3))
    rooms.proxy_key("revoked", revoked_at=now)
    rooms.proxy_key("ended", expires_at=now - timedelta(days=1))
    page = boss.get(reverse(LISTS[0]), {"state": state})
    assert {row.name for row in page.context["cl"].result_list} == KEY_STATES[state]


def test_calls_by_key_resource_outcome_and_time(boss: Client) -> None:
    row = rooms.proxy_key()
    rooms.proxy_call(key=row)
    rooms.proxy_call(outcome="unauthorized", template="", code="unauthorized", caller="")
    old = rooms.proxy_call(template="Sachgebiete", outcome="unknown", code="outcome_unknown")
    ProxyCall.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=3))

    def found(**filters: str) -> int:
        page = boss.get(reverse(LISTS[1]), filters)
        assert page.status_code == 200
        return len(page.context["cl"].result_list)

    assert found() == 3
    assert found(key=str(row.pk)) == found(resource="Beteiligte/{int}") == found(outcome="unauthorized") == 1
    assert found(key="none") == found(since="1d") == found(resource="other") == 2
    assert found(outcome="unknown", since="7d") == 1
    assert found(key="nonsense") == 3


def test_export_holds_what_the_filters_leave_and_no_formula(boss: Client) -> None:
    rooms.proxy_call(caller="=HYPERLINK(1)", parameters=["from", "to"])
    rooms.proxy_call(outcome="failed", code="timed_out")
    boss.post(reverse("admin:ops_export_new", args=["proxycall"], query={"outcome": "done"}), {"form": "csv"})
    answer = boss.get(reverse("admin:ops_export_file", args=[Export.objects.get().pk]))
    head, *rows = csv_rows(b"".join(answer.streaming_content))
    assert len(rows) == 1
    found = dict(zip(head, rows[0], strict=True))
    assert found["Programm"] == "'=HYPERLINK(1)"
    assert (found["Ressource"], found["Parameter"]) == ("Beteiligte/{int}", "from to")
    assert "104860" in rows[0]


def test_trying_a_read(boss: Client, sandbox, redis_client, settings) -> None:
    settings.PROXY_ENABLED = True
    registry.forget()
    brakes.forget()
    number = sandbox.clerk.create(name="Muster & Söhne")["betNr"]
    sandbox.clear_calls()
    address = reverse("admin:ops_proxy_try")
    page = boss.post(address, {"endpoint": f"Beteiligte/{number}", "query": ""})
    assert "Muster &amp; Söhne" in page.text
    assert "no-store" in page["Cache-Control"]
    call = ProxyCall.objects.get()
    assert (call.caller, call.key, call.method, call.outcome) == ("chefin", None, "GET", "done")
    for endpoint in ("Beteiligte/1/../2", "Token", "Büro?x"):
        page = boss.post(address, {"endpoint": endpoint, "query": "a=ü&b"})
        assert page.status_code == 200
        assert "ops-bad" in page.text
    assert sandbox.counts()["advoware"] == {"GET": 1}
    settings.PROXY_ENABLED = False
    assert "proxy_off" in boss.post(address, {"endpoint": "Rechtsformen"}).text


@pytest.fixture
def account(sandbox, redis_client, settings) -> int:
    """A Beteiligter whose account stands in what Advoware answers of him."""
    settings.PROXY_ENABLED = True
    registry.forget()
    brakes.forget()
    sandbox.advoware(bank_list="embedded")
    number = sandbox.clerk.create(name="Muster")["betNr"]
    sandbox.control.tell(f"advoware/beteiligte/{number}", bankverbindungen={"add": [ACCOUNT]})
    return number


def test_trying_shows_no_account_in_full_to_whom_it_was_not_granted(as_role, account: int) -> None:
    """An Operator has every usual right, and not that one."""
    page = as_role("Operator").post(reverse("admin:ops_proxy_try"), {"endpoint": f"Beteiligte/{account}"})
    assert ("DE…3000" in page.text, 'data-say="hides"' in page.text) == (True, True)
    for value in (*ACCOUNT.values(), "DE89"):
        assert value not in page.text
    assert not OperatorLog.objects.exists()


def test_trying_shows_an_account_in_full_to_whom_it_was_granted_and_the_log_knows(person, account: int) -> None:
    from django.contrib.auth.models import Permission

    record = rooms.record(betnr=account)
    user = person("Operator")
    user.user_permissions.add(Permission.objects.get(codename="see_accounts"))
    client = client_of(user)
    page = client.post(reverse("admin:ops_proxy_try"), {"endpoint": f"Beteiligte/{account}"})
    assert ACCOUNT["iban"] in page.text
    assert 'data-say="hides"' not in page.text
    row = OperatorLog.objects.get()
    assert (row.action, row.actor, row.record) == ("see_accounts", user.get_username(), record)
    client.post(reverse("admin:ops_proxy_try"), {"endpoint": "Rechtsformen"})
    assert OperatorLog.objects.count() == 1


def test_trying_needs_the_right_to_see_values(as_role, person) -> None:
    from django.contrib.auth.models import Permission

    user = person("Auditor")
    user.user_permissions.add(Permission.objects.get(codename="try_proxy"))
    client = Client()
    client.force_login(user)
    assert client.post(reverse("admin:ops_proxy_try"), {"endpoint": "Rechtsformen"}).status_code == 403


def test_hostile_values_are_shown_as_text(boss: Client) -> None:
    hostile = "<script>alert(1)</script>"
    rooms.proxy_key(hostile, owner=hostile, revoke_reason=hostile, revoked_at=timezone.now(), revoked_by=hostile)
    rooms.proxy_call(caller=hostile, address=hostile[:45], template=hostile, request_id=hostile, parameters=[hostile])
    for name in LISTS:
        page = boss.get(reverse(name)).text
        assert hostile not in page
        assert "&lt;script&gt;alert" in page


def test_lost_writes_have_a_tile(boss: Client) -> None:
    row = rooms.proxy_call(outcome="unknown", code="outcome_unknown", method="PUT")
    assert "unbekanntem Ergebnis" not in boss.get(reverse("admin:index")).text  # it may be under way
    ProxyCall.objects.filter(pk=row.pk).update(at=timezone.now() - timedelta(minutes=10))
    page = boss.get(reverse("admin:index")).text
    assert "unbekanntem Ergebnis" in page
    assert f"{reverse(LISTS[1])}?outcome=unknown" in page
