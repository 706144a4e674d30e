"""Every fault that the doctor knows: how bad it is, what was found, what it comes from, what to do.

Invariant: texts name settings, fields, numbers and addresses, never keys or values. Red: something does not work.
Yellow: it works, but not as well as it should. To extend: a row here, its German in locale/de, and the test that makes
the fault.
"""

from django.utils.translation import gettext_lazy as _

from syncapp.words.doctor.diagnosis import Diagnosis, red, yellow
from syncapp.words.doctor.google_faults import GOOGLE
from syncapp.words.doctor.installation_faults import INSTALLATION
from syncapp.words.doctor.list_faults import LISTS

_ASK_VENDOR = _("Compare the ADVOWARE_ settings with what the vendor gave you; the firm's Advoware manager must run.")
_ENTITY_MANAGER = _("Change it in EspoCRM's Entity Manager, or take over the file that setup_espocrm prints.")
_SETUP = _("Run python manage.py setup_espocrm.")
_CLOCKS = (
    _("The clocks of this machine and %(system)s differ by %(seconds)s seconds."),
    _("One of the two is not set by a time server."),
    _("Switch on time synchronisation (timedatectl set-ntp true)."),
)


ESPOCRM: dict[str, Diagnosis] = {
    "espocrm_unknown_host": red(
        _("The host name of EspoCRM (%(host)s) cannot be resolved."),
        _("A typing error, or the name server does not know it."),
        _("Check ESPOCRM_API_BASE_URL, and the name with: getent hosts %(host)s"),
    ),
    "espocrm_tls": red(
        _("No trusted TLS connection to EspoCRM."),
        _("The certificate has expired, is for another name, or comes from an authority of your own."),
        _("Renew it; for an authority of your own set REQUESTS_CA_BUNDLE to its file."),
    ),
    "espocrm_unreachable": red(
        _("EspoCRM cannot be reached: %(reason)s."),
        _("It is stopped, or a firewall stands between."),
        _("Try from this machine: curl -I %(address)s"),
    ),
    "espocrm_strange": red(
        _("What answers at the address is no EspoCRM API: %(reason)s."),
        _("A wrong path, a login page, a maintenance page, http instead of https."),
        _("ESPOCRM_API_BASE_URL must end in /api/v1 and be the final address. %(hint)s"),
    ),
    "espocrm_login": red(
        _("EspoCRM refuses the login."),
        _("A wrong key, an API user that is not active, or a key without the secret that belongs to it."),
        _("Compare ESPOCRM_API_KEY, and ESPOCRM_SECRET_KEY for HMAC, with the API user in EspoCRM."),
    ),
    "espocrm_locked_out": red(
        _("EspoCRM has locked this address out."),
        _("More than ten failed logins within a minute."),
        _("Correct the key first; the lock ends by itself after a minute."),
    ),
    "clock_off": red(*_CLOCKS),
    "clock_skewed": yellow(*_CLOCKS),
    "metadata_refused": yellow(
        _("EspoCRM does not show its metadata."),
        _("The API user may not read them. Defaults are used for field names and phone types."),
        _("Allow it, or make sure by hand that all fields are there (docs/ESPOCRM_SETUP.md)."),
    ),
    "entity_missing": red(
        _("EspoCRM has no entity %(entity)s."),
        _("It has another name, or was not created yet."),
        _("Create it, or set ESPOCRM_ENTITY_TYPE (docs/ESPOCRM_SETUP.md)."),
    ),
    "field_missing": red(
        _("The field %(name)s (%(wanted)s) is missing in EspoCRM."),
        _("It was not created, or has another name."),
        _("Take over the file that setup_espocrm prints; a field of another name goes into ESPOCRM_FIELD_MAP."),
    ),
    "field_type": red(
        _("The field %(name)s in EspoCRM is of type %(found)s, not %(wanted)s."),
        _("It was created with another type."),
        _("Create it anew with the right type."),
    ),
    "field_length": yellow(
        _("The field %(name)s in EspoCRM holds %(found)s characters, Advoware's %(wanted)s."),
        _("Its maximum length was set lower."),
        _ENTITY_MANAGER,
    ),
    "field_options": red(
        _("The field %(name)s in EspoCRM lacks the options: %(wanted)s."),
        _("Options were left out when it was created."),
        _ENTITY_MANAGER,
    ),
    "field_untranslated": yellow(
        _("The field %(name)s in EspoCRM is a list of options, and no value map says what they mean in Advoware."),
        _("Values that the other side does not know are left out."),
        _("Set ESPOCRM_VALUE_MAP."),
    ),
    "field_mapped": red(
        _("The field %(name)s in EspoCRM has no option %(found)s, which the value map names."),
        _("The option was removed or renamed in EspoCRM, or is misspelled in the setting."),
        _("Add the option again in the Entity Manager, or correct ESPOCRM_VALUE_MAP. EspoCRM refuses it until then."),
    ),
    "field_read_only": yellow(
        _("The field %(name)s in EspoCRM is read-only for everybody, and so for the sync."),
        _("Read-only is ticked in the Entity Manager. EspoCRM leaves such a field out of every write without a word."),
        _("Untick it in the Entity Manager; to hide it from people, use the layout or Dynamic Logic instead."),
    ),
    "field_copied": yellow(
        _("EspoCRM's Duplicate copies our own fields: %(names)s."),
        _("A copy would claim the original's betNr, or pass for synced with what the original said of itself."),
        _("Take over the file that setup_espocrm prints (duplicateIgnore)."),
    ),
    "betnr_hidden": red(
        _("EspoCRM does not show the field betnr to the API user."),
        _("Its role may not read the field. Which records have a Beteiligter cannot be told, so none is created."),
        _("Role: entity, field betnr, read: yes. Then choose “Try again” at the records that were refused."),
    ),
    "field_map_wrong": red(
        _("The field mapping is impossible: %(error)s."),
        _("ESPOCRM_FIELD_MAP or ESPOCRM_VALUE_MAP does not fit EspoCRM's entity."),
        _("Correct the setting."),
    ),
    "locking_off": yellow(
        _("Optimistic locking is off for the entity."),
        _("An edit in EspoCRM during a sync's last moment could be overwritten unseen."),
        _("Entity Manager, edit the entity, switch on “Optimistic concurrency control”."),
    ),
    "phone_types": yellow(
        _("EspoCRM lacks the phone types %(types)s; they become %(instead)s."),
        _("The list of types of the phone field is shorter than Advoware's kinds."),
        _("Add them in the Entity Manager, or map others with KOMMKZ_MAP."),
    ),
    "national_numbers": yellow(
        _("EspoCRM's phone field takes numbers that are not international."),
        _("That was switched on for the field."),
        _("Nothing has to be done; one number in two spellings counts as one here, but not in EspoCRM."),
    ),
    "webhook_missing": red(
        _("There is no webhook for %(event)s."), _("It was never created, or EspoCRM removed it."), _SETUP
    ),
    "webhook_inactive": red(_("The webhook for %(event)s is switched off."), _("Somebody switched it off."), _SETUP),
    "webhook_elsewhere": red(
        _("The webhook for %(event)s leads to %(url)s."),
        _("This installation has moved, or PUBLIC_URL is wrong."),
        _SETUP,
    ),
    "webhook_secret": red(
        _("The secret of the webhook for %(event)s is not known here."),
        _("Its id and secret are not in ESPOCRM_WEBHOOK_SECRETS, or it was made anew."),
        _("setup_espocrm prints the line for .env; restart the web process afterwards."),
    ),
    "webhook_skips": yellow(
        _("The webhook for %(event)s leaves out what our own user did (skipOwn)."),
        _("Then a formula's changes in the same request are hidden too."),
        _SETUP,
    ),
    "webhook_twice": yellow(
        _("There are %(number)s webhooks for %(event)s to this installation."), _("They were created twice."), _SETUP
    ),
    "webhooks_refused": red(
        _("The webhooks cannot be read."),
        _("The API user's role does not have the scope Webhook."),
        _("Enable Webhook in the role of the API user."),
    ),
    "no_read": red(
        _("The API user may not read the entity."), _("Its role lacks the right."), _("Role: entity, read: all.")
    ),
    "no_edit": red(
        _("The API user may not edit the entity."), _("Its role lacks the right."), _("Role: entity, edit: all.")
    ),
    "rights_limited": red(
        _("The API user may %(right)s some records of %(entity)s only (%(level)s)."),
        _("Its role is limited to its own records, or to those of its teams: all others are not synced."),
        _("Role: %(entity)s, %(right)s: all. Then run python manage.py backfill, which finds what was left out."),
    ),
    "no_note": yellow(
        _("The API user may not post notes: people are told of nothing in EspoCRM."),
        _("Its role lacks the stream right of the entity, or Note."),
        _("Role: entity, stream: all. The sync itself goes on without."),
    ),
    "no_user_read": yellow(
        _("The API user may not read users: notes cannot mention anybody."),
        _("Its role lacks the right."),
        _("Role: User, read: all."),
    ),
    "no_mention": yellow(
        _("The API user may not mention everybody (Mention Permission: %(level)s): mentioned people are not notified."),
        _("Its role does not grant it. EspoCRM drops such mentions without a word."),
        _("Role: Mention Permission: all."),
    ),
    "no_message": yellow(
        _("The API user may not write to everybody (Message Permission: %(level)s): notes to users are refused."),
        _("Its role does not grant it. What was deleted in EspoCRM can be told in no other way."),
        _("Role: Message Permission: all."),
    ),
    "mentions_dropped": yellow(
        _("EspoCRM notified nobody of our latest note: %(reason)s."),
        _("The role of the API user lacks Mention Permission, or the user mentioned is not active."),
        _("Role: Mention Permission: all. Then the next note shows whether it helped."),
    ),
    "notes_refused": yellow(
        _("EspoCRM refused our latest note: %(reason)s."),
        _("The role of the API user lacks Message Permission, or the stream right of the entity."),
        _("Role: Message Permission: all, and the entity: stream: all. Then the next note shows whether it helped."),
    ),
    "notify_users_missing": yellow(
        _("Nobody is told where a record has no assigned user, or was deleted."),
        _("ESPOCRM_NOTIFY_USERS is empty."),
        _("Set it to the ids of one or two users in EspoCRM who look after such cases."),
    ),
    "notify_user_unknown": yellow(
        _("ESPOCRM_NOTIFY_USERS names %(user)s, whom EspoCRM does not know."),
        _("A typing error, or the user was removed."),
        _("Correct the setting."),
    ),
    "bookkeeping_refused": yellow(
        _("EspoCRM refused our field %(name)s; it is left out for now."),
        _("The field is of a wrong type or too short, or another rule of EspoCRM stands against it."),
        _("Mend the field, then run doctor again: it is then sent again."),
    ),
}

