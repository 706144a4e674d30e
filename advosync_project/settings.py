"""Django's settings: wiring only. What an installation may choose is declared in advosync_project/declarations/.

Every declared setting becomes a module attribute of the same name and in the shape of its kind (a list for a comma
list, a dict for pairs, seconds as float); the empty text stands for "not set".
"""

import os
import secrets
from datetime import timedelta
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE

from advosync_project import embedded_redis, environment, logs, places, secret_files
from advosync_project.appearance import UNFOLD as UNFOLD
from syncapp.core.requests import QueueName

BASE_DIR = places.HOME
ENV_FILE = environment.load_env_file(places.env_file())
DECLARED = environment.read(os.environ)
globals().update(DECLARED)

DEBUG: bool = DECLARED["DEBUG"]
SANDBOX: bool = DECLARED["SANDBOX"]
# Only a developer or a sandbox gets by without a key of their own, and a well-known one is for the developer alone.
SECRET_KEY: str = DECLARED["SECRET_KEY"] or ("insecure-development-key" if DEBUG else secrets.token_urlsafe(50))

VAR_DIR = BASE_DIR / DECLARED["VAR_DIR"]

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
    "axes",
    "csp",
    "syncapp",
    *(["sandbox"] if SANDBOX else []),
]
MIDDLEWARE = [
    "advosync_project.request_ids.RequestIds",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "syncapp.views.people.OwnPasswordFirst",
    "axes.middleware.AxesMiddleware",  # last: it answers for a locked login
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Through the firm's identity provider, where there is one; passwords stay, for the day on which it is away.
if DECLARED["OIDC_ISSUER"]:
    AUTHENTICATION_BACKENDS.append("syncapp.operations.people.sign_in.FirmBackend")
OIDC_OP_AUTHORIZATION_ENDPOINT = DECLARED["OIDC_AUTHORIZATION_URL"]
OIDC_OP_TOKEN_ENDPOINT = DECLARED["OIDC_TOKEN_URL"]
OIDC_OP_JWKS_ENDPOINT = DECLARED["OIDC_KEYS_URL"]
OIDC_OP_USER_ENDPOINT = ""  # all that counts stands in the signed token
OIDC_RP_CLIENT_ID = DECLARED["OIDC_CLIENT_ID"]
OIDC_RP_CLIENT_SECRET = DECLARED["OIDC_CLIENT_SECRET"]
OIDC_RP_SCOPES = "openid email profile"
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_USE_PKCE = True
OIDC_TIMEOUT = 10
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
] + [{"NAME": "syncapp.operations.people.accounts.FirstPassword"}]
ROOT_URLCONF = "advosync_project.urls"
WSGI_APPLICATION = "advosync_project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [places.TEMPLATES],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            # What nearly every page needs: translations, and how things look here.
            "builtins": ["django.templatetags.i18n", "syncapp.templatetags.ops", "syncapp.templatetags.calendars"],
        },
    },
]

# Writers queue for the write lock at BEGIN instead of failing half-way, and readers never wait for them.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


# A database that is away is noticed in time to answer a webhook with 503, and by the probes.
# Nor is one waited for that has gone without a word (a cable, a firewall that forgot the connection): half a minute.
POSTGRES_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
# To open one anew for each request costs more than most requests do, with SQLite too: each opening sets its pragmas.
OPEN_FOR = 60


def database_settings(config: dict[str, Any]) -> dict[str, Any]:
    """What Django is told of a database, from what its address says."""
    if not config["ENGINE"].endswith("sqlite3"):
        options = POSTGRES_OPTIONS | config.get("OPTIONS", {})
        pooled = {"DISABLE_SERVER_SIDE_CURSORS": DECLARED["DATABASE_TRANSACTION_POOLING"]}
        return {"CONN_MAX_AGE": OPEN_FOR, "CONN_HEALTH_CHECKS": True} | pooled | config | {"OPTIONS": options}
    path = BASE_DIR / config["NAME"]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # whoever gets there can read it
    options = SQLITE_OPTIONS | config.get("OPTIONS", {})
    return {"CONN_MAX_AGE": OPEN_FOR} | config | {"NAME": str(path), "OPTIONS": options}


