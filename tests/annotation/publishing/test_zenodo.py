import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotation.actions.releases.publish_release import publish_release
from annotation.dataset.format.frozen import Scope
from annotation.dataset.format.manifest import sha256_of
from annotation.dataset.write.signature import NAME as SIGNATURE
from annotation.errors import ReleaseRefused
from annotation.models import Campaign, Event
from annotation.publishing.archive import archive
from annotation.publishing.parcel import PublishingRefused
from annotation.publishing.zenodo import number_of
from tests.harness.stub_server import Reply, run_server
from tests.harness.zenodo_server import ZenodoServer

pytestmark = pytest.mark.django_db
PEOPLE = ("--creator", "Doe, Olga", "--creator", "Roe, Rita", "--licence", "cc-by-4.0")


@pytest.fixture
def zenodo_server(settings):
    """A Zenodo, and an installation that knows it."""
    server = ZenodoServer()
    with run_server(server) as stub:
        server.url = settings.ZENODO_URL = stub.url
        settings.ZENODO_TOKEN = "zen_secret"
        yield server


@pytest.fixture
def release_with_doi(released, zenodo_server, tmp_path):
    """The release 1.0.1 of the campaign, which carries a DOI reserved for it."""
    return publish_release(released, "1.0.1", out=tmp_path, by=None, scope=Scope(doi=reserve_doi(zenodo_server)))


def reserve_doi(zenodo_server, *options):
    call_command("reserve_doi", "portraits", "--send", *options)
    return f"10.5281/zenodo.{max(zenodo_server.deposits)}"


def deposited(capsys, *options, version="1.0.1"):
    call_command("deposit_release", "portraits", version, *PEOPLE, "--json", *options)
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_doi_is_reserved_only_when_asked_to(released, zenodo_server, capsys):
    call_command("reserve_doi", "portraits", "--json")
    assert json.loads(capsys.readouterr().out)["doi"] is None
    assert zenodo_server.deposits == {}
    call_command("reserve_doi", "portraits", "--send", "--json")
    assert json.loads(capsys.readouterr().out)["doi"] == "10.5281/zenodo.1000"
    assert Event.objects.get(verb="doi.reserved").details == {"doi": "10.5281/zenodo.1000", "after": ""}


def test_the_doi_stands_inside_the_release(release_with_doi):
    folder, address = Path(release_with_doi.folder), "https://doi.org/10.5281/zenodo.1000"
    assert address in (folder / "README.md").read_text()
    described = json.loads((folder / "croissant.json").read_text())
    assert described["identifier"] == address
    assert described["citeAs"].endswith(address)
    assert json.loads((folder / "release.json").read_text())["doi"] == "10.5281/zenodo.1000"


def test_without_send_nothing_leaves(release_with_doi, zenodo_server, capsys):
    assert deposited(capsys) | {"sent": False, "doi": "10.5281/zenodo.1000"} == deposited(capsys)
    assert zenodo_server.deposits[1000]["files"] == {}


def test_the_draft_gets_the_whole_release_and_stays_a_draft(release_with_doi, zenodo_server, capsys):
    assert deposited(capsys, "--send")["published"] is False
    deposit, folder = zenodo_server.deposits[1000], Path(release_with_doi.folder)
    assert deposit["files"].keys() == {"portraits-1.0.1.zip", "README.md", "MANIFEST.sha256"}
    with zipfile.ZipFile(io.BytesIO(deposit["files"]["portraits-1.0.1.zip"])) as packed:
        for name in packed.namelist():
            assert packed.read(name) == (folder.parent / name).read_bytes()
    assert deposit["metadata"]["creators"] == [{"name": "Doe, Olga"}, {"name": "Roe, Rita"}]
    assert (deposit["metadata"]["version"], deposit["metadata"]["license"]) == ("1.0.1", "cc-by-4.0")
    assert not deposit["submitted"]


def test_the_licence_is_that_of_the_annotations_unless_another_is_named(
    release_with_doi, released, zenodo_server, capsys
):
    command = ["deposit_release", "portraits", "1.0.1", "--creator", "Doe, Olga", "--send"]
    with pytest.raises(CommandError, match="states no licence of its annotations; name one with --licence"):
        call_command(*command)
    Campaign.objects.update(annotations_licence="CC-BY-SA-4.0")
    released.refresh_from_db()
    scope = Scope(doi="10.5281/zenodo.1000")
    publish_release(released, "1.0.2", out=Path(release_with_doi.folder).parent, by=None, scope=scope)
    command[2] = "1.0.2"
    call_command(*command)
    assert zenodo_server.deposits[1000]["metadata"]["license"] == "cc-by-sa-4.0"


def test_the_creators_are_those_the_release_states_unless_others_are_named(
    release_with_doi, released, zenodo_server, capsys
):
    command = ["deposit_release", "portraits", "1.0.1", "--licence", "cc-by-4.0", "--send"]
    with pytest.raises(CommandError, match="states no creators; name them with --creator"):
        call_command(*command)
    Campaign.objects.update(statements={"creators": "Doe, Olga\nRoe, Rita"})
    released.refresh_from_db()
    scope = Scope(doi="10.5281/zenodo.1000")
    publish_release(released, "1.0.2", out=Path(release_with_doi.folder).parent, by=None, scope=scope)
    command[2] = "1.0.2"
    call_command(*command)
    assert zenodo_server.deposits[1000]["metadata"]["creators"] == [{"name": "Doe, Olga"}, {"name": "Roe, Rita"}]


