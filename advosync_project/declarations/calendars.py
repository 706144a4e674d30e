"""How Google Calendar is reached. Without a key file nothing of it exists."""

from advosync_project import kinds
from advosync_project.declarations.rows import Section, Setting

GOOGLE = Section(
    "Google Calendar",
    "Google Kalender",
    (
        Setting(
            "GOOGLE_SERVICE_ACCOUNT_FILE",
            kinds.TEXT,
            "",
            "Key file (JSON) of the service account; empty: nothing of Google Calendar exists. Prepared: this version "
            "does not sync calendars yet, so leave it empty.",
            "Schlüsseldatei (JSON) des Dienstkontos; leer: vom Google-Kalender gibt es nichts. Vorbereitet: Diese "
            "Fassung gleicht noch keine Kalender ab, lassen Sie es leer.",
            example="/etc/advosync/google.json",
        ),
        Setting(
            "GOOGLE_DELEGATED_USER",
            kinds.TEXT,
            "",
            "Google user in whose name the calendars are made (domain-wide delegation, recommended); empty: the "
            "service account itself.",
            "Google-Benutzer, in dessen Namen die Kalender angelegt werden (domainweite Delegation, empfohlen); leer: "
            "das Dienstkonto selbst.",
            example="kalender@kanzlei.example",
        ),
        Setting(
            "GOOGLE_CALENDAR_API_URL",
            kinds.HTTP_URL,
            "https://www.googleapis.com/calendar/v3",
            "Base of Google's Calendar API.",
            "Basis der Google-Kalender-API.",
            example="https://www.googleapis.com/calendar/v3",
        ),
        Setting(
            "GOOGLE_TIMEOUT_SECONDS",
            kinds.seconds(),
            "30",
            "Longest wait for an answer.",
            "Längstes Warten auf eine Antwort.",
        ),
    ),
)
