"""Which version may follow which, and how big a step a release asks for."""

import json
from pathlib import Path

import pytest

from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.releases.check_release import likely_level
from annotation.actions.releases.publish_release import publish_release
from annotation.actions.reviews.review import adjudicate_case
from annotation.dataset.format.frozen import EVERYTHING
from annotation.errors import ReleaseRefused
from annotation.models import Case
from tests.harness.factories import (
    judge,
    make_campaign,
    make_image,
)
from tests.harness.published import RUBRIC_KEYS, judge_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


@pytest.mark.parametrize("version", ["1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "", "1.0.0\n", "１.0.0", "../1.0.0"])
def test_a_version_that_is_not_three_numbers_is_refused(annotated, tmp_path, version):
    with pytest.raises(ReleaseRefused, match=r"three whole numbers such as 1\.0\.0"):
        publish_release(annotated, version, out=tmp_path, by=None)


@pytest.mark.parametrize("version", ["0.9.0", "0.10.0", "0.2.11"])
def test_a_version_must_come_after_the_newest(annotated, tmp_path, version):
    publish_release(annotated, "0.10.0", out=tmp_path, by=None)
    with pytest.raises(ReleaseRefused, match=f"{version} does not come after 0.10.0, the newest one of portraits"):
        publish_release(annotated, version, out=tmp_path / "elsewhere", by=None)
    publish_release(annotated, "0.10.1", out=tmp_path, by=None)


def test_a_further_answer_on_an_old_image_needs_a_new_major_version(alice, bob, tmp_path):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    judge(campaign, alice)
    publish_release(campaign, "1.0.0", out=tmp_path, by=None)
    judge(campaign, bob)
    with pytest.raises(
        ReleaseRefused, match=r"1\.1\.0 may not follow 1\.0\.0: 1 images whose records changed, .* 2\.0\.0 or later"
    ):
        publish_release(campaign, "1.1.0", out=tmp_path, by=None)
    assert not (tmp_path / "portraits-1.1.0").exists()
    release = publish_release(campaign, "2.0.0", out=tmp_path, by=None)
    changes = json.loads((Path(release.folder) / "diff.json").read_text(encoding="utf-8"))
    assert (changes["level"], list(changes["changed"].values())) == ("major", [["holistic", "scores", "annotations"]])
    text = (Path(release.folder) / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.index("## 2.0.0") < text.index("Against 1.0.0: 1 images whose records changed") < text.index("## 1.0.0")


def test_the_level_that_the_next_release_will_need_is_foreseen(alice, bob, rita, tmp_path):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    assert likely_level((campaign,), EVERYTHING) == "minor"
    judge(campaign, alice, 6)
    publish_release(campaign, "1.0.0", out=tmp_path, by=None)
    assert likely_level((campaign,), EVERYTHING) == "patch"
    add_images(campaign, [make_image()], by=None)
    judge(campaign, alice, 6)
    assert likely_level((campaign,), EVERYTHING) == "minor"
    judge(campaign, bob, 10)
    judge(campaign, bob, 10)
    assert likely_level((campaign,), EVERYTHING) == "major"
    publish_release(campaign, "2.0.0", out=tmp_path, by=None)
    disputed = RUBRIC_KEYS
    adjudicate_case(Case.objects.first(), by=rita, cause="taste", reason="Both.", scores=dict.fromkeys(disputed, 7))
    assert likely_level((campaign,), EVERYTHING) == "major"


def test_new_images_need_a_new_minor_version(judged_campaign, alice, tmp_path):
    publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
    publish_release(judged_campaign, "1.0.1", out=tmp_path, by=None)
    add_images(judged_campaign, [make_image()], by=None)
    judge_all(judged_campaign, alice, 6)
    with pytest.raises(ReleaseRefused, match=r"1\.0\.2 may not follow 1\.0\.1: 1 images added, .* 1\.1\.0 or later"):
        publish_release(judged_campaign, "1.0.2", out=tmp_path, by=None)
    publish_release(judged_campaign, "1.1.0", out=tmp_path, by=None)


def test_without_the_release_before_nothing_is_published(annotated, tmp_path):
    release = publish_release(annotated, "1.0.0", out=tmp_path, by=None)
    Path(release.folder).rename(tmp_path / "moved")
    with pytest.raises(ReleaseRefused, match=r"release 1\.0\.0 is no longer in .*; put it back"):
        publish_release(annotated, "1.0.1", out=tmp_path, by=None)
