"""`proxy_key`: a key at the shell, shown once."""

import re

import pytest

from syncapp.models import OperatorLog, ProxyKey
from syncapp.proxy import keys
from tests.commands.conftest import manage

pytestmark = pytest.mark.django_db
KEY = re.compile(r"^advo_[a-z0-9]{8}_[A-Za-z0-9_-]{43}$", re.MULTILINE)


def test_create_list_revoke(settings):
    settings.PROXY_ENABLED = True
    made = manage(
        *("proxy_key", "create", "telephone", "--grant", "GET Termine kuerzel=SB", "--grant", "GET Akten"),
        *(
            "--expires",
            "2099-06-30",
            "--rate",
            "7",
            "--network",
            "10.0.5.0/24",
            "--network",
            "10.0.6.1",
            "--owner",
            "Anna",
        ),
    )
    assert made.code == 0
    assert KEY.fullmatch(made.out.strip())  # and nothing else, for a script to take
    assert "once" in made.err
    row = ProxyKey.objects.get()
    assert keys.find(made.out.strip()) == row
    assert (row.rate_per_minute, row.networks, row.owner) == (7, ["10.0.5.0/24", "10.0.6.1/32"], "Anna")
    assert row.grants == ["GET Termine kuerzel=SB", "GET Akten"]
    listed = manage("proxy_key", "list")
    assert f"advo_{row.prefix}  telephone  until 2099-06-30  GET Termine kuerzel=SB; GET Akten" in listed.out
    assert made.out.strip() not in listed.out
    assert manage("proxy_key", "revoke", row.prefix, "--reason", "lost").code == 0
    assert keys.find(made.out.strip()) is None
    assert "revoked" in manage("proxy_key", "list").out
    assert OperatorLog.objects.get(action="proxy_key_revoked").reason == "lost"


def test_json():
    made = manage("proxy_key", "create", "n8n", "--read-only", "--json").json
    assert keys.find(made["key"]) == ProxyKey.objects.get()
    assert made["grants"] == keys.read_only_grants()
    (listed,) = manage("proxy_key", "list", "--json").json
    assert "key" not in listed
    assert "digest" not in listed
    assert manage("proxy_key", "revoke", "n8n", "--reason", "x", "--json").json == {"revoked": "n8n"}


def test_a_key_that_opens_nothing_yet_says_so():
    assert "PROXY_ENABLED" in manage("proxy_key", "create", "n8n", "--read-only").err


def test_a_key_that_opens_the_trigger_alone_says_so(settings):
    grant = ("--grant", "calendar:sync")
    assert "opens nothing until PROXY_ENABLED" in manage("proxy_key", "create", "none", *grant).err
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "key.json"
    assert "PROXY_ENABLED" not in manage("proxy_key", "create", "trigger", *grant).err
    both = manage("proxy_key", "create", "both", *grant, "--grant", "GET Akten").err
    assert "opens nothing but the trigger of the calendar sync until PROXY_ENABLED" in both


@pytest.mark.parametrize(
    "arguments",
    [("create", "x"), ("create", "x", "--grant", "READ it"), ("create", "x", "--grant", "GET Token"),
     ("create", "x", "--read-only", "--network", "home"), ("create", "x", "--read-only", "--expires", "2020-01-01"),
     ("revoke", "nobody", "--reason", "x")],
)  # fmt: skip
def test_wrong_use(arguments):
    said = manage("proxy_key", *arguments)
    assert said.code == 2
    assert said.err
    assert not ProxyKey.objects.exists()


def test_revoking_twice_fails():
    manage("proxy_key", "create", "n8n", "--read-only")
    assert [manage("proxy_key", "revoke", "n8n", "--reason", "x").code for _time in range(2)] == [0, 1]
