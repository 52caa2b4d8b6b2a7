"""All settings of the project. Every value can be set in the environment; README.md lists them."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from config.environment import database, env, keys, number, numbers, secret, secret_list, switch, text, whole, word

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))

# --- what it is -----------------------------------------------------------------------------------
DEBUG = switch("DEBUG", default=False)
SECRET_KEY = secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = secret_list("SECRET_KEY_FALLBACKS")
DESK_KEYS = keys("DESK_KEYS")
"""AES-256 keys for what is sealed in the database: the first seals, all open."""
NUMBER_KEY = keys("NUMBER_KEY")[0]
"""The key of the hashes under which telephone numbers are found."""
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BEHIND_PROXY = switch("BEHIND_PROXY", default=False)
"""True when a reverse proxy sets X-Forwarded-Proto and X-Forwarded-For."""

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "lucide",
    "dashboard",
]
MIDDLEWARE = [
    "dashboard.middleware.RequestIdMiddleware",
    "dashboard.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "dashboard.middleware.PersonMiddleware",
    "dashboard.middleware.FetchSiteMiddleware",
    "dashboard.middleware.LegibleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "dashboard.middleware.ErrorPagesMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "dashboard.context.desk",
            ],
            "builtins": ["dashboard.templatetags.desk", "dashboard.templatetags.times", "lucide.templatetags.lucide"],
        },
    }
]

# --- database -------------------------------------------------------------------------------------
DATABASES = {"default": database("DATABASE_URL", f"sqlite:///{BASE_DIR / 'var' / 'desk.sqlite3'}")}
DATABASE = DATABASES["default"]
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "PRAGMA mmap_size=134217728; PRAGMA journal_size_limit=27103364;"
        ),
    }
    DATABASE["CONN_MAX_AGE"] = None
else:
    DATABASE.setdefault("CONN_MAX_AGE", whole("DATABASE_CONN_MAX_AGE", default=60))
    DATABASE["CONN_HEALTH_CHECKS"] = True
    # The second: a worker whose machine sleeps in the middle of a transaction must not keep the others out.
    # The third: nobody waits longer for another's lock than SQLite lets him. The rest: a server that went silent counts as gone.
    options = "-c synchronous_commit=on -c idle_in_transaction_session_timeout=15000 -c lock_timeout=20000"
    silence = {"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 4, "tcp_user_timeout": 30_000}
    DATABASE["OPTIONS"] = {"options": options, **silence, **DATABASE.get("OPTIONS", {})}
if test_database := env.str("TEST_DATABASE", default=""):
    DATABASE["TEST"] = {"NAME": test_database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people and sessions --------------------------------------------------------------------------
AUTH_USER_MODEL = "dashboard.Person"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "sign_in"
SESSION_ENGINE = "dashboard.models.sessions"
SESSION_COOKIE_AGE = whole("SESSION_SECONDS", default=8 * 3600, least=1)
"""The longest a session lasts, however busy."""
SESSION_IDLE_SECONDS = whole("SESSION_IDLE_SECONDS", default=30 * 60, least=1)
SESSION_IDLE_SECONDS_ADMIN = whole("SESSION_IDLE_SECONDS_ADMIN", default=15 * 60, least=1)
PROOF_SECONDS = whole("PROOF_SECONDS", default=5 * 60, least=1)
"""How long a password counts, once given, for changing roles, people and credentials."""
PASSWORD_RESET_TIMEOUT = whole("PASSWORD_LINK_SECONDS", default=24 * 3600, least=1)
SIGN_IN_TRIES = whole("SIGN_IN_TRIES", default=8, least=1)
"""Refused sign-ins for one name or one address in 15 minutes, after which more are refused unseen."""

# --- transport security: on in production, off on http://127.0.0.1 ---------------------------------
HTTPS = switch("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "desk-session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "desk-csrf"
CSRF_FAILURE_VIEW = "dashboard.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# --- files, language, time ------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "var" / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "dashboard" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- sending: every wait, lease and limit, in seconds unless said otherwise -------------------------
INSTANCE = text("INSTANCE", longest=60)
"""Which desk this is: a database that belongs to another is not sent from."""
OUTBOUND_LOOPBACK = switch("OUTBOUND_LOOPBACK", default=False)
"""Lets connections call http and loopback addresses: for the sandbox and the tests only."""
OUTBOUND_HOSTS = tuple(env.list("OUTBOUND_HOSTS", default=[]))
"""Host patterns allowed besides those that the providers declare."""
CALL_DEADLINE = number("CALL_DEADLINE", default=30.0, least=0.1)
ANSWER_LIMIT = whole("ANSWER_LIMIT", default=1_000_000, least=1000)
"""Bytes of an answer that are read."""
WORKER_PAUSE = number("WORKER_PAUSE", default=0.2)
WORKER_STALE = number("WORKER_STALE", default=20.0, least=0.1)
"""A worker not seen for so long counts as gone: the banner and /readyz say so."""
WORKER_GRACE = number("WORKER_GRACE", default=35.0)
LANE_LEASE = number("LANE_LEASE", default=15.0, least=0.1)
LANE_CHUNK = whole("LANE_CHUNK", default=50, least=1)
LANE_LINGER = number("LANE_LINGER", default=1.0)
"""How long a worker keeps a lane on which nothing is due."""
SETTLE_PATIENCE = number("SETTLE_PATIENCE", default=60.0)
"""How long an outcome is tried to be stored before it is left to the journal."""
THROTTLE_PAUSE = number("THROTTLE_PAUSE", default=10.0)
"""The hold after "too many requests" without Retry-After."""
SLOW_FOR = number("SLOW_FOR", default=60.0)
"""How long the pace stays halved after such a hold."""
DISK_LEAST = whole("DISK_LEAST", default=500_000_000)
"""Free bytes below which nothing is claimed."""
DISK_LEAST_SHARE = env.float("DISK_LEAST_SHARE", default=0.05)
"""The same as a share of the whole disk; what is larger counts."""
GIVE_UP_AFTER = number("GIVE_UP_AFTER", default=24 * 3600.0)
TERMINAL_GIVE_UP_AFTER = number("TERMINAL_GIVE_UP_AFTER", default=60.0)
BACK_OFF = numbers("BACK_OFF", default="1,5,30,120,600,1800", least=1)
REPEAT_WAITS = numbers("REPEAT_WAITS", default="5,30,120,300,420")
"""VCC: waits before the same bytes are sent again; when they are used up, the row stays in doubt."""
REPEAT_WINDOW = number("REPEAT_WINDOW", default=15 * 60.0)
PROBE_QUIET = number("PROBE_QUIET", default=120.0)
"""Acoustic: quiet time before the same name is posted again."""
PROBE_TRIES = whole("PROBE_TRIES", default=5)
BREAKER_PAUSE = number("BREAKER_PAUSE", default=30.0)
BREAKER_LONGEST = number("BREAKER_LONGEST", default=900.0)
QUIET_MARGIN = number("QUIET_MARGIN", default=600.0)
"""Added to lease and deadline before a doubtful dispatch may be sent again by hand."""
CRASHES_ALLOWED = whole("CRASHES_ALLOWED", default=3, least=1)
JOURNAL = env.path("JOURNAL", default=str(BASE_DIR / "var" / "journal"))
"""The directory of the outcome journal."""
FORM_LIFE = number("FORM_LIFE", default=12 * 3600.0, least=1)
"""How long an opened composer form can be sent."""
SANDBOX_ADDRESS = env.str("SANDBOX_ADDRESS", default="http://127.0.0.1:8900")

# --- logs -----------------------------------------------------------------------------------------
LOGGING_CONFIG = "config.logging.configure"
LOG_LEVEL = word("LOG_LEVEL", default="INFO", allowed=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {"level": LOG_LEVEL}
