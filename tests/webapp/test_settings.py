import runpy
import sys

import pytest

from tests.harness.installation import Installation, free_port
from webapp.settings import database, make_private_folder
from webapp.version import read_version

WRONG = [
    "nonsense",
    "mysql://u:secret@h/d",
    "http://example.org",
    "postgres//missing-colon",
    "postgres://",
    "postgres://u:secret@h:abc/x",
    "postgres://u:secret@h/x?nonsense=1",
    "sqlite:///",
]


@pytest.fixture
def start(monkeypatch, tmp_path):
    """Read the settings as each program does that starts, which ends with a line where one is wrong."""

    def read(**environment):
        for name, value in Installation(tmp_path, **environment).environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delitem(sys.modules, "webapp.settings", raising=False)
        return runpy.run_module("webapp.settings")

    return read


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_database_url_is_one_clear_line_that_keeps_its_password(start, url):
    with pytest.raises(SystemExit) as end:
        start(DATABASE_URL=url)
    assert str(end.value).startswith(
        "DATABASE_URL is not understood; postgres://USER:PASSWORD@HOST:PORT/NAME or sqlite"
    )
    assert "secret" not in str(end.value)
    assert end.value.__suppress_context__ or end.value.__context__ is None


def test_a_command_whose_settings_are_wrong_says_nothing_but_that_line(tmp_path):
    process = Installation(tmp_path, DATABASE_URL="postgres://u:secret@h:abc/x").manage("check", check=False)
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr.startswith("DATABASE_URL is not understood; ")
    assert "Traceback" not in process.stderr
    assert "secret" not in process.stderr


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("REDIS_URL", "nonsense", "REDIS_URL is not understood; redis://HOST:PORT/NUMBER is accepted"),
        ("MAX_IMAGE_BYTES", "many", "MAX_IMAGE_BYTES: a whole number from 0 on is accepted, not 'many'"),
        ("PREFILL_BATCH_SIZE", "0", "PREFILL_BATCH_SIZE: a whole number from 1 on is accepted, not '0'"),
        ("PREFILL_IMAGES", "ftp", "PREFILL_IMAGES: folder, web or storage is accepted, not 'ftp'"),
        ("HTTPS", "maybe", "HTTPS: on or off is accepted, not 'maybe'"),
        ("TIME_ZONE", "Mars/Base", "TIME_ZONE: a name such as Europe/Berlin is accepted, not 'Mars/Base'"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL: DEBUG, INFO, WARNING, ERROR or CRITICAL is accepted, not 'loud'"),
        ("SMTP_URL", "mail.example.org", "SMTP_URL is not understood; smtp://USER:PASSWORD@HOST:PORT is accepted"),
        ("SMTP_URL", "smtp://u:secret@h:abc", "SMTP_URL is not understood; smtp://USER:PASSWORD@HOST:PORT is accepted"),
        ("SMTP_URL", "smtp://h/path", "SMTP_URL is not understood; smtp://USER:PASSWORD@HOST:PORT is accepted"),
        ("SMTP_SECONDS", "0", "SMTP_SECONDS: a whole number from 1 on is accepted, not '0'"),
        ("VAR_DIR", "/dev/null/var", "VAR_DIR: /dev/null/var cannot be made"),
        ("DATABASE_URL", "sqlite:////dev/null/x/db", "DATABASE_URL: /dev/null/x cannot be made"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(start, name, value, line):
    with pytest.raises(SystemExit) as end:
        start(**{name: value})
    assert str(end.value).startswith(line)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtp://ann:p%40ss@mail.example.org", ("mail.example.org", 587, "ann", "p@ss", True, False)),
        ("smtps://mail.example.org", ("mail.example.org", 465, "", "", False, True)),
        ("smtp+plain://localhost:2525", ("localhost", 2525, "", "", False, False)),
    ],
)
def test_a_mail_server_is_read_from_one_address(start, url, read):
    settings = start(SMTP_URL=url, DATABASE_URL="")
    names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD")
    flags = [settings.get(f"EMAIL_USE_{name}", False) for name in ("TLS", "SSL")]
    assert (*(settings[f"EMAIL_{name}"] for name in names), *flags) == read
    assert settings["EMAIL_TIMEOUT"] == 10


def test_settings_that_are_right_are_read(start, tmp_path):
    assert start(DATABASE_URL="")["DATABASES"]["default"]["NAME"] == str(tmp_path / "db.sqlite3")


def test_a_database_that_cannot_be_reached_is_one_clear_line(tmp_path):
    site = Installation(tmp_path, DATABASE_URL=f"postgres://ann:secret@127.0.0.1:{free_port()}/nowhere")
    process = site.manage("migrate", check=False)
    assert process.returncode == 1
    assert "The database cannot be used: " in process.stderr
    assert "Check DATABASE_URL" in process.stderr
    assert "Traceback" not in process.stderr
    assert "secret" not in process.stderr


def test_sqlite_keeps_every_acknowledged_save(tmp_path):
    options = database(f"sqlite:///{tmp_path / 'db.sqlite3'}")["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["init_command"]
    assert "synchronous=FULL" in options["init_command"]


def test_a_postgresql_address_is_read():
    config = database("postgres://ann:p%40w@db.example:5433/connoisseur?sslmode=require")
    read = {"NAME": "connoisseur", "USER": "ann", "PASSWORD": "p@w", "HOST": "db.example", "PORT": "5433"}
    assert {name: config[name] for name in read} == read
    assert config["ENGINE"] == "django.db.backends.postgresql"
    assert config["OPTIONS"] == {"sslmode": "require", "options": "-c jit=off", "prepare_threshold": 5}


def test_a_socket_of_postgresql_is_read():
    config = database("postgresql://ann@/connoisseur?host=/run/postgresql")
    assert (config["HOST"], config["PORT"], config["OPTIONS"]["options"]) == ("/run/postgresql", "", "-c jit=off")


def test_an_address_of_sqlite_is_read(tmp_path):
    assert database(f"sqlite:///{tmp_path}/a%20b.sqlite3")["NAME"] == f"{tmp_path}/a b.sqlite3"


def test_the_version_is_the_newest_in_the_changelog(tmp_path):
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## 1.2.0 - unreleased\n\n## 1.1.0 - 2026-01-01\n")
    assert read_version(changelog) == "1.2.0"


def test_a_changelog_without_a_version_is_refused(tmp_path):
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text("# Changelog\n")
    with pytest.raises(ValueError, match="no heading such as"):
        read_version(changelog)


@pytest.mark.parametrize(("before", "after"), [(0o755, 0o700), (0o777, 0o700), (0o700, 0o700), (0o750, 0o750)])
def test_what_an_installation_keeps_is_closed_to_other_users_but_a_group_that_was_let_in(tmp_path, before, after):
    (tmp_path / "var").mkdir()
    (tmp_path / "var").chmod(before)
    assert make_private_folder(tmp_path / "var", "VAR_DIR").stat().st_mode & 0o777 == after


def test_a_new_installation_is_its_owners_alone(tmp_path):
    assert make_private_folder(tmp_path / "srv" / "var", "VAR_DIR").stat().st_mode & 0o777 == 0o700
    # The folders above it are others' business.
    assert (tmp_path / "srv").stat().st_mode & 0o755 == 0o755