def test_publish_publishes_once_and_the_log_says_so(release_with_doi, zenodo_server, capsys):
    assert deposited(capsys, "--send", "--publish")["published"]
    assert zenodo_server.deposits[1000]["submitted"]
    details = {"version": "1.0.1", "doi": "10.5281/zenodo.1000", "published": True}
    assert Event.objects.get(verb="release.deposited").details == details
    with pytest.raises(CommandError, match="deposit 1000 is published already"):
        deposited(capsys, "--send")


def test_a_later_release_is_a_new_version_of_the_deposit_with_its_own_files_only(
    release_with_doi, released, zenodo_server, capsys
):
    deposited(capsys, "--send", "--publish")
    zenodo_server.deposits[1000]["files"]["old.bin"] = b"old"
    doi = reserve_doi(zenodo_server)
    release = publish_release(
        released, "1.0.2", out=Path(release_with_doi.folder).parent, by=None, scope=Scope(doi=doi)
    )
    (Path(release.folder) / SIGNATURE).write_bytes(b"s" * 64)
    deposited(capsys, "--send", version="1.0.2")
    assert zenodo_server.deposits[1001]["files"].keys() == {
        "portraits-1.0.2.zip",
        "README.md",
        "MANIFEST.sha256",
        SIGNATURE,
    }
    assert Event.objects.filter(verb="doi.reserved").latest("pk").details["after"] == "10.5281/zenodo.1000"


def test_a_busy_server_is_asked_again_and_a_break_is_mended_by_the_next_call(release_with_doi, zenodo_server, capsys):
    zenodo_server.refusal = Reply(
        b'{"message": "Bad", "errors": [{"field": "metadata.license", "message": "unknown"}]}', 400
    )
    with pytest.raises(CommandError, match=r"Zenodo refuses PUT .* with 400: Bad; metadata\.license: unknown"):
        deposited(capsys, "--send")
    zenodo_server.refusal, zenodo_server.busy = None, 2
    deposited(capsys, "--send")
    assert len(zenodo_server.deposits[1000]["files"]) == 3


def test_what_does_not_arrive_as_it_was_sent_is_noticed(release_with_doi, zenodo_server, capsys):
    zenodo_server.spoils = True
    with pytest.raises(CommandError, match=r"portraits-1\.0\.1\.zip did not arrive at Zenodo as it is here"):
        deposited(capsys, "--send", "--publish")
    assert not zenodo_server.deposits[1000]["submitted"]


def test_a_refused_or_missing_token_is_named_and_never_quoted(release_with_doi, zenodo_server, capsys, settings):
    settings.ZENODO_TOKEN = "another_secret"
    with pytest.raises(CommandError, match="with 401: Unauthorized") as refused:
        deposited(capsys, "--send")
    assert "another_secret" not in str(refused.value)
    settings.ZENODO_TOKEN = ""
    with pytest.raises(CommandError, match="ZENODO_TOKEN is not set"):
        deposited(capsys, "--send")


def test_a_server_that_cannot_be_reached_is_one_clear_line(released, settings, monkeypatch):
    monkeypatch.setattr("annotation.publishing.zenodo.RETRIES", False)
    settings.ZENODO_URL, settings.ZENODO_TOKEN = "http://127.0.0.1:9", "zen_secret"
    with pytest.raises(CommandError, match="Zenodo cannot be reached: NewConnectionError"):
        call_command("reserve_doi", "portraits", "--send")


def test_a_release_without_a_doi_is_refused_with_the_way_to_one(released, zenodo_server):
    with pytest.raises(CommandError, match=r"portraits-1\.0\.0 carries no DOI; reserve one"):
        call_command("deposit_release", "portraits", "1.0.0", *PEOPLE)


def test_publish_needs_send(released, zenodo_server):
    with pytest.raises(CommandError, match="--publish needs --send"):
        call_command("deposit_release", "portraits", "1.0.0", *PEOPLE, "--publish")


@pytest.mark.parametrize("doi", ["zenodo.1000", "10.1/x", "https://doi.org/10.5281/zenodo.1"])
def test_what_is_no_doi_is_refused_before_the_build(released, tmp_path, doi):
    with pytest.raises(ReleaseRefused, match="is no DOI"):
        publish_release(released, "1.0.1", out=tmp_path, by=None, scope=Scope(doi=doi))


def test_the_same_files_give_the_same_archive(tmp_path):
    def packed(folder):
        folder.mkdir(parents=True)
        (folder / "b").write_bytes(b"2")
        (folder / "a").write_bytes(b"1")
        archive(folder, ["b", "a"], folder.parent / "packed.zip")
        return sha256_of(folder.parent / "packed.zip")

    assert packed(tmp_path / "one" / "x-1.0.0") == packed(tmp_path / "two" / "x-1.0.0")


def test_a_doi_of_another_registry_has_no_number_at_zenodo():
    assert number_of("10.5072/zenodo.77") == 77
    with pytest.raises(PublishingRefused, match="no DOI of Zenodo"):
        number_of("10.1000/182")
