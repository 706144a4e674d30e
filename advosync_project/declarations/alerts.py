"""Who is told when something is wrong, and from when on it is."""

from advosync_project import kinds
from advosync_project.declarations.rows import Section, Setting

ALERTS = Section(
    "Alerts",
    "Alarme",
    (
        Setting(
            "ALERT_EMAILS",
            kinds.ITEMS,
            "",
            "Who gets alerts and the morning's digest by mail.",
            "Wer Alarme und die Übersicht am Morgen per E-Mail bekommt.",
            example="technik@kanzlei.example,buero@kanzlei.example",
        ),
        Setting(
            "ALERT_WEBHOOK_URL",
            kinds.HTTP_URL,
            "",
            "Incoming webhook of a chat (Slack, Teams, Mattermost) for alerts.",
            "Eingehender Webhook eines Chats (Slack, Teams, Mattermost) für Alarme.",
            secret=True,
            example="https://chat.example.org/hooks/abc",
        ),
        Setting(
            "DEADMAN_PING_URL",
            kinds.HTTP_URL,
            "",
            "Called after every sweep; an outside watcher rings when the calls stop.",
            "Wird nach jedem Sammellauf aufgerufen; ein Wächter außerhalb meldet sich, wenn die Aufrufe ausbleiben.",
            secret=True,
            example="https://watch.example.org/ping/abc",
        ),
        Setting(
            "DIGEST_HOUR",
            kinds.integer(0),
            "7",
            "Hour of the day from which the digest is sent.",
            "Stunde, ab der die Übersicht verschickt wird.",
            example="7",
        ),
        Setting(
            "ALERT_PERMANENTLY_FAILED",
            kinds.integer(0),
            "10",
            "Permanently failed records that are too many when exceeded.",
            "Dauerhaft gescheiterte Datensätze, ab deren Überschreiten alarmiert wird.",
        ),
        Setting(
            "ALERT_SYNC_SECONDS",
            kinds.integer(1),
            "60",
            "A sync that takes longer is too slow.",
            "Ein Abgleich, der länger dauert, ist zu langsam.",
            example="60",
        ),
        Setting(
            "ALERT_ERRORS_PER_HOUR",
            kinds.integer(0),
            "50",
            "Failed syncs in an hour that are too many when exceeded.",
            "Gescheiterte Abgleiche in einer Stunde, ab deren Überschreiten alarmiert wird.",
            example="50",
        ),
        Setting(
            "ALERT_NO_SWEEP_MINUTES",
            kinds.integer(1),
            "30",
            "Minutes without a sweep that are too long.",
            "Minuten ohne Sammellauf, die zu lang sind.",
            example="30",
        ),
        Setting(
            "ALERT_UNSYNCED_MINUTES",
            kinds.integer(1),
            "30",
            "Minutes that a change may wait.",
            "Minuten, die eine Änderung warten darf.",
            example="30",
        ),
        Setting(
            "ALERT_JOB_FAILURES",
            kinds.integer(1),
            "3",
            "Times in a row that a regular job or a step of the sweep has to fail before somebody is told.",
            "Wie oft hintereinander eine regelmäßige Aufgabe oder ein Schritt des Sammellaufs scheitern muss, "
            "bevor jemand benachrichtigt wird.",
        ),
        Setting(
            "ALERT_BREAKER_MINUTES",
            kinds.integer(0),
            "5",
            "Minutes that a system may stay away before somebody is told.",
            "Minuten, die ein System fehlen darf, bevor jemand benachrichtigt wird.",
        ),
        Setting(
            "ALERT_PAUSE_HOURS",
            kinds.integer(0),
            "4",
            "Hours of pause after which somebody is reminded.",
            "Stunden Pause, nach denen jemand erinnert wird.",
            example="4",
        ),
    ),
)
