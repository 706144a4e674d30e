"""How Google Calendar is reached, and how calendars are synced. Without a key file nothing of it exists."""

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
            "Key file (JSON) of the service account; empty: nothing of Google Calendar exists.",
            "Schlüsseldatei (JSON) des Dienstkontos; leer: vom Google-Kalender gibt es nichts.",
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

CALENDAR = Section(
    "Calendars",
    "Kalender",
    (
        Setting(
            "CALENDAR_SYNC_MINUTES",
            kinds.integer(),
            "15",
            "A light pass over each calendar, every so many minutes; 0: the daily one only.",
            "Ein leichter Durchgang je Kalender, alle … Minuten; 0: nur der tägliche.",
            example="15",
        ),
        Setting(
            "CALENDAR_FULL_SYNC_AT",
            kinds.CLOCK,
            "03:15",
            "When the daily full pass begins, which reads both sides whole (local time).",
            "Beginn des täglichen vollen Durchgangs, der beide Seiten ganz liest (Ortszeit).",
        ),
        Setting(
            "CALENDAR_PAST_DAYS",
            kinds.integer(),
            "30",
            "So many days back are kept in Google.",
            "So viele Tage zurück stehen in Google.",
            example="30",
        ),
        Setting(
            "CALENDAR_FUTURE_DAYS",
            kinds.integer(1),
            "365",
            "So many days ahead are kept in Google.",
            "So viele Tage voraus stehen in Google.",
            example="365",
        ),
        Setting(
            "CALENDAR_CONFLICT_POLICY",
            kinds.choice(("origin", "advoware", "google", "ask")),
            "origin",
            "Who leads where both sides changed the same thing differently: who made the appointment, one side, or a "
            "person is asked.",
            "Wer gilt, wenn beide Seiten dasselbe verschieden geändert haben: wer den Termin angelegt hat, eine Seite, "
            "oder ein Mensch wird gefragt.",
        ),
        Setting(
            "CALENDAR_DELETE_IN_ADVOWARE",
            kinds.choice(("own", "all", "never")),
            "own",
            "Which appointments go in Advoware when they were deleted in Google: those that were made in Google, all, "
            "none.",
            "Welche Termine in Advoware gelöscht werden, wenn sie in Google gelöscht wurden: die in Google angelegten, "
            "alle, keine.",
        ),
        Setting(
            "CALENDAR_GONE_AND_CHANGED",
            kinds.choice(("ask", "advoware", "google")),
            "ask",
            "Deleted in Advoware and changed in Google: ask a person, delete it in Google, or make it again in "
            "Advoware.",
            "In Advoware gelöscht und in Google geändert: einen Menschen fragen, in Google löschen oder in Advoware "
            "neu anlegen.",
        ),
        Setting(
            "CALENDAR_PRIVATE",
            kinds.choice(("busy", "full", "skip")),
            "busy",
            "What Google shows of a private appointment: that there is one, its text, or nothing; then one that is "
            "made private in Advoware goes from Google, and comes back when it is public again.",
            "Was Google von einem privaten Termin zeigt: dass es ihn gibt, seinen Text oder nichts; dann verschwindet "
            "aus Google, was in Advoware privat wird, und kommt wieder, wenn es nicht mehr privat ist.",
        ),
        Setting(
            "CALENDAR_FIRM_WIDE",
            kinds.choice(("own", "copy", "ignore")),
            "own",
            "Appointments of the whole firm: in a calendar of their own, as copies in everybody's, or nowhere.",
            "Termine der ganzen Kanzlei: in einem eigenen Kalender, als Kopie bei jedem oder nirgends.",
        ),
        Setting(
            "CALENDAR_SPECIAL",
            kinds.BOOLEAN,
            "false",
            "Whether Google also shows what Advoware derives from appointments (preparation, journeys, holidays).",
            "Ob Google auch zeigt, was Advoware von Terminen ableitet (Vorbereitung, Fahrten, Urlaub).",
            example="true",
        ),
        Setting(
            "CALENDAR_MISSING_TIME",
            kinds.MISSING_TIME,
            "all_day",
            "What an appointment without a start time is: all day, or from that time on.",
            "Was ein Termin ohne Uhrzeit ist: ganztägig oder ab dieser Zeit.",
            example="09:00",
        ),
        Setting(
            "CALENDAR_ONLY",
            kinds.ITEMS,
            "",
            "Only the calendars of these kuerzel are synced, whoever asks (clock, page, command, HTTP); empty: all.",
            "Nur die Kalender dieser Kürzel werden abgeglichen, wer auch immer es anstößt (Uhr, Seite, Befehl, HTTP); "
            "leer: alle.",
            example="SB,AI",
        ),
        Setting(
            "CALENDAR_WRITE_TO_ADVOWARE",
            kinds.BOOLEAN,
            "false",
            "Whether changes made in Google go to Advoware, for employees that are new here; each can be set apart.",
            "Ob Änderungen aus Google nach Advoware gehen, für hier neue Mitarbeiter; je Mitarbeiter einstellbar.",
            example="true",
        ),
    ),
)
