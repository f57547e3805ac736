"""Report settings that are wrong, each by a name of its own, before they do harm."""

from __future__ import annotations

import os
from collections.abc import Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

# What Django's own check for deployment (security.W009) asks for.
SECRET_LENGTH = 50
NEAR = ("localhost", "127.0.0.1", "::1")


@register
def check_secret_key(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Find a secret key that is too short to serve the public with."""
    if not settings.HTTPS or len(settings.SECRET_KEY) >= SECRET_LENGTH:
        return []
    message = f"SECRET_KEY has {len(settings.SECRET_KEY)} characters; with HTTPS at least {SECRET_LENGTH} are needed"
    return [Error(message, hint="Leave it unset to have one made and kept in VAR_DIR.", id="connoisseur.E001")]


@register
def check_folders(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Find folders that cannot be written."""
    folders = {"connoisseur.E002": "MEDIA_ROOT", "connoisseur.E003": "RELEASES_DIR"}
    return [
        Error(f"{name} ({getattr(settings, name)}) cannot be written", hint="Set it to a folder of ours.", id=number)
        for number, name in folders.items()
        if not writable(Path(getattr(settings, name)))
    ]


@register
def check_hosts(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Find a missing or boundless list of host names."""
    if not settings.ALLOWED_HOSTS:
        message = "ALLOWED_HOSTS is empty: every request would be refused"
        return [Error(message, hint="Name the hosts, as in ALLOWED_HOSTS=a.example,b.example.", id="connoisseur.E004")]
    if "*" in settings.ALLOWED_HOSTS and not settings.DEBUG:
        message = "ALLOWED_HOSTS accepts any name, so that a forged one could end up in links"
        return [Warning(message, hint="Name the hosts this server answers to.", id="connoisseur.W001")]
    return []


@register
def check_debug(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Find debugging pages, which show our code and settings, on a public server."""
    if not (settings.DEBUG and settings.HTTPS):
        return []
    return [Error("DEBUG is on although HTTPS is", hint="Unset DEBUG.", id="connoisseur.E005")]


@register
def check_public_url(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Find a missing or wrong address where model workers are to fetch images from us."""
    if settings.PREFILL_IMAGES != "web" or settings.PUBLIC_URL.startswith(("https://", "http://")):
        return []
    message = f"PUBLIC_URL is {settings.PUBLIC_URL!r}; with PREFILL_IMAGES=web it is where workers fetch images"
    return [Error(message, hint="Set it as in PUBLIC_URL=https://judge.example.org.", id="connoisseur.E006")]


@register
def check_proxies(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Find a proxy that is not counted: then all visitors have its address, and anybody uses up everybody's tries."""
    if not settings.HTTPS or settings.REST_FRAMEWORK["NUM_PROXIES"]:
        return []
    message = "HTTPS is on, so a proxy stands in front, but NUM_PROXIES is 0: all visitors seem to have one address"
    hint = "Say how many stand in front, as in NUM_PROXIES=1. Each must add the client to X-Forwarded-For."
    return [Error(message, hint=hint, id="connoisseur.E007")]


@register
def check_database_file(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Find a database file that other users of the machine can read."""
    database = settings.DATABASES["default"]
    file = Path(str(database["NAME"]))
    if "sqlite" not in database["ENGINE"] or not file.is_file() or not open_to_others(file):
        return []
    message = f"every user of this machine can read the database {file}"
    return [Warning(message, hint="Put it into a folder that only you may enter.", id="connoisseur.W002")]


@register
def check_mail(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Find a mail server without a sender, and one that passwords are sent to in the clear."""
    found: list[CheckMessage] = []
    if not settings.SMTP_URL:
        return found
    try:
        validate_email(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    except ValidationError:
        message = f"MAIL_FROM is {settings.DEFAULT_FROM_EMAIL!r}, which is no address; with SMTP_URL mail comes from it"
        found.append(Error(message, hint="Set it as in MAIL_FROM=judge@example.org.", id="connoisseur.E008"))
    if settings.SMTP_URL.startswith("smtp+plain:") and settings.EMAIL_HOST not in NEAR:
        message = f"SMTP_URL sends mail, with the links in it, to {settings.EMAIL_HOST} without encryption"
        found.append(Warning(message, hint="Use smtp:// (STARTTLS) or smtps:// (TLS).", id="connoisseur.W003"))
    return found


@register
def check_institution(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Find single sign-on without what it needs, or over a line that others read."""
    url = settings.OIDC_URL
    if not url:
        return []
    missing = [name for name in ("OIDC_CLIENT_ID", "OIDC_SECRET") if not getattr(settings, name)]
    if missing:
        message = f"OIDC_URL is set, but not {' and '.join(missing)}, which the institution gives"
        return [Error(message, hint="Register this site there.", id="connoisseur.E009")]
    if not url.startswith("https://") and urlsplit(url).hostname not in NEAR:
        message = f"OIDC_URL is {url!r}: who somebody is, is told without encryption"
        return [Error(message, hint="Use its address that begins with https://.", id="connoisseur.E010")]
    return []


def open_to_others(file: Path) -> bool:
    """Tell whether everybody may read a file and enter all folders above it."""
    return bool(file.stat().st_mode & 0o004) and all(folder.stat().st_mode & 0o001 for folder in file.parents)


def writable(folder: Path) -> bool:
    """Tell whether files can be made in a folder, or the folder itself where it does not exist yet."""
    # Checks run before any folder is made, so the nearest that exists has to answer for it.
    nearest = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
