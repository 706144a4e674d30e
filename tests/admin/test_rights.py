"""Every page and every act by role: allowed and refused, checked on the server."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.models import Alert, Case, Conflict, Control, DeletionTask, OperatorLog, SyncRecord
from syncapp.models.casework import RIGHTS
from syncapp.operations.actions import ACTIONS
from syncapp.operations.actions.bulk import many
from syncapp.operations.actions.others import OTHERS
from syncapp.operations.onboarding.roles import ROLES
from tests.admin import rooms
from tests.support.roles import group_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
AsRole = Callable[[str], Client]

CLERK = {"sync_now", "resync", "release_lock"}
OPERATOR = set(ACTIONS)
MAY = {"Reader": set(), "Clerk": CLERK, "Operator": OPERATOR, "Auditor": set(), "": set()}
# A record that the act fits.
FITS: dict[str, Callable[[], SyncRecord]] = {
    "sync_now": rooms.record,
    "resync": rooms.record,
    "release_lock": rooms.locked,
    "pause": rooms.record,
    "ignore": rooms.record,
    "snooze": rooms.failed,
    "wake": lambda: rooms.snoozed().record,
    "resume": lambda: rooms.record(hold="paused"),
    "link": lambda: rooms.failed("needs_confirmation", betnr=None),
    "unlink": rooms.record,
    "create_after_all": lambda: rooms.failed("needs_confirmation", betnr=None),
    "everything_from_espocrm": rooms.record,
    "everything_from_advoware": rooms.record,
}


def test_every_act_is_in_this_matrix() -> None:
    assert set(FITS) == set(ACTIONS)


def test_every_act_has_a_right_that_exists() -> None:
    known = {code for code, _name in RIGHTS}
    assert {act.right for act in ACTIONS.values()} | {other.right for other in OTHERS.values()} <= known


@pytest.mark.parametrize("code", ACTIONS)
@pytest.mark.parametrize("role", MAY)
def test_act_is_asked_for_by_those_who_may(role: str, code: str, as_role: AsRole) -> None:
    record = FITS[code]()
    answer = as_role(role).get(reverse("admin:ops_record_act", args=[record.pk, code]))
    assert answer.status_code == (200 if code in MAY[role] else 403)


@pytest.mark.parametrize("code", ACTIONS)
@pytest.mark.parametrize("role", MAY)
def test_act_is_done_by_those_who_may(role: str, code: str, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    record = FITS[code]()
    done: list[str] = []
    monkeypatch.setattr("syncapp.admin.pages.one_action.perform", lambda **given: done.append(given["code"]))
    monkeypatch.setattr("syncapp.admin.pages.frame.many.start", lambda **given: done.append(given["bulk"].code))
    monkeypatch.setattr("syncapp.admin.pages.one_action._link_details", lambda request, record: {})
    answer = as_role(role).post(reverse("admin:ops_record_act", args=[record.pk, code]), {"reason": "Test"})
    assert answer.status_code == (302 if code in MAY[role] else 403)
    assert done == ([code] if code in MAY[role] else [])


@pytest.mark.parametrize("code", [code for code, act in ACTIONS.items() if act.many])
@pytest.mark.parametrize("role", MAY)
def test_act_on_many_is_offered_and_done_by_those_who_may(role: str, code: str, as_role: AsRole) -> None:
    record = FITS[code]()
    client = as_role(role)
    answer = client.post(
        reverse("admin:syncapp_syncrecord_changelist"), {"action": code, "_selected_action": [record.pk], "index": 0}
    )
    allowed = code in MAY[role]
    assert bool(answer.status_code == 302 and "/ops/many/" in answer.url) == allowed
    assert allowed == (many.BulkAction.objects.filter(code=code).exists())


def test_a_great_act_of_others_cannot_be_confirmed_without_its_right(as_role: AsRole, person: Callable) -> None:
    bulk = many.propose(code="pause", ids=[rooms.record().pk], user=person("Operator"))
    for role in ("Reader", "Clerk", "Auditor"):
        client = as_role(role)
        for name in ("ops_many", "ops_many_progress", "ops_many_stop"):
            method = client.post if name == "ops_many_stop" else client.get
            assert method(reverse(f"admin:{name}", args=[bulk.pk])).status_code == 403
        assert client.post(reverse("admin:ops_many", args=[bulk.pk]), {"reason": "x"}).status_code == 403
    assert SyncRecord.objects.exclude(hold="").count() == 0


# Who may open which page; tests/security/test_rights_matrix.py asks each, and misses no address.
PAGES: dict[str, tuple[str, set[str]]] = {
    "admin:syncapp_syncrecord_changelist": ("", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:syncapp_syncrecord_change": ("record", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:syncapp_conflict_changelist": ("", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:ops_causes": ("", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:ops_queue": ("", {"Clerk", "Operator"}),
    "admin:syncapp_deletiontask_changelist": ("", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:syncapp_attempt_changelist": ("", {"Clerk", "Operator", "Auditor"}),
    "admin:syncapp_inboxelement_changelist": ("", {"Clerk", "Operator", "Auditor"}),
    "admin:syncapp_notice_changelist": ("", {"Clerk", "Operator", "Auditor"}),
    "admin:syncapp_operatorlog_changelist": ("", {"Operator", "Auditor"}),
    "admin:syncapp_sweep_changelist": ("", {"Operator", "Auditor"}),
    "admin:syncapp_alert_changelist": ("", {"Operator", "Auditor"}),
    "admin:syncapp_bulkaction_changelist": ("", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:syncapp_driftreport_changelist": ("", {"Operator", "Auditor"}),
    "admin:syncapp_driftreport_change": ("drift", {"Operator", "Auditor"}),
    "admin:syncapp_proxykey_changelist": ("", {"Operator", "Auditor"}),
    "admin:syncapp_proxycall_changelist": ("", {"Operator", "Auditor"}),
    "admin:ops_export_new": ("syncrecord", {"Operator", "Auditor"}),
    "admin:syncapp_export_changelist": ("", {"Operator", "Auditor"}),
    "admin:ops_sheet": ("", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:ops_live": ("", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:ops_proxy_make": ("", {"Operator"}),
    "admin:ops_proxy_limit": ("key", {"Operator"}),
    "admin:ops_proxy_revoke": ("key", {"Operator"}),
    "admin:ops_proxy_try": ("", {"Operator"}),
    "admin:ops_guide": ("", {"Reader", "Clerk", "Operator", "Auditor", ""}),
    "admin:auth_user_changelist": ("", set()),
    "admin:auth_group_changelist": ("", set()),
    "admin:ops_charts": ("day", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:ops_machinery": ("", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:ops_earlier": ("record", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:ops_behind": ("record", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:ops_catalogue": ("", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:ops_decide": ("record", {"Clerk", "Operator"}),
    "admin:ops_restore": ("conflict", {"Clerk", "Operator"}),
    "admin:ops_deletion": ("task", {"Clerk", "Operator"}),
    "admin:syncapp_childcase_changelist": ("", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:ops_child_case": ("child", {"Reader", "Clerk", "Operator", "Auditor"}),
    "admin:ops_switches": ("", {"Operator", "Auditor"}),
    "admin:ops_switch": ("live", {"Operator"}),
    "admin:ops_configuration": ("", {"Operator"}),
    "admin:ops_jobs": ("", {"Operator"}),
    "admin:ops_jobs_state": ("", {"Operator"}),
    "admin:ops_user_new": ("", set()),
    "admin:ops_queue_pause": ("sweep", {"Operator"}),
}


POSTS = {
    "admin:ops_case": ("record", {"assignee": "", "due": "", "note": "x"}, {"Clerk", "Operator"}),
    "admin:ops_decide": ("open", {"whole": "espocrm"}, {"Clerk", "Operator"}),
    "admin:ops_restore": ("lost", {}, {"Clerk", "Operator"}),
    "admin:ops_deletion": ("task", {}, {"Clerk", "Operator"}),
    "admin:ops_child_case": ("child", {"reopen": "1"}, {"Clerk", "Operator"}),
    "admin:ops_accounts": ("record", {}, set()),  # a right of its own, in none of the usual roles
    "admin:ops_switch": ("shadow", {"reason": "x"}, {"Operator"}),
    "admin:ops_queue_pause": ("sweep", {"reason": "x"}, {"Operator"}),
    "admin:ops_queue_resume": ("sweep", {}, {"Operator"}),
    "admin:ops_acknowledge": ("alert", {}, {"Operator"}),
}


@pytest.mark.parametrize("name", POSTS)
@pytest.mark.parametrize("role", [*ROLES, ""])
def test_post_is_taken_from_those_who_may(role: str, name: str, as_role: AsRole) -> None:
    about, body, allowed = POSTS[name]
    made = {
        "record": lambda: rooms.failed().pk,
        "open": lambda: rooms.conflict().record_id,
        "lost": lambda: rooms.lost().pk,
        "task": lambda: rooms.deletion().pk,
        "child": lambda: rooms.child_case(done_at=timezone.now(), done_by="anna").pk,
        "alert": lambda: Alert.objects.create(rule="no_sweep").pk,
    }
    target = made[about]() if about in made else about
    shown = {f"keep_{conflict.pk}": "" for conflict in Conflict.objects.all()}
    before = OperatorLog.objects.count()
    answer = as_role(role).post(reverse(name, args=[target]), body | shown)
    assert answer.status_code == (302 if role in allowed else 403)
    if role not in allowed:
        assert OperatorLog.objects.count() == before
        assert not DeletionTask.objects.filter(done_at__isnull=False).exists()
        assert Control.objects.get().mode == "live"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("model", ["syncrecord", "conflict", "deletiontask", "childcase", "operatorlog", "attempt"])
def test_nothing_is_added_changed_or_deleted_by_hand(role: str, model: str, boss: Client, as_role: AsRole) -> None:
    made = rooms.conflict()
    rooms.history(made.record)
    rooms.deletion()
    rooms.child_case()
    from django.apps import apps

    pk = apps.get_model("syncapp", model).objects.first().pk
    for client in (boss, as_role(role)):
        assert client.get(reverse(f"admin:syncapp_{model}_add")).status_code == 403
        assert client.post(reverse(f"admin:syncapp_{model}_delete", args=[pk]), {"post": "yes"}).status_code == 403
        answer = client.post(reverse(f"admin:syncapp_{model}_change", args=[pk]), {"status": "clean"})
        assert answer.status_code in (403, 405)


def test_somebody_without_a_role_is_told_so(as_role: AsRole) -> None:
    answer = as_role("").get(reverse("admin:index"))
    assert answer.status_code == 200
    assert "noch keine Rolle" in answer.text


def test_a_role_that_was_cut_differently_is_left_alone(db: None) -> None:
    from syncapp.operations.onboarding import roles

    group_of("Reader").permissions.clear()
    assert roles.install() == []
    assert group_of("Reader").permissions.count() == 0
    group_of("Clerk").delete()
    assert roles.install() == ["Sachbearbeitung"]


@pytest.mark.parametrize("kind", ["create_outcome_unknown", "needs_confirmation", "blocked"])
def test_whoever_may_not_do_what_is_advised_is_told_to_ask(kind: str, as_role: AsRole) -> None:
    address = reverse("admin:syncapp_syncrecord_change", args=[rooms.failed(kind, betnr=None).pk])
    words = "Bitten Sie jemanden mit der Rolle „Betrieb“ darum"
    assert words in as_role("Clerk").get(address).text
    assert words not in as_role("Operator").get(address).text


def test_a_button_that_was_pressed_after_a_logout_did_nothing_and_that_is_said(clerk: Client) -> None:
    record, nobody = rooms.failed(), Client()
    login = nobody.post(reverse("admin:ops_case", args=[record.pk]), {"note": "Rückruf"})
    assert login["Location"].startswith(reverse("admin:login"))
    back_there = parse_qs(urlsplit(login["Location"]).query)["next"][0]
    assert "Es wurde nichts getan: Sie waren inzwischen abgemeldet." in clerk.get(back_there, follow=True).text
    assert not Case.objects.exists()
