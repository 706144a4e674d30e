"""The pages of the admin as a person of all rights opens them: which there are, and how they are opened."""

from collections.abc import Callable, Iterator
from typing import Any

Visit = Callable[[], object]
OURS = ("syncapp", "auth")
# What does more than show: it asks a remote system, ends a session, or sends a file.
LEFT_OUT = ("logout", "login", "jsi18n", "password", "autocomplete", "/r/", "app_list", "sandbox")


def opener() -> Callable[[str], Visit]:
    """Makes of an address what opens it."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    people = get_user_model().objects
    client = Client()
    client.force_login(people.filter(username="bench").first() or people.create_superuser("bench", password="bench"))

    def page(path: str) -> Visit:
        def get() -> object:
            answer = client.get(path, headers={"Host": "127.0.0.1"})
            if answer.status_code != 200:
                raise AssertionError(f"{path}: {answer.status_code}")
            return answer

        return get

    return page


def addresses() -> list[str]:
    """Every page that opens without anything more than its address: lists, their last page, one of their rows."""
    return [*_lists(), *_others()]


def _lists() -> Iterator[str]:
    from django.contrib.admin import site
    from django.urls import NoReverseMatch, reverse

    from syncapp.admin.finding.counting import LIMIT

    for model, listed in sorted(site._registry.items(), key=lambda item: item[0]._meta.label):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        if model._meta.app_label not in OURS:
            continue  # of packages, or of the stand-ins
        try:
            first = reverse(f"{name}_changelist")
        except NoReverseMatch:
            continue
        yield first
        rows: Any = model._default_manager
        if (last := min(rows.count(), LIMIT) // listed.list_per_page) > 1:
            yield f"{first}?p={last}"
        if (one := rows.order_by("-pk").values_list("pk", flat=True).first()) is not None:
            yield reverse(f"{name}_change", args=[one])


def _others() -> Iterator[str]:
    """The pages of our own, as far as they need no argument."""
    from django.contrib.admin import site
    from django.urls import NoReverseMatch, reverse

    for pattern in site.get_urls():
        name = getattr(pattern, "name", None) or ""
        if any(word in f"{name} {pattern.pattern}" for word in LEFT_OUT):
            continue
        try:
            yield reverse(f"admin:{name}")
        except NoReverseMatch:
            continue
