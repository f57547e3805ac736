"""Every setting, from the environment; with none set, everything runs embedded below `var/`.

`docs/settings.md` lists them; `checks.py` reports wrong ones.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from annotation.roles import Role
from mlworker import environment
from mlworker.contract import LONGEST_PATIENCE
from mlworker.environment import env
from mlworker.queue.broker import broker_settings

from .version import read_version

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = environment.var_dir()
SECOND_FACTOR_ROLES = ("administrator", *map(str, Role))
VERSION = read_version(BASE_DIR / "CHANGELOG.md")


def make_folder(folder: Path, name: str, mode: int = 0o777) -> Path:
    """Return a folder, made if missing; stop with one line when that cannot be."""
    try:
        folder.mkdir(mode, parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"{name}: {folder} cannot be made: {error.strerror}") from None
    return folder


def make_private_folder(folder: Path, name: str) -> Path:
    """Return a folder that only its owner may enter; others are shut out where nobody has decided otherwise."""
    make_folder(folder, name, 0o700)
    state = folder.stat()
    # Open to everybody is what comes of itself; open to a group is what somebody meant.
    if state.st_uid == os.geteuid() and state.st_mode & 0o007:
        with suppress(OSError):  # Read-only, as in a container.
            folder.chmod(0o700)
    return folder


def time_zone(name: str) -> str:
    """Return the name of a time zone; stop with one line when there is none of that name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SystemExit(f"TIME_ZONE: a name such as Europe/Berlin is accepted, not {name!r}") from None
    return name


def kept_secret(path: Path) -> str:
    """Return the secret kept in `path`, made on first use, readable by its owner only."""
    make_folder(path.parent, "VAR_DIR")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text()


# What every deployment decides.
make_private_folder(VAR_DIR, "VAR_DIR")
DEBUG = env.flag("DEBUG")
SECRET_KEY = env.text("SECRET_KEY") or kept_secret(VAR_DIR / "secret_key")
ALLOWED_HOSTS = env.texts("ALLOWED_HOSTS", ["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.texts("CSRF_TRUSTED_ORIGINS")
HTTPS = env.flag("HTTPS")
SECURITY_CONTACT = env.text("SECURITY_CONTACT")
DATABASE_URL = env.text("DATABASE_URL")
REDIS_URL = env.text("REDIS_URL")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise SystemExit(
        "REDIS_URL is not understood; redis://HOST:PORT/NUMBER is accepted, and none means a queue of files"
    )
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(VAR_DIR / "media")))
# Images in a bucket instead; the key to it is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or where boto3 looks.
S3_BUCKET = env.text("S3_BUCKET")
S3_ENDPOINT_URL = env.text("S3_ENDPOINT_URL")
BENCHMARKS_DIR = Path(env.text("BENCHMARKS_DIR", str(VAR_DIR / "benchmarks")))
RELEASES_DIR = Path(env.text("RELEASES_DIR", str(VAR_DIR / "releases")))
RELEASE_PART_IMAGES = env.whole_number("RELEASE_PART_IMAGES", 1000, least=1)

# Limits on what may be imported.
MAX_IMAGE_BYTES = env.whole_number("MAX_IMAGE_BYTES", environment.LARGEST_IMAGE)
MAX_IMAGE_PIXELS = env.whole_number("MAX_IMAGE_PIXELS", 200_000_000)

# How long what nobody works with any more is kept, before `clean_up` clears it.
RETENTION_DAYS = env.whole_number("RETENTION_DAYS", 90)

# How runs hand out their images, those for embeddings too.
PREFILL_BATCH_SIZE = env.whole_number("PREFILL_BATCH_SIZE", 16, least=1)
PREFILL_BATCHES_AHEAD = env.whole_number("PREFILL_BATCHES_AHEAD", 4, least=1)
PREFILL_LONGEST_BATCH = environment.longest_batch()
# A queue of files forgets nothing and hands a dead worker's message on at once, so it is not hurried.
PREFILL_RESEND_AFTER = env.whole_number("PREFILL_RESEND_AFTER", 120 if REDIS_URL else PREFILL_LONGEST_BATCH, least=1)
PREFILL_IMAGES = env.choice("PREFILL_IMAGES", ("folder", "web", "storage"), "storage" if S3_BUCKET else "folder")
PUBLIC_URL = env.text("PUBLIC_URL")

# Where releases may be sent; tokens come from the environment and are kept nowhere.
HF_ENDPOINT = env.text("HF_ENDPOINT", "https://huggingface.co")
HF_TOKEN = env.text("HF_TOKEN")
ZENODO_URL = env.text("ZENODO_URL", "https://zenodo.org")
ZENODO_TOKEN = env.text("ZENODO_TOKEN")
# From the environment: everybody on the machine may see a command's arguments.
RELEASE_KEY_PASSPHRASE = env.text("RELEASE_KEY_PASSPHRASE")

