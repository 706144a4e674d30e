"""Keys: what they look like, what is kept of them, and when one opens nothing."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from syncapp.core.proxy.resources import READS
from syncapp.models import OperatorLog, ProxyKey
from syncapp.operations.monitoring import attention
from syncapp.proxy import keys
from syncapp.proxy.keys import KeyFault

pytestmark = pytest.mark.django_db
READ = ["GET Beteiligte/{int}"]


def make(**changes):
    return keys.make(**{"name": "telephone", "grants": READ, "by": "root", **changes})


def test_a_key_is_shown_once_and_kept_as_a_digest():
    row, text = make()
    assert re.fullmatch(r"advo_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", text)
    kept = ProxyKey.objects.filter(pk=row.pk).values().get()
    assert text not in repr(kept)
    assert text.split("_", 2)[2] not in repr(kept)
    assert keys.find(text) == row


def test_who_made_and_revoked_it_stands_in_the_operator_log():
    row, text = make()
    keys.revoke(row=row, by="root", reason="lost")
    log = list(OperatorLog.objects.order_by("pk").values_list("action", "target", "reason"))
    assert log == [("proxy_key_made", "telephone", ""), ("proxy_key_revoked", "telephone", "lost")]
    assert text not in repr(list(OperatorLog.objects.values()))


WRONG = {
    "another secret": lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
    "another public part": lambda text: text.replace(text[5:13], "zzzzzzzz", 1),
    "the public part alone": lambda text: text[:13],
    "nothing": lambda text: "",
    "one character more": lambda text: text + "x",
    "upper case": str.upper,
    "letters that no key has": lambda text: "advo_äöü" + text[8:],
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_key(name):
    _row, text = make()
    assert keys.find(WRONG[name](text)) is None


def test_ended_and_revoked_keys_open_nothing():
    row, text = make()
    ProxyKey.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert keys.find(text) is None
    other, other_text = make(name="other")
    keys.revoke(row=other, by="root", reason="gone")
    assert keys.find(other_text) is None


def test_a_program_that_goes_on_with_an_ended_key_is_noted_and_one_with_a_revoked_key_is_not(settings):
    """The key opens nothing, and whoever looks after the installation gets to know that somebody needs it."""
    settings.PROXY_ENABLED = True
    row, text = make()
    ProxyKey.objects.update(expires_at=timezone.now() - timedelta(days=90))
    keys.find(text[:-1] + "~")
    assert not attention.keys_missed(timezone.now())
    keys.find(text)
    assert attention.keys_missed(timezone.now()) == [row]
    ProxyKey.objects.update(last_used_at=None)
    keys.revoke(row=row, by="root", reason="gone")
    keys.find(text)
    assert ProxyKey.objects.get().last_used_at is None


def test_finding_costs_the_same_whatever_was_sent(django_assert_num_queries):
    _row, text = make()
    for given in (text, text[:-1] + "~", "advo_zzzzzzzz_" + "x" * 43, "nonsense", ""):
        with django_assert_num_queries(1):
            keys.find(given)


def test_last_use_is_written_once_a_minute(django_assert_num_queries):
    row, _text = make()
    keys.used(row)
    row.refresh_from_db()
    first = row.last_used_at
    with django_assert_num_queries(0):
        keys.used(row)
    ProxyKey.objects.filter(pk=row.pk).update(last_used_at=timezone.now() - timedelta(minutes=2))
    row.refresh_from_db()
    keys.used(row)
    row.refresh_from_db()
    assert row.last_used_at > first - timedelta(minutes=1)


FAULTS = {
    "no name": {"name": "  "},
    "a long name": {"name": "x" * 101},
    "no grant": {"grants": []},
    "no such grant": {"grants": ["READ everything"]},
    "a resource that is not offered": {"grants": ["GET Foo"]},
    "a method that is not offered": {"grants": ["DELETE Beteiligte/{int}"]},
    "a fixed value that limits nothing there": {"grants": ["GET Beteiligte/{int} kuerzel=SB"]},
    "a fixed value of everything": {"grants": ["GET * kuerzel=SB"]},
    "an end in the past": {"expires_at": timezone.now() - timedelta(days=1)},
    "no calls at all": {"rate_per_minute": 0},
    "no network": {"networks": ["ten dot something"]},
    "a network with host bits": {"networks": ["10.0.0.1/24"]},
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_key_that_makes_no_sense_is_not_made(name):
    with pytest.raises(KeyFault):
        make(**FAULTS[name])
    assert not ProxyKey.objects.exists()


def test_a_name_is_used_once():
    make()
    with pytest.raises(KeyFault, match="another name"):
        make()
    assert ProxyKey.objects.count() == 1


def test_read_only_names_every_read_and_no_more(settings):
    settings.PROXY_RESOURCES = ["GET Sachgebiete", "GET *"]
    grants = keys.checked_grants(keys.read_only_grants())
    assert all(set(grant.methods) <= READS and grant.template != "*" for grant in grants)
    assert "Sachgebiete" in {grant.template for grant in grants}


def test_an_installation_s_own_row_can_be_granted(settings):
    settings.PROXY_RESOURCES = ["GET Sachgebiete/{int}", "nonsense"]
    row, _text = make(grants=["GET Sachgebiete/{int}"])
    assert row.grants == ["GET Sachgebiete/{int}"]


def test_revoking_needs_a_reason_and_happens_once():
    row, _text = make()
    with pytest.raises(KeyFault, match="reason"):
        keys.revoke(row=row, by="root", reason=" ")
    keys.revoke(row=row, by="root", reason="lost")
    with pytest.raises(KeyFault, match="already"):
        keys.revoke(row=row, by="root", reason="lost")
