import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.releases.build_release import build_release
from annotation.actions.releases.publish_release import publish_release
from annotation.actions.releases.verify_release import verify_release
from annotation.dataset.format import manifest
from annotation.dataset.format.canonical import page
from annotation.dataset.format.manifest import files_below
from annotation.dataset.verify.verify import verify
from annotation.errors import Conflict, ReleaseRefused
from annotation.models import Event, Image, Release
from tests.harness.factories import (
    judge,
    make_campaign,
    make_image,
    make_user,
)
from tests.harness.offline import load_release
from tests.harness.published import (
    NOON,
    record_of,
    rows_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


def test_a_release_loads_with_datasets_images_and_all(judged_campaign, olga, tmp_path):
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    dataset = load_release(release.folder, tmp_path / "cache")
    assert {split: len(dataset[split]) for split in dataset} == {"train": 10, "validation": 1, "test": 1}
    row = dataset["train"][0]
    image = Image.objects.get(sha256=row["sha256"])
    assert row["image"].size == (image.width, image.height) == (8, 6)
    assert row["gt_score"] == 7.5
    assert row["scores"]["overall_gestalt"] == {"mean": 7.5, "n": 2, "se": 0.5, "corrected": 7.5}
    assert (row["category"], row["subcategory"], row["licence"]) == ("photography", "daily_photo", "CC0-1.0")
    assert [given["judgements"]["overall_gestalt"]["score"] for given in row["annotations"]] in ([7, 8], [8, 7])


def test_a_release_holds_by_itself(judged_campaign, olga, tmp_path):
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    assert release.folder == str(tmp_path / "portraits-0.1.0")
    assert list(tmp_path.glob("*portraits*")) == [tmp_path / "portraits-0.1.0"]
    result = verify(Path(release.folder))
    assert result.findings == []
    assert result.manifest_sha256 == release.manifest_hash


def test_a_release_is_recorded_with_its_hashes(annotated, olga, tmp_path):
    release = publish_release(annotated, "0.1.0", out=tmp_path, by=olga)
    release.refresh_from_db()
    assert release.state == Release.State.DONE
    frozen, published = Event.objects.filter(verb__startswith="release.").order_by("number")
    assert (frozen.verb, published.verb) == ("release.frozen", "release.published")
    assert published.actor == olga
    assert published.details["manifest"] == release.manifest_hash
    assert release.event_head == record_of(release)["event_head"] == frozen.hash


def test_raters_appear_by_pseudonym_only(judged_campaign, alice, bob, olga, tmp_path):
    alice.first_name = "Alicia"
    alice.save()
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    text = b"".join(path.read_bytes() for path in files_below(Path(release.folder)).values())
    cells = json.dumps([{**row, "image": None} for row in rows_of(release.folder)])
    for name in ("alice", "Alicia", "bob", "carol", "olga"):
        assert name.encode() not in text
        assert name not in cells
    raters = {given["rater"] for row in rows_of(release.folder) for given in row["annotations"]}
    assert raters == {alice.pseudonym, bob.pseudonym}


@pytest.mark.engine
def test_the_same_record_gives_the_same_bytes(judged_campaign, olga, tmp_path):
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga, released_at=NOON)
    again = tmp_path / "again"
    again.mkdir()
    written = build_release(Release.objects.get(), again)
    assert written.manifest_sha256 == release.manifest_hash
    first = files_below(Path(release.folder))
    assert first.keys() == files_below(again).keys()
    assert all((again / name).read_bytes() == path.read_bytes() for name, path in first.items())


@pytest.mark.engine
def test_what_comes_after_a_release_does_not_change_its_record(judged_campaign, alice, bob, carol, olga, tmp_path):
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga, released_at=NOON)
    add_images(judged_campaign, [make_image()], by=olga)
    judged_campaign.title = "Another title"
    judged_campaign.annotations_per_image = 3
    judged_campaign.save()
    judge(judged_campaign, alice)
    publish_release(judged_campaign, "0.2.0", out=tmp_path, by=olga)
    (tmp_path / "again").mkdir()
    assert (
        build_release(Release.objects.get(pk=release.pk), tmp_path / "again").manifest_sha256 == release.manifest_hash
    )