INSTALLED_APPS = [
    "webapp.accounts",
    "annotation",
    "webapp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    # Before names and schemes are asked for: who probes knows an address only.
    "webapp.operations.health.answer_probes",
    # Around all others, so that their refusals carry the policy too.
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "webapp.operations.guards.keep_nothing",
    "webapp.operations.guards.refuse_zero_bytes",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "webapp.accounts.last_seen.NoteActivity",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "webapp.accounts.demanded_factor.DemandSecondFactor",
    # Last, as it asks who somebody is.
    "webapp.operations.access_log.RecordDownloads",
]

ROOT_URLCONF = "webapp.urls"
WSGI_APPLICATION = "webapp.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            BASE_DIR / "webapp" / room / "templates" for room in ("organiser", "workspace", "audit", "plots", "tables")
        ],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "webapp.accounts.context.memberships",
                "webapp.accounts.context.time_zone",
                "webapp.accounts.context.institution",
            ],
            "libraries": {"shown": "webapp.organiser.shown"},
        },
    },
]


WRONG_DATABASE_URL = (
    "DATABASE_URL is not understood; postgres://USER:PASSWORD@HOST:PORT/NAME or sqlite:///FILE is accepted, "
    "and none at all means SQLite in var/db.sqlite3"
)


def postgresql(url: str) -> dict[str, Any]:
    """Return Django's settings for PostgreSQL; the driver itself reads the address."""
    from psycopg import ProgrammingError  # noqa: PLC0415  only where there is one
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        parts: dict[str, Any] = dict(conninfo_to_dict(url))
    except ProgrammingError:  # The message might hold the password.
        raise SystemExit(WRONG_DATABASE_URL) from None
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    config = {name: str(parts.pop(part, "")) for name, part in names.items()}
    if not config["NAME"] or not (config["PORT"] or "5432").replace(",", "").isdecimal():
        raise SystemExit(WRONG_DATABASE_URL)
    # Compiling a query takes longer than any of ours runs, and PostgreSQL guesses badly when it pays.
    parts["options"] = f"-c jit=off {parts.get('options') or ''}".strip()
    # What every annotation asks (`annotation.models.prepared`) is planned once a connection.
    parts["prepare_threshold"] = 5
    return {"ENGINE": "django.db.backends.postgresql", **config, "OPTIONS": parts, "CONN_HEALTH_CHECKS": True}


def sqlite(file: Path) -> dict[str, Any]:
    """Return Django's settings for SQLite.

    It runs in WAL mode with full synchronisation, so that an acknowledged save survives a power cut, and takes the
    write lock when a transaction begins, so that readers who go on to write wait instead of failing.
    """
    make_folder(file.parent, "DATABASE_URL")
    options = {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        # REPLACE tells the triggers that keep rows written once only where triggers may set off others.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
    }
    return {"ENGINE": "webapp.operations.sqlite", "NAME": str(file), "OPTIONS": options}


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for a database address; none means SQLite below `var/`."""
    if url.startswith(("postgres://", "postgresql://")):
        config = postgresql(url)
    elif file := unquote(url.partition("sqlite:///")[2]):
        config = sqlite(Path(file))
    elif not url:
        config = sqlite(VAR_DIR / "db.sqlite3")
    else:
        raise SystemExit(WRONG_DATABASE_URL)
    config["CONN_MAX_AGE"] = 60
    return config


def mail(url: str) -> dict[str, Any]:
    """Return Django's settings for a mail server: with STARTTLS, from the start with TLS (smtps), or with neither."""
    wrong = "SMTP_URL is not understood; smtp://USER:PASSWORD@HOST:PORT is accepted, smtps:// and smtp+plain:// too"
    schemes = {"smtp": ("EMAIL_USE_TLS", 587), "smtps": ("EMAIL_USE_SSL", 465), "smtp+plain": ("", 25)}
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # The message might hold the password.
        raise SystemExit(wrong) from None
    if parts.scheme not in schemes or not host or parts.path.strip("/") or parts.query:
        raise SystemExit(wrong)
    encryption, usual_port = schemes[parts.scheme]
    config: dict[str, Any] = {
        "EMAIL_HOST": host,
        "EMAIL_PORT": port or usual_port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
    }
    return config | ({encryption: True} if encryption else {})


