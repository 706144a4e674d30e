"""What EspoCRM calls the fields that our module adds to the record, and those of addresses and bank accounts.

To extend: a bookkeeping field is a row of FIELD_LABELS, a field of a list one of child_lists/labels.py.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.core.child_lists.shapes import ItemStatus
from syncapp.words import Words
from syncapp.words.child_lists import labels

FIELD_LABELS: Mapping[str, Words] = {
    "betnr": _("betNr (Advoware)"),
    "syncStatus": _("Sync: status"),
    "advowareLastSync": _("Sync: last one"),
    "advowareRowId": _("Advoware rowId"),
    "kommunikationHash": _("Sync: fingerprint of the contact points"),
    "syncRetryCount": _("Sync: failed tries"),
    "syncNextRetry": _("Sync: next try"),
    "syncAutoResetAt": _("Sync: fresh start at"),
    "syncErrorMessage": _("Sync: what is wrong"),
}
# What the sync keeps beside each entry of a list, and the values of its status.
MARK_LABELS: Mapping[str, Words] = {"status": _("Sync: status"), "stamp": _("Sync: last one")}
OPTION_LABELS: Mapping[str, Words] = {
    ItemStatus.clean: _("equal on both sides"),
    ItemStatus.unclean: _("differs"),
    ItemStatus.failed: _("failed"),
}
# By list, by our own name of the field; "" is one entry, "many" are all.
_FIELDS: Mapping[str, Words] = {**labels.FIELDS, "entry_number": _("Number in Advoware")}
LIST_LABELS: Mapping[str, Mapping[str, Words]] = {
    "adressen": {**_FIELDS, "": labels.PARTS["adressen"], "many": labels.LISTS["adressen"]},
    "bankverbindungen": {
        **_FIELDS,
        **labels.OF_ACCOUNTS,
        "": labels.PARTS["bankverbindungen"],
        "many": labels.LISTS["bankverbindungen"],
    },
}