ADVOWARE: dict[str, Diagnosis] = {
    "advoware_unknown_host": red(
        _("The host name of Advoware (%(host)s) cannot be resolved."),
        _("A typing error, or the name server does not know it."),
        _("Check ADVOWARE_API_BASE_URL and ADVOWARE_AUTH_URL, and the name with: getent hosts %(host)s"),
    ),
    "advoware_tls": red(
        _("No trusted TLS connection to Advoware."),
        _("The certificate has expired, is for another name, or comes from an authority of your own."),
        _("For an authority of your own set REQUESTS_CA_BUNDLE to its file; else ask the vendor."),
    ),
    "advoware_unreachable": red(
        _("Advoware cannot be reached: %(reason)s."),
        _("It is stopped, the firm's Advoware manager does not run, or a firewall stands between."),
        _("Try from this machine: curl -I %(address)s"),
    ),
    "advoware_strange": red(
        _("What answers at the address is no Advoware API: %(reason)s."),
        _("A wrong base address or path prefix."),
        _("Check ADVOWARE_API_BASE_URL and ADVOWARE_API_PREFIX (api/v1/advonet or api/v1). %(hint)s"),
    ),
    "token_strange": red(
        _("What answers at ADVOWARE_AUTH_URL is no token service: %(reason)s."),
        _("A wrong address: the full one is needed, with its path."),
        _("Check ADVOWARE_AUTH_URL; it usually ends in /api/v1/Token. %(hint)s"),
    ),
    "token_refused": red(
        _("Advoware grants no token: %(reason)s."),
        _("A wrong application id, key, user or password, or the firm has not released the interface. %(hint)s"),
        _ASK_VENDOR,
    ),
    "advoware_login": red(
        _("Advoware refuses a fresh token: %(reason)s."),
        _("The token is for another firm or database, or the user lacks the role."),
        _ASK_VENDOR,
    ),
    "rechtsformen_unreadable": yellow(
        _("Advoware's legal forms cannot be read: %(reason)s."),
        _("This version of Advoware may not offer them."),
        _("Legal forms are then not checked before they are written; Advoware may refuse them."),
    ),
    "rechtsformen_empty": yellow(
        _("Advoware's list of legal forms shows none."),
        _("The user may not see them, or they come in a form that is unknown here."),
        _("Legal forms are not checked before they are written. Ask the vendor."),
    ),
    "company_forms_unknown": yellow(
        _("COMPANY_RECHTSFORMEN names forms that Advoware does not have: %(forms)s."),
        _("They are spelled differently there."),
        _("Take over Advoware's spelling."),
    ),
    "betnr_unreadable": red(
        _("betNr %(betnr)s, which is linked, cannot be read: %(reason)s."),
        _("Another firm's database, or a missing right."),
        _ASK_VENDOR,
    ),
    "fields_not_shown": yellow(
        _("Advoware does not show all synced fields of betNr %(betnr)s: %(fields)s."),
        _("It leaves out fields that are empty there, it has renamed them, or the user may not see them."),
        _(
            "What is not shown is neither compared nor carried, in any record that lacks it, and stays as it is on "
            "both sides. Look at this one in Advoware; if it leaves out empty fields, ask the vendor "
            "for a way to see them."
        ),
    ),
    "nothing_linked": yellow(
        _("No record is linked yet: reading a Beteiligter was not tried."),
        _("The first load has not taken place."),
        "python manage.py backfill --preview",
    ),
}

FAULTS: dict[str, Diagnosis] = {**INSTALLATION, **ESPOCRM, **ADVOWARE, **LISTS, **GOOGLE}