# Where there is none, links are made to be copied instead.
SMTP_URL = env.text("SMTP_URL")
globals().update(mail(SMTP_URL) if SMTP_URL else {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"})
EMAIL_TIMEOUT = env.whole_number("SMTP_SECONDS", 10, least=1)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("MAIL_FROM", "connoisseur@localhost")

DATABASES = {"default": database(DATABASE_URL)}

# In the database, so that all processes count tries together; never in Redis: Django's cache reads pickles, which are
# programs, and model workers may write to Redis. Large, as what is pushed out of it would be tried anew.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # Each process for itself: what may be forgotten, and what asking a database for would cost more than it saves.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}},
}

CELERY = broker_settings(
    REDIS_URL or None,
    VAR_DIR / "queue",
    key_prefix=environment.key_prefix(),
    longest_batch=PREFILL_LONGEST_BATCH,
)
for _name, _value in CELERY.items():
    globals()[f"CELERY_{_name.upper()}"] = _value

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
# Common ones are the 20,000 that Django ships, most of them from breaches: nobody is asked over the network.
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator")
]
AUTH_PASSWORD_VALIDATORS.append(
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}}
)
# How long an invitation is good.
INVITATION_DAYS = env.whole_number("INVITATION_DAYS", 14, least=1)
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
# Accounts come by invitation: no address of ours leads to a sign-up.
ACCOUNT_ADAPTER = "webapp.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_ENABLED = False
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_METHODS = {"password", "mfa"}
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Connoisseur: "
# Whoever asks to reset the password of an address without an account sends nobody mail.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Tries to sign in are counted in `accounts/tries.py`, which locks out no browser that was here before.
ACCOUNT_RATE_LIMITS = {"login": None, "invitation": "20/h/key"}
# A second factor is everybody's choice; of whoever has one of these roles anywhere it is demanded.
REQUIRE_SECOND_FACTOR = env.texts("REQUIRE_SECOND_FACTOR")
for _role in REQUIRE_SECOND_FACTOR:
    if _role not in SECOND_FACTOR_ROLES:
        raise SystemExit(f"REQUIRE_SECOND_FACTOR: {', '.join(SECOND_FACTOR_ROLES)} are accepted, not {_role[:30]!r}")
MFA_ADAPTER = "webapp.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Connoisseur"
MFA_TOTP_TOLERANCE = 1  # Half a minute either way: clocks of telephones differ.
# Without TLS browsers allow passkeys on this very machine only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
# An institution whose people sign in with the account they have there, by OpenID Connect.
OIDC_URL = env.text("OIDC_URL")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID")
OIDC_SECRET = env.text("OIDC_SECRET")
OIDC_NAME = env.text("OIDC_NAME", "your institution")
OIDC_SIGN_UP = env.flag("OIDC_SIGN_UP")
SOCIALACCOUNT_ADAPTER = "webapp.accounts.institution.InstitutionAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "institution",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_SECRET,
                "settings": {"server_url": OIDC_URL},
            }
        ]
        if OIDC_URL
        else [],
    }
}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
# A link leads there, as forms may lead to no other site; what the institution answers to is drawn for each time.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["webapp.api.v1.authentication.PageAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["webapp.api.v1.parsers.ShallowJSONParser"],
    # Whose word on a client's address is believed: that of so many proxies in front, by default of none.
    "NUM_PROXIES": env.whole_number("NUM_PROXIES", 0),
    "EXCEPTION_HANDLER": "webapp.api.v1.errors.answer_error",
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "webapp" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = time_zone(env.text("TIME_ZONE", "UTC"))

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STATICFILES_DIRS = [
    (room, BASE_DIR / "webapp" / room / "static" / room) for room in ("workspace", "organiser", "audit")
]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "webapp.finders.NpmFinder",
]


def storage_of_images() -> dict[str, Any]:
    """Return where images are kept: in a folder, or in a bucket of a server that speaks S3."""
    if not S3_BUCKET:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    from botocore.config import Config  # noqa: PLC0415  only where there is a bucket

    options: dict[str, Any] = {
        "bucket_name": S3_BUCKET,
        "endpoint_url": S3_ENDPOINT_URL or None,
        "querystring_expire": PREFILL_LONGEST_BATCH + LONGEST_PATIENCE,
        "client_config": Config(
            signature_version="s3v4",
            s3={"addressing_style": "path" if S3_ENDPOINT_URL else "auto"},
            # Servers other than Amazon's seldom know the newer checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


STORAGES = {
    "default": storage_of_images(),
    "staticfiles": {"BACKEND": "webapp.storage.StaticStorage"},
}

# With this prefix a browser takes the cookie from this very host over TLS only.
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# What else a domain serves is for its owner to say; so Django's wish for it, and for a place on browsers' lists, is met
# by a setting, and asked for no more.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS and env.flag("HSTS_SUBDOMAINS")
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
X_FRAME_OPTIONS = "DENY"
# The form of a rubric has a field for each text: some 500 for eight attributes and fifteen subcategories.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

LOG_LEVEL = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), "WARNING")
ACCESS_LOG = env.text("ACCESS_LOG", str(VAR_DIR / "access.log"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "bare": {"format": "{message}", "style": "{"},
    },
    "filters": {"tokens": {"()": "webapp.operations.redaction.HideTokens"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["tokens"]},
        "access": {"class": "logging.StreamHandler", "formatter": "bare"}
        if ACCESS_LOG == "-"
        # It opens the file anew when that was moved away, as by logrotate, and not before there is a line.
        else {
            "class": "logging.handlers.WatchedFileHandler",
            "formatter": "bare",
            "filename": ACCESS_LOG,
            "delay": True,
        },
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"connoisseur.access": {"handlers": ["access"], "level": "INFO", "propagate": False}},
}
