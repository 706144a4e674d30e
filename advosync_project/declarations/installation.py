"""What an installation is, and how its web side is secured."""

from advosync_project import kinds
from advosync_project.declarations.rows import PRODUCTION, Section, Setting

INSTALLATION = Section(
    "Installation",
    "Installation",
    (
        Setting(
            "SECRET_KEY",
            kinds.TEXT,
            "",
            "Signs sessions; 50 random characters, kept secret.",
            "Signiert Sitzungen; 50 zufällige Zeichen, geheim zu halten.",
            PRODUCTION,
            True,
            "50-random-characters",
        ),
        Setting(
            "DEBUG",
            kinds.BOOLEAN,
            "false",
            "Developer's error pages and relaxed security. Never in production.",
            "Fehlerseiten für die Entwicklung und gelockerte Sicherheit. Nie im Betrieb.",
        ),
        Setting(
            "SANDBOX",
            kinds.BOOLEAN,
            "false",
            "Adds stand-ins for EspoCRM, Advoware and Google Calendar under /sandbox/.",
            "Stellt unter /sandbox/ Nachbildungen von EspoCRM, Advoware und Google Kalender bereit.",
        ),
        Setting(
            "ALLOWED_HOSTS",
            kinds.HOSTS,
            "127.0.0.1,localhost",
            "Host names under which this installation is reached, that of PUBLIC_URL among them.",
            "Rechnernamen, unter denen diese Installation erreichbar ist, darunter der aus PUBLIC_URL.",
            PRODUCTION,
            example="sync.example.org",
        ),
        Setting(
            "CSRF_TRUSTED_ORIGINS",
            kinds.ITEMS,
            "",
            "Origins that may send forms, if a proxy changes the host.",
            "Ursprünge, die Formulare senden dürfen, falls ein Proxy den Host ändert.",
            example="https://sync.example.org",
        ),
        Setting(
            "PUBLIC_URL",
            kinds.HTTP_URL,
            "",
            "Address of this installation, for webhooks and links.",
            "Adresse dieser Installation, für Webhooks und Links.",
            example="https://sync.example.org",
        ),
        Setting(
            "VAR_DIR",
            kinds.TEXT,
            "var",
            "Folder for what this installation keeps in files, such as the embedded Redis; relative to manage.py, or, "
            "installed from a wheel, to the folder in which the command is started.",
            "Ordner für Dateien dieser Installation, etwa die eingebaute Redis-Instanz; relativ zu manage.py oder, als "
            "Wheel installiert, zu dem Ordner, in dem der Befehl gestartet wird.",
        ),
        Setting(
            "DATABASE_URL",
            kinds.DATABASE,
            "sqlite:///var/advosync.sqlite3",
            "The database: an SQLite file (a relative path counts as for VAR_DIR), or PostgreSQL.",
            "Die Datenbank: eine SQLite-Datei (relative Pfade wie bei VAR_DIR) oder PostgreSQL.",
            secret=True,
        ),
        Setting(
            "DATABASE_TRANSACTION_POOLING",
            kinds.BOOLEAN,
            "false",
            "PgBouncer or the like stands before PostgreSQL and gives each transaction another connection (pool_mode = "
            "transaction). Long lists are then read whole into memory, since no cursor outlives its transaction.",
            "Vor PostgreSQL steht PgBouncer oder Ähnliches und gibt jeder Transaktion eine andere Verbindung "
            "(pool_mode = transaction). Lange Listen werden dann ganz in den Speicher gelesen, da kein Cursor seine "
            "Transaktion überdauert.",
        ),
        Setting(
            "SANDBOX_ALLOW_ANYWHERE",
            kinds.BOOLEAN,
            "false",
            "Lets the stand-ins, which have well-known passwords, run without DEBUG or on another address.",
            "Erlaubt die Nachbildungen mit ihren bekannten Passwörtern auch ohne DEBUG oder auf fremden Adressen.",
        ),
        Setting(
            "SANDBOX_DATABASE_URL",
            kinds.DATABASE,
            "sqlite:///var/sandbox.sqlite3",
            "Database of the stand-ins, only with SANDBOX.",
            "Datenbank der Nachbildungen, nur mit SANDBOX.",
            secret=True,
        ),
        Setting(
            "REDIS_URL",
            kinds.REDIS_URL,
            "redis://127.0.0.1:6379/1",
            "Redis or Valkey for jobs and locks. If unset, `run_all` starts an embedded one.",
            "Redis oder Valkey für Aufträge und Sperren. Ohne Angabe startet `run_all` eine eingebaute Instanz.",
            secret=True,
        ),
        Setting(
            "TIME_ZONE", kinds.TIME_ZONE, "Europe/Berlin", "Zone in which times are shown.", "Zeitzone der Anzeige."
        ),
        Setting(
            "LANGUAGE_CODE",
            kinds.choice(("de", "en")),
            "de",
            "Default language of the admin.",
            "Standardsprache der Verwaltung.",
        ),
        Setting(
            "CSV_FORMAT",
            kinds.choice(("excel-de", "excel-en", "plain")),
            "excel-de",
            "How CSV files are written: for a German Excel (semicolon, byte order mark), for an English one (comma, "
            "byte order mark), or plain (comma, UTF-8). Files handed in are read in every spelling.",
            "Wie CSV-Dateien geschrieben werden: für ein deutsches Excel (Semikolon, BOM), für ein englisches (Komma, "
            "BOM) oder schlicht (Komma, UTF-8). Eingereichte Dateien werden in jeder Schreibweise gelesen.",
        ),
        Setting(
            "EMAIL_URL",
            kinds.EMAIL,
            "consolemail://",
            "Outgoing mail.",
            "Ausgehende E-Mail.",
            secret=True,
        ),
        Setting(
            "METRICS_TOKEN",
            kinds.TEXT,
            "",
            "Bearer token for /metrics from another machine.",
            "Bearer-Token für /metrics von einem anderen Rechner.",
            secret=True,
            example="a-long-random-text",
        ),
        Setting(
            "LOG_LEVEL",
            kinds.choice(("INFO", "DEBUG", "WARNING", "ERROR")),
            "INFO",
            "How much is logged.",
            "Wie viel protokolliert wird.",
        ),
    ),
)

