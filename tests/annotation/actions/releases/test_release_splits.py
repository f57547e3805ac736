"""Near duplicates share a split, and an image that has its place in one keeps it."""

from pathlib import Path

import pytest

from annotation.actions.campaigns.open_campaign import invite_people, open_campaign
from annotation.actions.duplicates.decide_pair import decide_pair
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.releases.build_release import build_release
from annotation.actions.releases.publish_release import publish_release
from annotation.actions.releases.verify_release import verify_release
from annotation.dataset.verify.verify import verify
from annotation.models import Image
from tests.harness.embeddings import embedding_at, store_embeddings
from tests.harness.factories import (
    judge,
    make_campaign,
    make_image,
    tie,
)
from tests.harness.published import judge_all, record_of, rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


def test_a_later_release_moves_no_image(judged_campaign, alice, olga, tmp_path):
    publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    before = dict(Image.objects.values_list("sha256", "split"))
    add_images(judged_campaign, [make_image() for _ in range(20)], by=olga)
    judge_all(judged_campaign, alice, 6)
    release = publish_release(judged_campaign, "0.2.0", out=tmp_path, by=olga)
    after = dict(Image.objects.values_list("sha256", "split"))
    assert before.items() <= after.items()
    assert record_of(release)["splits"] == {"train": 26, "validation": 3, "test": 3}
    assert verify(Path(release.folder)).findings == []


def test_near_duplicates_share_the_group_named_after_the_smallest_hash(judged_campaign, alice, olga, tmp_path):
    images = list(Image.objects.order_by("sha256")[3:6])
    tie(images[0], images[1])
    tie(images[1], images[2])
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    places = {row["sha256"]: (row["group"], row["split"]) for row in rows_of(release.folder)}
    assert {places[image.sha256][0] for image in images} == {images[0].sha256}
    assert len({places[image.sha256] for image in images}) == 1


def test_a_newcomer_that_would_tie_two_splits_together_is_held_back_and_listed(judged_campaign, alice, olga, tmp_path):
    publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    newcomer = make_image()
    add_images(judged_campaign, [newcomer], by=olga)
    judge_all(judged_campaign, alice, 6)
    ends = [Image.objects.filter(split="train").first(), Image.objects.get(split="test")]
    for end in ends:
        tie(newcomer, end)
    release = publish_release(judged_campaign, "0.2.0", out=tmp_path, by=olga)
    record = record_of(release)
    assert record["held"] == [{"sha256": newcomer.sha256, "would_connect": ["train", "test"]}]
    assert record["connected"] == [sorted(end.sha256 for end in ends)]
    assert newcomer.sha256 not in {row["sha256"] for row in rows_of(release.folder)}
    assert record["images"] == 12
    assert verify(Path(release.folder)).findings == []


def test_an_undecided_pair_shares_a_split_and_one_told_apart_need_not(judged_campaign, olga, tmp_path):
    one, two, three, four = Image.objects.order_by("sha256")[:4]
    tie(one, two, "undecided")
    tie(three, four, "different")
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    record, found = record_of(release), {row["sha256"]: row["group"] for row in rows_of(release.folder)}
    assert record["near_duplicate_pairs"] == {"sure": 0, "undecided": 1, "same": 0, "different": 1}
    assert record["rejected_pairs"] == [[three.sha256, four.sha256]]
    assert [found[image.sha256] for image in (one, two, three, four)] == [
        one.sha256,
        one.sha256,
        three.sha256,
        four.sha256,
    ]
    leakage = (Path(release.folder) / "LEAKAGE.md").read_text(encoding="utf-8")
    assert "| undecided, and therefore kept together | 1 |" in leakage
    assert "| different, by a person | 1 |" in leakage
    assert verify(Path(release.folder)).findings == []


def describe(image, degrees):
    """Store an embedding that points into a direction, as if a worker had made it."""
    store_embeddings(image.entries.first().campaign, embedding_at(image, degrees))


def test_what_embeddings_tie_lies_in_one_split_and_the_release_tells_of_them(judged_campaign, olga, tmp_path):
    one, two, three = Image.objects.order_by("sha256")[:3]
    for image, degrees in ((one, 0), (two, 20), (three, 70)):
        describe(image, degrees)
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    places = {row["sha256"]: (row["group"], row["split"]) for row in rows_of(release.folder)}
    assert len({places[image.sha256] for image in (one, two, three)}) == 1
    record = record_of(release)
    assert record["embeddings"] == {
        "embedders": [{"embedder": "grid", "version": "1", "images": 3}],
        "of": 12,
        "sure": 750,
        "unsure": 500,
        "pairs": 2,
        "pairs_by_cosine_alone": 2,
    }
    assert (record["near_duplicate_pairs"]["sure"], record["near_duplicate_pairs"]["undecided"]) == (1, 1)
    assert "| grid | 1 | 3 of 12 |" in (Path(release.folder) / "LEAKAGE.md").read_text(encoding="utf-8")
    assert verify_release(Path(release.folder)).findings == []


def test_a_newcomer_whose_embedding_would_tie_two_splits_is_held_back_and_nothing_moves(
    judged_campaign, alice, olga, tmp_path
):
    publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    ends = [Image.objects.filter(split="train").first(), Image.objects.get(split="test")]
    newcomer = make_image()
    add_images(judged_campaign, [newcomer], by=olga)
    judge_all(judged_campaign, alice, 6)
    for image, degrees in ((newcomer, 40), (ends[0], 0), (ends[1], 80)):
        describe(image, degrees)
    release = publish_release(judged_campaign, "0.2.0", out=tmp_path, by=olga)
    record = record_of(release)
    assert record["held"] == [{"sha256": newcomer.sha256, "would_connect": ["train", "test"]}]
    assert record["connected"] == [sorted(end.sha256 for end in ends)]
    assert [end.split for end in ends] == [Image.objects.get(pk=end.pk).split for end in ends]
    assert verify_release(Path(release.folder)).findings == []


def test_a_verdict_after_a_release_does_not_change_its_record(judged_campaign, olga, tmp_path):
    pair = tie(*Image.objects.order_by("pk")[:2], "undecided")
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    decide_pair(pair, same=False, by=olga, campaign=judged_campaign)
    (tmp_path / "again").mkdir()
    assert build_release(release, tmp_path / "again").manifest_sha256 == release.manifest_hash


def test_a_place_given_in_another_campaign_is_kept_here(judged_campaign, alice, olga, tmp_path):
    publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    tested = Image.objects.get(split="test")
    twin = make_image()
    tie(twin, tested)
    other = make_campaign("other", images=0)
    add_images(other, [twin], by=None)
    judge_in(other, alice)
    publish_release(other, "0.1.0", out=tmp_path, by=olga)
    twin.refresh_from_db()
    assert (twin.split, twin.split_reason) == ("test", "joined its near duplicates")


def judge_in(campaign, person):
    invite_people(campaign, [person], by=None)
    open_campaign(campaign, by=None)
    return judge(campaign, person)
