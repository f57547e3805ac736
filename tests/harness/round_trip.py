"""Two campaigns of the same images: the release of the one is imported into the other, and released again."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.core.management import call_command
from django.utils import timezone

from annotation.actions.answers.annotate import commit_annotation, revise_annotation
from annotation.actions.assignments.assign import next_assignment
from annotation.actions.campaigns.open_campaign import open_campaign
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.reviews.review import adjudicate_case
from annotation.actions.rubrics.change_rubric import adopt_rubric
from annotation.actions.rubrics.draft_rubric import draft_version, publish_version
from annotation.dataset.format import manifest
from annotation.dataset.verify.verify import verify
from annotation.models import (
    Annotation,
    Campaign,
    Case,
    Revision,
)
from tests.harness.factories import (
    SECRET_WORDS,
    force_arm,
    judge,
    make_campaign,
    make_content,
    make_rubric,
    make_user,
    prefill_all,
)
from tests.harness.tampering import triggers_dropped

IN_MARCH = datetime(2026, 3, 4, 12, tzinfo=UTC)
PINS = [{"x": 0.1, "y": 0.9}, {"x": 0, "y": 0, "width": 1, "height": 0.5}]


def reworded(semantic=()):
    content = json.loads(json.dumps(make_rubric().content))
    content["attributes"][6]["definition"]["en"] = "Do all parts fuse?"
    return publish_version(draft_version(make_rubric(), content), semantic=semantic)


def annotation(person, campaign, given, now=None):
    assignment = next_assignment(campaign, person, now=now or timezone.now())
    number = Campaign.objects.get(pk=campaign.pk).rubric_version.number
    return commit_annotation(assignment, given | {"rubric_version": number}, by=person)


def make_source() -> Campaign:
    """Make a campaign of four images, with all that an annotation can be: in all arms, of both versions, pinned."""
    alice, bob, carol, rita = map(make_user, ("alice", "bob", "carol", "rita"))
    campaign = make_campaign(
        "source", people=(alice, bob, carol), images=4, annotations_per_image=3, repeat_share=100, repeat_gap_days=7
    )
    prefill_all(campaign)
    force_arm(campaign, blind=100)
    pinned = make_content(6)
    pinned["judgements"]["overall_gestalt"] |= {"pins": PINS, "pasted": 12, "critique": "线条清晰", "language": ""}
    annotation(alice, campaign, pinned)
    for _ in range(3):
        annotation(alice, campaign, make_content(6))
    force_arm(campaign, reveal=100)
    disputed = annotation(bob, campaign, make_content(6, overall_gestalt=10))
    final = make_content(5, subcategory="sketch")
    final["judgements"]["overall_gestalt"] |= {"critique": f"{SECRET_WORDS}!", "critique_origin": "edited"}
    revise_annotation(disputed, final, by=bob)
    for _ in range(3):
        revise_annotation(annotation(bob, campaign, make_content(6.5)), make_content(6.5), by=bob)
    adopt_rubric(campaign, reworded(), by=None)
    campaign.refresh_from_db()
    force_arm(campaign, assisted=100)
    for score in (6, 6.5, 7, 7.5):
        annotation(carol, campaign, make_content(score))
    adjudicate_case(Case.objects.get(), by=rita, cause="slip", reason="A slip; 手滑。", scores={"overall_gestalt": 7.5})
    force_arm(campaign, blind=100)
    annotation(alice, campaign, make_content(7), now=timezone.now() + timedelta(days=8))
    *_, late = Annotation.objects.filter(annotator=carol).order_by("pk")
    with triggers_dropped():
        Annotation._base_manager.filter(pk=late.pk).update(surplus=True)
        Revision._base_manager.update(created_at=IN_MARCH)
    return campaign


def make_target(source: Campaign) -> None:
    """Make a campaign of the same images, by the first version, which dave has judged."""
    dave, erin = make_user("dave"), make_user("erin")
    campaign = make_campaign("target", people=(dave, erin), images=0, annotations_per_image=2)
    add_images(campaign, source.images.all(), by=None)
    open_campaign(campaign, by=None)
    for _ in range(4):
        judge(campaign, dave, 4)


def run(*words, **options):
    out = StringIO()
    call_command(*words, json=True, stdout=out, stderr=StringIO(), **options)
    return json.loads(out.getvalue())


def released(slug, version, out):
    folder = Path(run("release", slug, version, out=str(out))["folder"])
    assert verify(folder).findings == []
    return folder


def rows_of(folder):
    """Return the rows of a release without their images, by image."""
    shards = sorted((folder / "data").glob("*.parquet"))
    return {row["sha256"]: row for shard in shards for row in pq.read_table(shard).drop(["image"]).to_pylist()}


def told(folder, *, imported):
    """Return what a release says: answers by rater, whoever that is, and by image what was adjudicated and proposed."""
    raters, beside_them = defaultdict(list), {}
    for sha256, row in sorted(rows_of(folder).items()):
        for given in row["annotations"]:
            if given["imported"] is imported:
                may_differ = ("rater", "campaign", "imported", "counted")
                raters[given["rater"]].append((sha256, {k: v for k, v in given.items() if k not in may_differ}))
        stands = [row["consensus"], *row["prefills"]]
        beside_them[sha256] = [{k: v for k, v in one.items() if k != "imported"} if one else None for one in stands]
        assert {one["imported"] for one in stands if one} <= {imported}
    return sorted(raters.values(), key=str), beside_them


def restate(folder, **changed):
    """Let a release state something else of itself, as another installation would."""
    path = folder / "release.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))
    manifest.write(folder)


def rewrite(folder, change):
    """Change each row of a release."""
    for shard in sorted((folder / "data").glob("*.parquet")):
        rows = pq.read_table(shard).to_pylist()
        for row in rows:
            change(row)
        pq.write_table(pa.Table.from_pylist(rows), shard)
    manifest.write(folder)