DATABASES = {"default": database_settings(DECLARED["DATABASE_URL"])}
if SANDBOX:
    DATABASES["sandbox"] = database_settings(DECLARED["SANDBOX_DATABASE_URL"])
DATABASE_ROUTERS = ["advosync_project.routers.SandboxRouter"] if SANDBOX else []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Without a configured Redis, every command uses the embedded one that `run_all` started in VAR_DIR.
EMBEDDED_REDIS_DIR = VAR_DIR / "redis"
USES_EMBEDDED_REDIS = not secret_files.is_given("REDIS_URL", os.environ)
REDIS_URL: str = (embedded_redis.known_url(EMBEDDED_REDIS_DIR) if USES_EMBEDDED_REDIS else "") or DECLARED["REDIS_URL"]

# "schedule" carries the clock's own jobs, so that no long batch on another queue delays the dispatcher.
# "calendar" is there where calendars are: a long first load delays nothing else.
_CALENDARS = bool(DECLARED["GOOGLE_SERVICE_ACCOUNT_FILE"])
QUEUE_NAMES = tuple(name.value for name in QueueName if _CALENDARS or name is not QueueName.CALENDAR)
RQ_QUEUES = {
    name: {
        # A URL: with host and port an enqueue hangs for seconds while Redis is away.
        "URL": REDIS_URL,
        "REDIS_CLIENT_KWARGS": {"socket_connect_timeout": 2},
        "DEFAULT_TIMEOUT": 1800,
        "DEFAULT_RESULT_TTL": 600,
        "SERIALIZER": "rq.serializers.JSONSerializer",
    }
    for name in QUEUE_NAMES
}

# Its pages are English and let every visitor empty a queue: ours take their place (syncapp/admin/pages/machinery).
RQ_SHOW_ADMIN_LINK = False

LANGUAGES = [("de", "Deutsch"), ("en", "English")]
LOCALE_PATHS = [places.SOURCE / "syncapp" / "locale"]
USE_TZ = True
USE_I18N = True
STATIC_URL = "static/"
STATIC_ROOT = places.static_root(VAR_DIR)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedStaticFilesStorage"
    },
}
# A developer's server finds the apps' files itself; in production `collectstatic` gathers them.
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# A mail server that does not answer must not hold up the sweep.
EMAIL_TIMEOUT = 10
globals().update(DECLARED["EMAIL_URL"])

# In the developer's mode there is no TLS to insist on.
SECURE_SSL_REDIRECT = DECLARED["SECURE_SSL_REDIRECT"] and not DEBUG
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if DEBUG else DECLARED["SECURE_HSTS_SECONDS"]
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_SECONDS > 0
SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = DECLARED["SECURE_COOKIES"] and not DEBUG
SESSION_COOKIE_HTTPONLY = True
# Counted from the login: pages that refresh themselves must not keep a forgotten screen open for ever.
SESSION_COOKIE_AGE = DECLARED["SESSION_HOURS"] * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if DECLARED["TRUST_PROXY_HEADERS"] else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # The admin theme evaluates its Alpine expressions and sets inline styles.
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# Bodies are bounded before they are read; webhooks have their own, equal bound.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

AXES_FAILURE_LIMIT = DECLARED["LOGIN_FAILURES"]
AXES_COOLOFF_TIME = timedelta(minutes=DECLARED["LOGIN_LOCK_MINUTES"])
# Both together: a stranger who knows a name locks nobody out but himself.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "advosync_project.addresses.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_WHITELIST_CALLABLE = "syncapp.operations.people.sign_in.is_no_password"
AXES_LOCKOUT_TEMPLATE = "locked.html"

LOGGING_CONFIG = None
LOGGING = logs.configuration(level=DECLARED["LOG_LEVEL"], readable=DEBUG)
logs.configure(LOGGING)
