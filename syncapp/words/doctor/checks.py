"""What each check of the doctor looks at: what its line says where nothing is wrong.

Invariant: each check of operations/doctor has a row, by its name.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.words import Words

LOOKS_AT: Mapping[str, Words] = {
    "settings": _("settings fit together"),
    "database": _("the database answers"),
    "migrations": _("the database is up to date"),
    "wal": _("readers and writers do not wait for one another"),
    "database_clock": _("the database's clock and ours agree"),
    "pooling": _("a pooler before PostgreSQL is known of"),
    "disk": _("there is room on the disk"),
    "redis": _("Redis answers and is new enough"),
    "redis_keeping": _("Redis keeps its data"),
    "workers": _("a worker serves each queue"),
    "scheduler": _("the scheduler is at work"),
    "sweep": _("sweeps take place"),
    "jobs": _("regular jobs go well"),
    "mode": _("the installation writes"),
    "breakers": _("both systems are called"),
    "others": _("no other installation syncs the same EspoCRM"),
    "web": _("the web side answers at PUBLIC_URL"),
    "espocrm_address": _("EspoCRM answers at its address"),
    "espocrm_login": _("EspoCRM accepts the login"),
    "espocrm_clock": _("EspoCRM's clock and ours agree"),
    "espocrm_entity": _("EspoCRM has the entity"),
    "espocrm_fields": _("every needed field, with type and length"),
    "espocrm_locking": _("EspoCRM refuses outdated writes"),
    "espocrm_phones": _("phone types"),
    "espocrm_numbers": _("international phone numbers"),
    "espocrm_webhooks": _("webhooks lead here, and their secrets are known"),
    "espocrm_rights": _("rights of the API user"),
    "espocrm_notices": _("people in EspoCRM can be told"),
    "espocrm_bookkeeping": _("EspoCRM takes all our status fields"),
    "advoware_token": _("Advoware grants a token"),
    "advoware_address": _("Advoware answers at its address"),
    "advoware_clock": _("Advoware's clock and ours agree"),
    "advoware_rechtsformen": _("Advoware's legal forms"),
    "advoware_read": _("a Beteiligter can be read"),
    "list_entities": _("EspoCRM's entities of addresses and bank accounts"),
    "list_prefixes": _("address fields of the record"),
    "list_rights": _("rights on addresses and bank accounts"),
    "list_addresses": _("addresses in Advoware can be read"),
    "list_accounts": _("bank accounts in Advoware can be read"),
    "google_key": _("the key file of the service account"),
    "google_login": _("Google grants access"),
    "google_clock": _("Google's clock and ours agree"),
    "google_calendars": _("each calendar can be read"),
    "google_shares": _("each employee sees the calendar"),
    "google_quota": _("Google takes new appointments"),
    "advoware_termine": _("Advoware's Termine can be read"),
    "advoware_employees": _("Advoware knows each kuerzel"),
    "advoware_termine_deletion": _("Advoware deletes Termine"),
    "proxy": _("other programs get only what is named"),
    "proxy_keys": _("keys of other programs can be used"),
}
