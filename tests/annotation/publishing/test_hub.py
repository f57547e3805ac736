import shutil

import pytest
from huggingface_hub import constants

from annotation.dataset.format import manifest
from annotation.publishing import hub
from annotation.publishing.parcel import PublishingRefused, parcel
from tests.harness.release_samples import write

TOKEN = "hf_secret_of_olga"


@pytest.fixture
def release(sample_release, tmp_path):
    return shutil.copytree(sample_release, tmp_path / "portraits-1.0.0")


def push(release, hub_server, **options):
    return hub.push(parcel(release), "olga/portraits", token=TOKEN, endpoint=hub_server.url, **options)


def names_in(release):
    return {*manifest.read(release), manifest.NAME}


def test_a_release_arrives_whole_and_its_version_is_a_tag(release, hub_server):
    assert push(release, hub_server) == "c" * 40
    assert hub_server.files.keys() - {".gitattributes"} == names_in(release)
    assert all(hub_server.files[name] == (release / name).read_bytes() for name in names_in(release))
    assert hub_server.tags["1.0.0"] == hub_server.files


def test_the_repository_is_a_private_dataset_unless_said_otherwise(release, hub_server):
    push(release, hub_server)
    assert (
        hub_server.created_repositories[0] | {"type": "dataset", "visibility": "private"}
        == hub_server.created_repositories[0]
    )
    push_tokens = hub_server.tokens - {""}  # Objects go to their own signed address.
    assert push_tokens == {f"Bearer {TOKEN}"}


def test_what_only_an_earlier_release_had_is_gone_but_stays_under_its_tag(tmp_path, release, hub_server):
    push(release, hub_server)
    hub_server.files["data/of-old.parquet"] = hub_server.tags["1.0.0"]["data/of-old.parquet"] = b"old"
    write(tmp_path / "later", version="1.1.0")
    push(tmp_path / "later", hub_server)
    assert "data/of-old.parquet" not in hub_server.files
    assert hub_server.tags["1.0.0"]["data/of-old.parquet"] == b"old"


def test_images_that_were_written_out_stay_at_home(release, hub_server):
    (release / "images").mkdir()
    names = names_in(release)
    push(release, hub_server)
    assert hub_server.files.keys() - {".gitattributes"} == names


def test_a_version_is_pushed_once(release, hub_server):
    push(release, hub_server)
    with pytest.raises(PublishingRefused, match=r"olga/portraits has version 1\.0\.0 already"):
        push(release, hub_server)


def test_a_push_that_failed_before_its_tag_can_be_finished(release, hub_server):
    hub_server.refuse = ("/tag/", 403)
    with pytest.raises(PublishingRefused, match="the Hub refuses olga/portraits with 403: no place here"):
        push(release, hub_server)
    assert hub_server.tags == {}
    hub_server.refuse = ("", 0)
    push(release, hub_server)
    assert hub_server.tags["1.0.0"].keys() >= names_in(release)


def test_a_refusal_never_quotes_the_token(release, hub_server):
    hub_server.refuse = ("/refs", 401)
    with pytest.raises(PublishingRefused, match="with 401") as refused:
        push(release, hub_server)
    assert TOKEN not in str(refused.value)


def test_a_hub_that_cannot_be_reached_is_one_clear_line(release):
    with pytest.raises(PublishingRefused, match="the Hub cannot be reached: ConnectError"):
        hub.push(parcel(release), "olga/portraits", token=TOKEN, endpoint="http://127.0.0.1:9")


def test_who_is_kept_offline_is_told_by_what(release, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(PublishingRefused, match="HF_HUB_OFFLINE is set in the environment"):
        hub.push(parcel(release), "olga/portraits", token=TOKEN, endpoint="http://127.0.0.1:9")


@pytest.mark.parametrize("name", ["portraits", "a/b/c", "olga/", "../x", "olga/por traits"])
def test_a_repository_is_named_by_owner_and_name(release, name):
    with pytest.raises(PublishingRefused, match="OWNER/NAME is accepted"):
        hub.push(parcel(release), name, token=TOKEN, endpoint="http://127.0.0.1:9")


def test_a_release_that_does_not_hold_is_not_sent(release):
    (release / "README.md").write_text("changed")
    with pytest.raises(PublishingRefused, match=r"does not hold, so it is not sent: README\.md"):
        parcel(release)
