"""Lists are drawn as the theme draws them, without making the same again for every row."""

from typing import Any
from unittest import mock

import pytest
from django.contrib.admin.templatetags import admin_urls
from django.contrib.admin.views.main import ChangeList
from django.test import Client
from django.utils import translation
from unfold.admin import ModelAdmin
from unfold.templatetags import unfold_list

from syncapp.admin import base
from syncapp.admin.finding import rows
from syncapp.models import SyncRecord

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
RECORDS = "/admin/syncapp/syncrecord/"


def _kept(listed: base.ViewedList, filters: str) -> None:
    """What the theme reads is what it has set, though ours empties it."""
    listed.way_back = filters or listed.way_back


@pytest.fixture
def some() -> None:
    SyncRecord.objects.bulk_create(SyncRecord(espo_id=f"e{number}", name=f"Muster {number}") for number in range(12))


@pytest.mark.usefixtures("some")
def test_the_headers_are_made_once_for_a_list(admin_client: Client) -> None:
    with mock.patch.object(unfold_list, "label_for_field", wraps=unfold_list.label_for_field) as made:
        listed = admin_client.get(RECORDS).context["cl"]
    assert len(listed.result_list) == 12
    assert made.call_count == len(listed.list_display)


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize("asked", ["", "?o=-1", "?rows=200&o=1.-2"])
def test_what_comes_out_is_what_the_theme_makes(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    def table() -> str:
        page = admin_client.get(RECORDS + asked).content.decode()
        return page[page.index('id="result_list"') : page.index("</table>")]

    ours = table()
    monkeypatch.setattr(base.ReadOnlyAdmin, "action_checkbox", ModelAdmin.action_checkbox)
    monkeypatch.delattr(base.ViewedList, "made_headers")
    monkeypatch.setattr(base.ViewedList, "url_for_result", ChangeList.url_for_result)
    monkeypatch.setattr(
        base.ViewedList, "preserved_filters", property(lambda self: self.way_back, _kept), raising=False
    )
    assert table() == ours


@pytest.mark.usefixtures("some")
def test_a_row_s_view_is_not_looked_up_for_its_link(admin_client: Client) -> None:
    with mock.patch.object(admin_urls, "resolve", wraps=admin_urls.resolve) as looked_up:
        admin_client.get(f"{RECORDS}?o=-1")
    assert looked_up.call_count < 3


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("key", [7, "queue-1", '"><script>'])
def test_a_box_is_the_theme_s_own_in_each_language(key: Any, language: str) -> None:
    with translation.override(language):
        assert rows.box(key) == ModelAdmin.action_checkbox(None, mock.Mock(pk=key))