SECURITY = Section(
    "Web security",
    "Sicherheit der Weboberfläche",
    (
        Setting(
            "SECURE_SSL_REDIRECT",
            kinds.BOOLEAN,
            "true",
            "Plain HTTP is redirected to HTTPS (not with DEBUG).",
            "HTTP wird auf HTTPS umgeleitet (nicht mit DEBUG).",
        ),
        Setting(
            "SECURE_HSTS_SECONDS",
            kinds.integer(),
            "31536000",
            "How long browsers insist on HTTPS; 0 switches it off (not with DEBUG).",
            "Wie lange Browser auf HTTPS bestehen; 0 schaltet es ab (nicht mit DEBUG).",
        ),
        Setting(
            "SECURE_COOKIES",
            kinds.BOOLEAN,
            "true",
            "Cookies only over HTTPS (not with DEBUG).",
            "Cookies nur über HTTPS (nicht mit DEBUG).",
        ),
        Setting(
            "TRUST_PROXY_HEADERS",
            kinds.BOOLEAN,
            "false",
            "Believe X-Forwarded-Proto and the last address of X-Forwarded-For. Only behind a proxy that sets both.",
            "X-Forwarded-Proto und der letzten Adresse in X-Forwarded-For glauben. Nur hinter einem Proxy, der beide "
            "selbst setzt.",
        ),
        Setting(
            "LOGIN_FAILURES",
            kinds.integer(1),
            "5",
            "Wrong passwords before a login is locked.",
            "Falsche Passwörter, bis eine Anmeldung gesperrt wird.",
        ),
        Setting(
            "SESSION_HOURS",
            kinds.integer(1),
            "12",
            "Hours after which somebody has to log in again.",
            "Stunden, nach denen man sich neu anmelden muss.",
        ),
        Setting(
            "LOGIN_LOCK_MINUTES", kinds.integer(1), "15", "How long it stays locked.", "Wie lange die Sperre dauert."
        ),
    ),
)