@pytest.mark.engine
def test_rows_that_changed_behind_a_release_are_never_passed_off_as_it(annotated, olga, tmp_path):
    release = publish_release(annotated, "0.1.0", out=tmp_path, by=olga)
    Image.objects.update(licence="CC-BY-4.0")
    (tmp_path / "again").mkdir()
    with pytest.raises(Conflict, match="have changed since it was published"):
        build_release(release, tmp_path / "again")


def test_the_figures_can_be_computed_again_with_public_packages_only(judged_campaign, olga, tmp_path):
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    process = subprocess.run(
        [sys.executable, "-I", "recompute.py"], cwd=release.folder, capture_output=True, check=False, env={}
    )
    assert process.returncode == 0, process.stderr
    output = json.loads(process.stdout)
    assert (output["images"], output["annotations_that_count"], output["gt_score"]["mean"]) == (12, 24, 7.5)
    alpha = record_of(release)["agreement"]["attributes"]["overall_gestalt"]["alpha"]
    assert output["agreement"]["attributes.overall_gestalt"]["alpha"] == pytest.approx(alpha, abs=1e-5)
    path = Path(release.folder) / "release.json"
    path.write_text(path.read_text().replace(f'"alpha": {alpha}', '"alpha": 0.99'))
    second = subprocess.run([sys.executable, "recompute.py"], cwd=release.folder, capture_output=True, check=False)
    assert second.returncode == 1


def test_a_campaign_without_answers_is_refused(campaign, tmp_path):
    with pytest.raises(ReleaseRefused, match="has no answer yet that counts"):
        publish_release(campaign, "1.0.0", out=tmp_path, by=None)
    assert not Release.objects.exists()


def test_simulated_answers_are_released_only_as_a_demo(alice, tmp_path):
    ada = make_user("simulated-ada", simulated=True)
    campaign = make_campaign(people=(alice, ada), images=1)
    judge(campaign, ada)
    judge(campaign, alice)
    with pytest.raises(ReleaseRefused, match="simulated answers, which only a demo campaign may release"):
        publish_release(campaign, "1.0.0", out=tmp_path, by=None)
    campaign.is_demo = True
    campaign.save()
    release = publish_release(campaign, "1.0.0", out=tmp_path, by=None)
    assert release.is_demo
    card = (Path(release.folder) / "README.md").read_text(encoding="utf-8")
    assert "1 of its 2 answers are simulated" in card
    [row] = rows_of(release.folder)
    assert {(given["rater"], given["simulated"]) for given in row["annotations"]} == {
        (ada.pseudonym, True),
        (alice.pseudonym, False),
    }


def test_a_figure_of_agreement_that_the_rows_do_not_give_is_found_even_under_a_new_manifest(judged_campaign, tmp_path):
    folder = Path(publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None).folder)
    record = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    record["agreement"]["holistic"]["n_raters"] = 7
    (folder / "release.json").write_text(page(record), encoding="utf-8")
    table = folder / "RELIABILITY" / "agreement.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("interval", "ordinal"), encoding="utf-8")
    manifest.write(folder)
    findings = verify_release(folder).findings
    assert "release.json: agreement.holistic.n_raters is 7, but the rows give 2" in findings
    assert "RELIABILITY/agreement.csv: is not what the figures in release.json give" in findings


def test_the_embedded_image_is_the_copy_without_metadata(judged_campaign, tmp_path):
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=None)
    stored = dict(Image.objects.values_list("sha256", "stripped_sha256"))
    for row in rows_of(release.folder):
        assert hashlib.sha256(row["image"]["bytes"]).hexdigest() == row["image_sha256"] == stored[row["sha256"]]
