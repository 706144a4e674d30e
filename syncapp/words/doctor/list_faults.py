"""Faults of addresses and bank accounts, which only an installation that keeps them equal can have.

Invariant: texts name settings, entities, fields and keys, never an address or an account.
"""

from django.utils.translation import gettext_lazy as _

from syncapp.words.doctor.diagnosis import Diagnosis, red, yellow

_FILES = _("Run python manage.py setup_espocrm --files FOLDER, and take over the module that it writes.")

LISTS: dict[str, Diagnosis] = {
    "list_map_wrong": red(
        _("The field mapping of %(list)s is impossible: %(error)s"),
        _("A setting names a field that does not exist."),
        _("Correct ESPOCRM_ADRESSEN_MAP, ESPOCRM_BANK_MAP or ADVOWARE_BANK_MAP."),
    ),
    "list_no_entity": red(
        _("EspoCRM has no entity %(entity)s, in which %(list)s are to be kept: they are not synced."),
        _("It has another name, or was not created yet."),
        _FILES,
    ),
    "list_missing": red(
        _("%(entity)s in EspoCRM lacks %(name)s (%(wanted)s); without it %(list)s are not synced."),
        _("It was not created, or has another name."),
        _("Name it in ESPOCRM_ADRESSEN_MAP, ESPOCRM_BANK_MAP or the setting of the link; else take over the module."),
    ),
    "list_type": red(
        _("%(name)s of %(entity)s in EspoCRM is of type %(found)s, not %(wanted)s."),
        _("It was created with another type, or the setting names another field than was meant."),
        _("Correct the mapping of the list, or create the field anew."),
    ),
    "list_number": yellow(
        _("%(entity)s in EspoCRM has no field %(name)s for Advoware's number."),
        _("It was not created. What our database lost would be found again by equal values alone."),
        _FILES,
    ),
    "list_no_right": red(
        _("The API user may not %(right)s %(entity)s."),
        _("Its role lacks the right."),
        _("Role: %(entity)s: create: yes, read: all, edit: all."),
    ),
    "list_no_delete": yellow(
        _("The API user may not delete %(entity)s, and ADRESSE_REMOVE is delete."),
        _("Its role lacks the right."),
        _("Role: %(entity)s, delete: all. Or set ADRESSE_REMOVE=task."),
    ),
    "list_no_prefix": red(
        _("EspoCRM's entity %(entity)s has no address field %(name)s."),
        _("ESPOCRM_ADRESSEN_FIELDS names a field that does not exist."),
        _("Correct the setting. A field counts that has %(name)sStreet, %(name)sPostalCode and %(name)sCity."),
    ),
    "list_not_shown": red(
        _("Advoware shows no list “%(key)s” in a Beteiligter; without it %(list)s are not synced."),
        _("This version of Advoware names it otherwise, or the user may not see it."),
        _("Ask the vendor; of bank accounts ADVOWARE_BANK_LIST says where they are."),
    ),
    "list_not_readable": red(
        _("Advoware's list of %(list)s cannot be read: %(reason)s."),
        _("There is no list at that address, or the user may not see it."),
        _("Set ADVOWARE_BANK_PATH, or another ADVOWARE_BANK_LIST."),
    ),
    "list_no_number": red(
        _("%(number)s of %(of)s addresses in Advoware have no number “%(key)s”. They are not synced."),
        _("ADVOWARE_ADRESSE_KEY names a field that this version of Advoware does not have."),
        _("Set ADVOWARE_ADRESSE_KEY to one of: id, reihenfolgeIndex. Entries have: %(keys)s."),
    ),
    "bank_same_number": red(
        _("%(number)s of %(of)s bank accounts in Advoware show a “%(key)s” that another one shows too: not synced."),
        _("This version of Advoware does not number accounts, so that nobody can tell one from another."),
        _("Ask the vendor what numbers an account. Until then: ADVOWARE_BANK_LIST=none. Entries have: %(keys)s."),
    ),
    "bank_no_iban": red(
        _("No bank account in Advoware has “%(key)s”, in which its IBAN is looked for: they are not synced."),
        _("This version of Advoware names it otherwise; capitals count."),
        _("Set in ADVOWARE_BANK_MAP where the IBAN stands, iban=NAME. Found: %(keys)s."),
    ),
    "bank_list_found": yellow(
        _("Advoware shows what looks like bank accounts under: %(keys)s. ADVOWARE_BANK_LIST is %(now)s."),
        _("A list of objects with an IBAN was found in a Beteiligter."),
        _("Set ADVOWARE_BANK_LIST=embedded:%(first)s, and look at the preview before it writes."),
    ),
    "bank_blind": yellow(
        _("Advoware's bank accounts are not read: changes there are not seen, and people confirm what was sent."),
        _("ADVOWARE_BANK_LIST is none, and no Beteiligter that was looked at shows a list of accounts."),
        _("Ask the vendor whether accounts can be read; else nothing has to be done."),
    ),
}
