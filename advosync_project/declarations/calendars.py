"""How Google Calendar is reached, and how Termine and events are kept equal. Without a key file none of it counts."""

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
            "Key file (JSON) of the service account; empty: calendars are not synced at all.",
            "Schlüsseldatei (JSON) des Dienstkontos; leer: Kalender werden gar nicht abgeglichen.",
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
