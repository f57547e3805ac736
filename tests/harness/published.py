"""Make campaigns that are ready to be published, and read what was."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.dataset.format.manifest import files_below
from tests.harness.factories import (
    judge,
    make_campaign,
    make_user,
    rubric_content,
)

RUBRIC_KEYS = [attribute["key"] for attribute in json.loads(rubric_content())["attributes"]]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def make_judged(annotations_per_image=2):
    alice, bob, carol = map(make_user, ("alice", "bob", "carol"))
    campaign = make_campaign(people=(alice, bob, carol), images=12, annotations_per_image=annotations_per_image)
    judge_all(campaign, alice, 7)
    judge_all(campaign, bob, 8)
    measure_agreement(campaign, by=None, replicates=10)


def make_annotated():
    alice = make_user("alice")
    campaign = make_campaign(people=(alice,), images=1)
    judge(campaign, alice)
    measure_agreement(campaign, by=None, replicates=10)


def judge_all(campaign, person, score):
    for _ in range(campaign.entries.count() - campaign.annotations.filter(annotator=person).count()):
        judge(campaign, person, score)


def rows_of(folder):
    shards = sorted((Path(folder) / "data").glob("*.parquet"))
    return [row for shard in shards for row in pq.read_table(shard).to_pylist()]


def record_of(release):
    return json.loads((Path(release.folder) / "release.json").read_text(encoding="utf-8"))


def files_of(release):
    return {name: path.read_bytes() for name, path in files_below(Path(release.folder)).items()}
