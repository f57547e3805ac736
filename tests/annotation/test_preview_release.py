"""What a release would hold, foreseen: the same as it holds once it is built, and nothing is changed by looking."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotation.actions.preview_release import preview
from annotation.actions.release import publish
from annotation.models import Event, Image, Release
from tests.factories import judge, make_campaign, tie

pytestmark = pytest.mark.django_db


@pytest.fixture
def judged(alice, bob):
    """Be a campaign of twelve images, all but one of which alice and bob have judged."""
    campaign = make_campaign(people=(alice, bob), images=12, answers_per_image=2)
    for person in (alice, bob):
        for _ in range(12):
            judge(campaign, person, 7)
    entry = campaign.entries.last()
    entry.excluded = True
    entry.save()
    return campaign


def test_it_says_what_the_release_then_holds(judged, tmp_path):
    found = preview(judged, "1.0.0", out=tmp_path)
    assert not Image.objects.exclude(split="").exists()
    assert not Release.objects.exists()
    assert not Event.objects.filter(verb__startswith="release.").exists()
    assert list(tmp_path.glob("*portraits*")) == []
    release = publish(judged, "1.0.0", out=tmp_path, by=None)
    stated = json.loads((Path(release.folder) / "release.json").read_text())
    assert (found.images, found.splits, found.new) == (stated["images"], stated["splits"], 11)
    assert (found.answers, found.counted) == (stated["answers"]["first"], stated["answers"]["counted"])
    assert found.arms == stated["first_answers_by_arm"]
    assert found.parts == release.parts
    assert (found.raters, found.too_few) == (stated["raters"], 0)
    assert found.excluded == stated["query"]["excluded"]
    assert found.blockers == []
    assert (found.previous, found.level) == ("", "minor")


def test_after_a_release_it_says_which_number_rises_and_what_is_new(judged, carol, tmp_path):
    publish(judged, "1.0.0", out=tmp_path, by=None)
    same = preview(judged, "1.0.1", out=tmp_path)
    assert (same.previous, same.level, same.new, same.report_is_current) == ("1.0.0", "patch", 0, True)
    judged.entries.filter(excluded=True).update(excluded=False)
    assert preview(judged, "1.1.0", out=tmp_path).new == 1


def test_all_that_stands_in_the_way_is_said_at_once(judged, tmp_path):
    publish(judged, "1.0.0", out=tmp_path, by=None)
    found = preview(judged, "1.0.0", out=tmp_path, least_answers=3, doi="zenodo")
    assert list(map(str, found.blockers)) == [
        "version 1.0.0 does not come after 1.0.0, the newest one of portraits",
        "zenodo is no DOI; one such as 10.5281/zenodo.1234 is accepted",
        f"{tmp_path / 'portraits-1.0.0'} is there already; choose another folder or version",
        "no image of portraits that is not left out has 3 answers that count",
    ]
    assert (found.images, found.too_few) == (0, 11)


def test_a_newcomer_that_would_tie_splits_is_foreseen_to_stay_out(judged, carol, tmp_path):
    publish(judged, "1.0.0", out=tmp_path, by=None)
    train, test = (Image.objects.filter(split=split).first() for split in ("train", "test"))
    newcomer = judged.entries.get(excluded=True)
    newcomer.excluded = False
    newcomer.save()
    for end in (train, test):
        tie(newcomer.image, end)
    found = preview(judged, "2.0.0", out=tmp_path)
    assert found.held_back == [{"sha256": newcomer.image.sha256, "would_tie": ["train", "test"]}]
    assert found.images == 11


def test_the_command_prints_it_and_fails_where_something_stands_in_the_way(judged, tmp_path):
    out = StringIO()
    call_command("release", "portraits", "1.0.0", out=str(tmp_path), preview=True, stdout=out)
    assert "11 images (train 9, validation 1, test 1), 11 of them new, in 3 parts" in out.getvalue()
    assert "22 answers of 2 raters, 22 that count" in out.getvalue()
    with pytest.raises(CommandError, match="three whole numbers"):
        call_command("release", "portraits", "one", out=str(tmp_path), preview=True, stdout=out)
    out = StringIO()
    call_command("release", "portraits", "one", out=str(tmp_path), preview=True, json=True, stdout=out)
    assert "three whole numbers" in json.loads(out.getvalue())["blockers"][0]
    assert list(tmp_path.glob("*portraits*")) == []
