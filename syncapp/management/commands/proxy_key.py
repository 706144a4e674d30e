"""`manage.py proxy_key`: keys for programs that use Advoware through this installation."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.utils import timezone

from syncapp.core.proxy.grants import CALENDAR_SYNC
from syncapp.management.arguments import count, moment
from syncapp.management.base import ServiceCommand, actor
from syncapp.models import ProxyKey
from syncapp.operations.calendars import in_use
from syncapp.proxy import keys


class Command(ServiceCommand):
    help = (
        "create: makes a key and shows it, once; --read-only grants every read that is offered by name.\n"
        "list: shows who has which grants until when. revoke: ends a key at once, by its name or its 8 characters.\n"
        "A grant is methods, a resource of docs/PROXY.md, and values that are fixed for it."
    )
    examples = """
  python manage.py proxy_key create n8n --read-only
  python manage.py proxy_key create telephone --grant "GET Beteiligte/{int}" --network 10.0.5.0/24 --rate 120
  python manage.py proxy_key create calendar-sb --grant "GET+POST+PUT Termine kuerzel=SB" --expires 2027-06-30
  python manage.py proxy_key list
  python manage.py proxy_key revoke telephone --reason "machine was replaced"
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="create | list | revoke")
        create = verbs.add_parser("create", help="make a key")
        create.add_argument("name", metavar="NAME", help="what the program is called")
        create.add_argument("--grant", action="append", default=[], metavar="GRANT", help="repeatable")
        create.add_argument("--read-only", action="store_true", help="every read that is offered by name")
        create.add_argument("--owner", default="", help="who answers for it")
        create.add_argument("--expires", type=moment, metavar="DATE", help="default: in a year")
        create.add_argument("--rate", type=count, metavar="N", help="calls per minute; default: PROXY_RATE_PER_MINUTE")
        create.add_argument(
            "--network", action="append", default=[], metavar="CIDR", help="from there only; repeatable"
        )
        listed = verbs.add_parser("list", help="show the keys")
        revoke = verbs.add_parser("revoke", help="end a key")
        revoke.add_argument("key", metavar="NAME", help="its name, or the 8 characters after advo_")
        revoke.add_argument("--reason", required=True, help="why, for those who look later")
        for part in (create, listed, revoke):
            part.add_argument("--json", action="store_true", help="as JSON")

    def run(self, options: dict[str, Any]) -> None:
        {"create": self._create, "list": self._list, "revoke": self._revoke}[options["verb"]](options)

    def _create(self, options: dict[str, Any]) -> None:
        grants = [*options["grant"], *(keys.read_only_grants() if options["read_only"] else [])]
        try:
            row, text = keys.make(
                name=options["name"],
                grants=grants,
                by=actor(),
                owner=options["owner"],
                expires_at=options["expires"],
                rate_per_minute=options["rate"],
                networks=options["network"],
            )
        except keys.KeyFault as fault:
            self.misused(str(fault))
        if options["json"]:
            self.say_json({**_as_json(row), "key": text})
            return
        self.say(text)
        self.warn("This is shown once and kept nowhere: store it now.")
        if not settings.PROXY_ENABLED:
            triggers = CALENDAR_SYNC in row.grants and in_use()
            alone = "nothing but the trigger of the calendar sync" if triggers else "nothing"
            if not triggers or len(row.grants) > 1:
                self.warn(f"It opens {alone} until PROXY_ENABLED=true is set.")

    def _list(self, options: dict[str, Any]) -> None:
        rows = list(ProxyKey.objects.order_by("name"))
        lines = (f"advo_{row.prefix}  {row.name}  {_state(row)}  {'; '.join(row.grants)}" for row in rows)
        self.answer(options, lines, [_as_json(row) for row in rows])
        if not options["json"]:
            self.warn(f"{len(rows)} keys")

    def _revoke(self, options: dict[str, Any]) -> None:
        wanted = options["key"]
        row = ProxyKey.objects.filter(name=wanted).first() or ProxyKey.objects.filter(prefix=wanted).first()
        if row is None:
            self.misused(f"there is no key {wanted!r}; proxy_key list shows them")
        keys.revoke(row=row, by=actor(), reason=options["reason"])
        self.answer(options, [f"{row.name} is revoked"], {"revoked": row.name})


def _state(row: ProxyKey) -> str:
    if row.revoked_at:
        return f"revoked {timezone.localtime(row.revoked_at):%Y-%m-%d}"
    word = "until" if row.usable else "ended"
    return f"{word} {timezone.localtime(row.expires_at):%Y-%m-%d}"


def _as_json(row: ProxyKey) -> dict[str, Any]:
    names = ("name", "owner", "prefix", "grants", "networks", "rate_per_minute", "created_at", "created_by")
    return {name: getattr(row, name) for name in (*names, "expires_at", "revoked_at", "last_used_at")}
