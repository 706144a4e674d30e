"""Django settings, all read from the environment (or a `.env` beside manage.py)."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)

SECRET_KEY = env.str("SECRET_KEY", default="insecure-development-key")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
SANDBOX = env.bool("SANDBOX", default=False)

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_rq",
    "syncapp",
    *(["sandbox"] if SANDBOX else []),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "advosync_project.urls"
WSGI_APPLICATION = "advosync_project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'advosync.sqlite3'}")}
if SANDBOX:
    DATABASES["sandbox"] = env.db("SANDBOX_DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'sandbox.sqlite3'}")
for _database in DATABASES.values():
    if _database["ENGINE"].endswith("sqlite3"):
        _database.setdefault("OPTIONS", {}).update(SQLITE_OPTIONS)
DATABASE_ROUTERS = ["advosync_project.routers.SandboxRouter"] if SANDBOX else []

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/1")
QUEUE_NAMES = ("webhook", "sweep", "bulk")
RQ_QUEUES = {name: {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 1800} for name in QUEUE_NAMES}

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="de")
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "syncapp" / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Berlin")
USE_TZ = True
USE_I18N = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ESPOCRM_API_BASE_URL = env.str("ESPOCRM_API_BASE_URL", default="")
ESPOCRM_API_KEY = env.str("ESPOCRM_API_KEY", default="")
ESPOCRM_SECRET_KEY = env.str("ESPOCRM_SECRET_KEY", default="")
ESPOCRM_ENTITY_TYPE = env.str("ESPOCRM_ENTITY_TYPE", default="CBeteiligte")
ESPOCRM_WEBHOOK_SECRETS = env.list("ESPOCRM_WEBHOOK_SECRETS", default=[])
ESPOCRM_TIMEOUT_SECONDS = env.float("ESPOCRM_TIMEOUT_SECONDS", default=30)
ESPOCRM_FIELD_MAP = env.list("ESPOCRM_FIELD_MAP", default=[])
ESPOCRM_VALUE_MAP = env.json("ESPOCRM_VALUE_MAP", default={})
ESPOCRM_UI_URL = env.str("ESPOCRM_UI_URL", default="")
ESPOCRM_SHOW_SYNCING = env.bool("ESPOCRM_SHOW_SYNCING", default=False)
ESPOCRM_NOTIFY_USERS = env.list("ESPOCRM_NOTIFY_USERS", default=[])

ADVOWARE_API_BASE_URL = env.str("ADVOWARE_API_BASE_URL", default="")
ADVOWARE_API_PREFIX = env.str("ADVOWARE_API_PREFIX", default="api/v1/advonet")
ADVOWARE_AUTH_URL = env.str("ADVOWARE_AUTH_URL", default="")
ADVOWARE_APP_ID = env.str("ADVOWARE_APP_ID", default="")
ADVOWARE_API_KEY = env.str("ADVOWARE_API_KEY", default="")
ADVOWARE_PRODUCT_ID = env.int("ADVOWARE_PRODUCT_ID", default=64)
ADVOWARE_KANZLEI = env.str("ADVOWARE_KANZLEI", default="")
ADVOWARE_DATABASE = env.str("ADVOWARE_DATABASE", default="")
ADVOWARE_USER = env.str("ADVOWARE_USER", default="")
ADVOWARE_ROLE = env.int("ADVOWARE_ROLE", default=2)
ADVOWARE_PASSWORD = env.str("ADVOWARE_PASSWORD", default="")
ADVOWARE_TOKEN_LIFETIME_MINUTES = env.int("ADVOWARE_TOKEN_LIFETIME_MINUTES", default=55)
ADVOWARE_TIMEOUT_SECONDS = env.float("ADVOWARE_TIMEOUT_SECONDS", default=30)
ADVOWARE_TIMEZONE = env.str("ADVOWARE_TIMEZONE", default="Europe/Berlin")
ADVOWARE_EMPTY_DATE = env.str("ADVOWARE_EMPTY_DATE", default="")

SYNC_BACKOFF_MINUTES = [int(n) for n in env.list("SYNC_BACKOFF_MINUTES", default=["1", "5", "15", "60", "240"])]
SYNC_MAX_RETRIES = env.int("SYNC_MAX_RETRIES", default=5)
SYNC_LOCK_TTL_SECONDS = env.int("SYNC_LOCK_TTL_SECONDS", default=300)
SYNC_SWEEP_MINUTES = env.int("SYNC_SWEEP_MINUTES", default=15)
SYNC_SWEEP_LIMIT = env.int("SYNC_SWEEP_LIMIT", default=100)
SYNC_RECHECK_HOURS = env.int("SYNC_RECHECK_HOURS", default=24)
SYNC_RECHECK_PER_SWEEP = env.int("SYNC_RECHECK_PER_SWEEP", default=100)
SYNC_AUTO_RESET_HOURS = env.int("SYNC_AUTO_RESET_HOURS", default=24)
SYNC_PARALLEL = env.int("SYNC_PARALLEL", default=10)
SYNC_CONFLICT_SCOPE = env.str("SYNC_CONFLICT_SCOPE", default="field")
SYNC_CONFLICT_POLICY = env.str("SYNC_CONFLICT_POLICY", default="espocrm_wins")
SYNC_ONLY = env.list("SYNC_ONLY", default=[])
SYNC_GUARD_MAX_REMOVALS = env.int("SYNC_GUARD_MAX_REMOVALS", default=20)
SYNC_GUARD_MAX_CREATES = env.int("SYNC_GUARD_MAX_CREATES", default=200)
SYNC_HISTORY_DAYS = env.int("SYNC_HISTORY_DAYS", default=180)
COMPANY_RECHTSFORMEN = env.list("COMPANY_RECHTSFORMEN", default=["GmbH", "AG", "KG", "OHG", "GbR", "UG", "e.V."])
KOMM_NEW_IN_ADVOWARE_ON_CONFLICT = env.str("KOMM_NEW_IN_ADVOWARE_ON_CONFLICT", default="skip")
KOMM_TYPE_CHANGE = env.str("KOMM_TYPE_CHANGE", default="notify")
KOMMKZ_MAP = env.list("KOMMKZ_MAP", default=[])
PHONE_REGION = env.str("PHONE_REGION", default="DE")
PUBLIC_URL = env.str("PUBLIC_URL", default="")
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
