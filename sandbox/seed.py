"""Fills both stand-ins with the same people in many states of being linked.

What becomes of an identity is a row of CASES, dealt out in turn; a further state is a further row. Nothing is
announced: the seed is an import of which no webhook hears. Times lie before `now` in the order in which they would have
happened.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from django.db import transaction

from sandbox import seed_children
from sandbox.advoware import records as advoware
from sandbox.advoware.shape import date_to_store
from sandbox.espocrm import people
from sandbox.espocrm import records as espocrm
from sandbox.espocrm.clock import FORMAT
from sandbox.espocrm.contact_points import phone_types
from sandbox.espocrm.entities import CHILDREN, ENTITY_TYPES, EntityType
from sandbox.identities import Contact, Identity, identities
from sandbox.models.advoware import Beteiligter, Kommunikation
from sandbox.models.espocrm import EspoRecord, EspoUser, WebhookEvent
from sandbox.switches import switches

COUNT = 40
PERSON_ATTRIBUTES = {
    "vorname": "firstName",
    "name": "lastName",
    "geburtsdatum": "dateOfBirth",
    "anrede": "salutationName",
}
SALUTATIONS = {"Herr": "Mr.", "Frau": "Ms."}


@dataclass(frozen=True)
class Moments:
    """When things happened to one identity: created, synced by the earlier system, changed since."""

    created: datetime
    synced: datetime
    changed: datetime


@dataclass
class SeedPair:
    """One identity being put into both systems."""

    identity: Identity
    entity: EntityType
    moments: Moments
    bot: EspoUser
    staff: EspoUser
    row: Beteiligter | None = None
    record: EspoRecord | None = None

    def in_advoware(self, *, contacts: tuple[Contact, ...] | None = None) -> Beteiligter:
        fields = {**self.identity.fields, "geburtsdatum": date_to_store(self.identity.fields["geburtsdatum"])}
        row = advoware.create({**fields, "kurzname": fields["name"]}, at=self.moments.created)
        for contact in self.identity.contacts if contacts is None else contacts:
            self.entry(row, contact.spelled, contact.komm_kz)
        self.row = row
        return row

    def entry(self, row: Beteiligter, tlf: str | None, komm_kz: int, bemerkung: str | None = None) -> Kommunikation:
        body = {"tlf": tlf, "kommKz": komm_kz, "bemerkung": bemerkung, "online": bool(tlf)}
        return advoware.create_kommunikation(row.bet_nr, body)

    def in_espocrm(self, *, contacts: tuple[Contact, ...] | None = None, **attributes: object) -> EspoRecord:
        given = self.identity.contacts if contacts is None else contacts
        types = phone_types()
        body = {
            **espocrm_fields(self.entity, self.identity),
            "phoneNumberData": [
                {"phoneNumber": c.value, "type": c.type if c.type in types else types[-1]} for c in given if c.type
            ],
            "emailAddressData": [{"emailAddress": c.value} for c in given if c.type is None],
            "assignedUserId": self.staff.id,
            **attributes,
        }
        answer = espocrm.create(self.entity, body, self.staff, skip_duplicate_check=True)
        record = EspoRecord.objects.get(pk=answer["id"])
        set_times(record, created=self.moments.created, modified=self.moments.created, by=None)
        self.record = record
        return record

    def mark(self, row: Beteiligter) -> None:
        """The earlier system's markers, with some people's own remarks after them."""
        for nth, (contact, entry) in enumerate(zip(self.identity.contacts, row.kommunikation.all(), strict=True)):
            own_words = " Bitte erst ab 10 Uhr" if nth == 1 else ""
            entry.bemerkung = marker(contact) + own_words
            entry.save()

    def linked(self) -> tuple[EspoRecord, Beteiligter]:
        """Equal on both sides, as the earlier system left it after a sync."""
        row = self.in_advoware()
        self.mark(row)
        record = self.in_espocrm(
            betnr=row.bet_nr,
            advowareRowId=row.row_id,
            advowareLastSync=espo_time(self.moments.synced),
            kommunikationHash=rows_hash(row),
            syncStatus="clean",
        )
        set_times(record, created=self.moments.created, modified=self.moments.synced, by=self.bot)
        return record, row

    def change_in_espocrm(self, record: EspoRecord, **attributes: object) -> None:
        espocrm.update(self.entity, record.id, {**attributes, "syncStatus": "dirty"}, self.staff)
        set_times(record, created=self.moments.created, modified=self.moments.changed, by=self.staff)

    def change_in_advoware(self, row: Beteiligter, **fields: object) -> None:
        advoware.edit(row.bet_nr, fields)
        Beteiligter.objects.filter(pk=row.bet_nr).update(geaendert_am=self.moments.changed)


def espo_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(FORMAT)


def set_times(record: EspoRecord, *, created: datetime, modified: datetime, by: EspoUser | None) -> None:
    EspoRecord.objects.filter(pk=record.pk).update(
        created_at=espo_time(created), modified_at=espo_time(modified), modified_by=by
    )


def espocrm_fields(entity: EntityType, identity: Identity) -> dict[str, object]:
    fields: dict[str, object] = dict(identity.fields)
    if entity.name_parts:
        fields = {PERSON_ATTRIBUTES.get(key, key): value for key, value in fields.items()}
        fields["salutationName"] = SALUTATIONS.get(str(fields["salutationName"]), "")
        fields["firmenname"] = fields["lastName"] if identity.is_company else None
    return fields


def marker(contact: Contact) -> str:
    return f"[ESPOCRM:{base64.b64encode(contact.value.encode()).decode()}:{contact.komm_kz}]"


def rows_hash(row: Beteiligter) -> str:
    joined = "".join(sorted(entry.row_id for entry in row.kommunikation.all()))
    return hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()[:16]


def linked_and_equal(place: SeedPair) -> None:
    place.linked()


def linked_changed_in_espocrm(place: SeedPair) -> None:
    record, _row = place.linked()
    place.change_in_espocrm(record, zusatz="z. Hd. der Buchhaltung")


def linked_changed_in_advoware(place: SeedPair) -> None:
    _record, row = place.linked()
    place.change_in_advoware(row, zusatz="Postfach 12 34", kurzname="geändert")


def linked_changed_in_both(place: SeedPair) -> None:
    record, row = place.linked()
    place.change_in_espocrm(record, bAnrede="Guten Tag")
    place.change_in_advoware(row, zusatz="Hinterhaus")


def linked_in_conflict(place: SeedPair) -> None:
    record, row = place.linked()
    place.change_in_espocrm(record, zusatz="2. Stock")
    place.change_in_advoware(row, zusatz="3. Stock")


def linked_with_new_entry_in_advoware(place: SeedPair) -> None:
    _record, row = place.linked()
    place.entry(row, "030 23125-998", 6, "nur abends")


def linked_with_new_number_in_espocrm(place: SeedPair) -> None:
    record, _row = place.linked()
    held = [{"phoneNumber": c.value, "type": c.type} for c in place.identity.contacts if c.type]
    place.change_in_espocrm(record, phoneNumberData=[*held, {"phoneNumber": "+494066969999", "type": "Other"}])


def linked_with_slot(place: SeedPair) -> None:
    _record, row = place.linked()
    place.entry(row, None, 3, "[ESPOCRM-SLOT:3] alte Nummer")


def linked_with_odd_entries(place: SeedPair) -> None:
    _record, row = place.linked()
    place.entry(row, "siehe Akte", 10)
    place.entry(row, "www.example.com", 5)


def linked_never_synced(place: SeedPair) -> None:
    """Somebody typed the betNr by hand; nothing has been compared yet, and the spellings differ."""
    row = place.in_advoware()
    place.in_espocrm(betnr=row.bet_nr)


def linked_without_row_id(place: SeedPair) -> None:
    """Synced by a version that kept neither rowId nor hash."""
    row = place.in_advoware()
    place.mark(row)
    place.in_espocrm(betnr=row.bet_nr, advowareLastSync=espo_time(place.moments.synced), syncStatus="clean")


def only_in_espocrm(place: SeedPair) -> None:
    record = place.in_espocrm()
    set_times(record, created=place.moments.changed, modified=place.moments.changed, by=None)


def only_in_advoware(place: SeedPair) -> None:
    place.in_advoware()


CASES: tuple[Callable[[SeedPair], None], ...] = (
    linked_and_equal,
    only_in_espocrm,
    linked_never_synced,
    linked_changed_in_espocrm,
    linked_and_equal,
    linked_changed_in_advoware,
    only_in_espocrm,
    linked_and_equal,
    linked_changed_in_both,
    linked_with_new_entry_in_advoware,
    only_in_advoware,
    linked_in_conflict,
    linked_and_equal,
    linked_with_new_number_in_espocrm,
    linked_with_slot,
    only_in_espocrm,
    linked_with_odd_entries,
    linked_without_row_id,
    linked_and_equal,
    linked_never_synced,
)


def moments(nth: int, now: datetime) -> Moments:
    return Moments(
        created=now - timedelta(days=400 - nth % 300, minutes=7 * nth),
        synced=now - timedelta(days=3, minutes=nth),
        changed=now - timedelta(hours=5, minutes=nth),
    )


def is_empty() -> bool:
    return not (EspoRecord.objects.exists() or Beteiligter.with_gone.exists())


def load(*, count: int | None = None, now: datetime | None = None, children: bool = False) -> dict[str, object]:
    """Adds `count` identities; answers how many went into each state. `children`: with addresses and accounts."""
    people.install()
    entity = ENTITY_TYPES[{"plain": "CBeteiligte", "person": "CBeteiligtePerson"}[str(switches("espocrm")["entity"])]]
    bot, staff = (EspoUser.objects.get(user_name=name) for name in ("syncbot", "anna"))
    now = now or datetime.now(UTC)
    dealt: dict[str, int] = {}
    with transaction.atomic(using="sandbox"):
        heard = WebhookEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        for nth, identity in enumerate(islice(identities(), COUNT if count is None else count)):
            case = CASES[nth % len(CASES)]
            place = SeedPair(identity, entity, moments(nth, now), bot, staff)
            case(place)
            if children:
                seed_children.deal(nth=nth, record=place.record, row=place.row, staff=staff)
            dealt[case.__name__] = dealt.get(case.__name__, 0) + 1
        WebhookEvent.objects.filter(pk__gt=heard).delete()
    return summary(dealt)


def summary(dealt: Mapping[str, int]) -> dict[str, object]:
    children = [entity.name for entity in CHILDREN]
    present = EspoRecord.objects.filter(deleted=False).exclude(entity_type__in=children).count()
    return {"espocrm": present, "advoware": Beteiligter.objects.count(), "cases": dict(sorted(dealt.items()))}
