import copy
import json
import shutil
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotation.dataset.format import manifest
from annotation.dataset.format.canonical import page
from annotation.dataset.format.facts import WithdrawalEntry
from annotation.dataset.verify.verify import verify
from annotation.dataset.write.folder import FORMAT
from annotation.rubric.schema import content_hash
from tests.harness.release_samples import CONTENT, annotation, image, write


@pytest.fixture
def release(sample_release, tmp_path):
    return shutil.copytree(sample_release, tmp_path / "release")


def doctor(path, change):
    """Change the rows of a shard and write the manifest anew, as a careful forger would."""
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    manifest.write(path.parent.parent)


def second_of(release):
    return pq.read_table(shard(release)).to_pylist()[1]["sha256"]


def shard(release, split="train"):
    return release / f"data/{split}-00000-of-00001.parquet"


def test_a_release_as_it_was_written_holds(release):
    result = verify(release)
    assert result.findings == []
    assert (result.holds, result.images, result.files) == (True, 4, 41)
    assert result.manifest_sha256 == manifest.sha256_of(release / manifest.NAME)


@pytest.mark.parametrize("name", ["README.md", "release.json", "rubric.json", "LICENSES.csv"])
def test_one_changed_byte_is_found(release, name):
    data = bytearray((release / name).read_bytes())
    data[-2] ^= 1
    (release / name).write_bytes(data)
    assert f"{name}: its hash is not the one in MANIFEST.sha256" in verify(release).findings


@pytest.mark.parametrize("place", [4, 200, -20, -200])
def test_one_changed_byte_of_a_shard_is_found_wherever_it_lies(release, place):
    data = bytearray(shard(release).read_bytes())
    data[place] ^= 255
    shard(release).write_bytes(data)
    assert f"data/{shard(release).name}: its hash is not the one in MANIFEST.sha256" in verify(release).findings


def test_extra_and_missing_files_are_named(release):
    (release / "data" / "notes.txt").write_text("x")
    (release / "LICENSES.csv").unlink()
    (release / "link").symlink_to(release / "README.md")
    assert verify(release).findings == [
        "LICENSES.csv: is missing",
        "data/notes.txt: is not in MANIFEST.sha256",
        "link: is not in MANIFEST.sha256",
    ]


@pytest.mark.parametrize("goal", ["nowhere", "data", "/dev/null"])
def test_a_link_to_no_plain_file_is_found(release, goal):
    (release / "LICENSES.csv").unlink()
    (release / "LICENSES.csv").symlink_to(goal)
    assert "LICENSES.csv: is a link to no plain file" in verify(release).findings


def test_a_doctored_mean_is_found_even_under_a_new_manifest(release):
    def raise_it(rows):
        rows[1]["scores"]["overall_gestalt"]["mean"] = 9.5

    doctor(shard(release), raise_it)
    assert verify(release).findings == [
        "data/train-00000-of-00001.parquet, row 2: scores.overall_gestalt.mean is 9.5, but the answers give 7.5",
        f"scores/train-00000-of-00001.parquet, row 2: is not what the main table gives for image {second_of(release)}",
        "release.json: content_sha256 is not the hash of the rows",
    ]


@pytest.mark.parametrize(
    ("view", "column"), [("ratings", "holistic"), ("critiques", "score"), ("scores", "gt_score")], ids=str
)
def test_a_doctored_view_is_found_even_under_a_new_manifest(release, view, column):
    path = release / view / "train-00000-of-00001.parquet"

    def raise_it(rows):
        rows[1][column] = 9.5

    doctor(path, raise_it)
    [finding] = verify(release).findings
    assert finding.startswith(f"{view}/train-00000-of-00001.parquet, row 2: is not what the main table gives")
    doctor(path, lambda rows: rows.append(rows[0]))
    doctor(path, lambda rows: rows.pop(1))
    assert f"{view}/" in verify(release).findings[0]


@pytest.mark.parametrize("name", ["internvl/train", "ms-swift/train-scores", "trl/test"])
def test_a_doctored_training_file_is_found_even_under_a_new_manifest(release, name):
    path = release / "formats" / f"{name}.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("image", "picture", 1), encoding="utf-8")
    manifest.write(release)
    assert f"formats/{name}.jsonl, line 1: is not what the main table gives" in verify(release).findings[0]


def test_something_withdrawn_that_is_inside_is_found(tmp_path):
    write(tmp_path / "release", withdrawn=(WithdrawalEntry("rater", "expert-2", "2026-11-23", "consent"),))
    assert verify(tmp_path / "release").findings == ["WITHDRAWN.csv: rater expert-2 was withdrawn, but is inside"]
    (tmp_path / "release" / "WITHDRAWN.csv").write_text("what,id,withdrawn_on,reason\n")
    manifest.write(tmp_path / "release")
    assert verify(tmp_path / "release").findings == ["WITHDRAWN.csv: is not the list in release.json"]


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("data/test-", "data/rest-", "the views it announces are not those that are there"),
        ("configs:", "konfigs:", "its metadata cannot be read"),
        ("license: ", "license: [", "its metadata cannot be read"),
    ],
)
def test_a_card_that_announces_something_else_is_found(release, old, new, finding):
    card = release / "README.md"
    card.write_text(card.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    manifest.write(release)
    assert any(f"README.md: {finding}" in found for found in verify(release).findings)


def test_rows_missing_from_a_view_or_added_to_it_are_found(release):
    path = release / "scores" / "train-00000-of-00001.parquet"
    doctor(path, lambda rows: rows.append(rows[0]))
    assert verify(release).findings == ["scores/train-00000-of-00001.parquet, row 3: the main table has no such row"]
    doctor(path, lambda rows: rows.clear())
    assert "scores/train: ends too early" in verify(release).findings[0]


def test_a_doctored_answer_is_found(release):
    def better(rows):
        rows[0]["annotations"][0]["judgements"]["overall_gestalt"]["score"] = 9.5

    doctor(shard(release), better)
    findings = " ".join(verify(release).findings)
    assert "scores.overall_gestalt.mean is 7.5, but the answers give 8.75" in findings
    assert "first answer of expert-1: holistic is 7.0, but its scores give" in findings


def test_an_answer_that_is_made_to_count_is_found(tmp_path):
    write(tmp_path / "release", image(1, annotations=(annotation(), annotation("expert-2", 3, arm="assisted"))))

    def count(rows):
        rows[0]["annotations"][1]["counted"] = True

    doctor(shard(tmp_path / "release"), count)
    assert any("counted is True, against the rule" in finding for finding in verify(tmp_path / "release").findings)


def test_a_swapped_image_is_found(release):
    def swap(rows):
        rows[0]["image"], rows[1]["image"] = rows[1]["image"], rows[0]["image"]

    doctor(shard(release), swap)
    findings = [finding for finding in verify(release).findings if finding.startswith("data/")]
    assert len(findings) == 2
    assert all("the image is not the one whose hash is image_sha256" in finding for finding in findings)


def test_a_row_moved_to_another_split_is_found(release):
    rows = pq.read_table(shard(release)).to_pylist()
    doctor(shard(release), lambda rows: rows.pop())
    doctor(shard(release, "test"), lambda there: there.append(rows[-1]))
    findings = verify(release).findings
    assert "data/test-00000-of-00001.parquet, row 2: split is train, but the row lies in test" in findings


def test_a_group_that_straddles_splits_is_found(tmp_path):
    first, second = image(1), image(2, "test")
    group = min(first.sha256, second.sha256)
    write(tmp_path / "release", replace(first, group=group), replace(second, group=group))
    assert verify(tmp_path / "release").findings == [
        f"group {group} lies in 2 splits (test: {second.sha256}; train: {first.sha256})"
    ]


def test_a_group_with_a_foreign_name_is_found(tmp_path):
    write(tmp_path / "release", image(1, group="heron"))
    assert "is not named after the hash of an image" in verify(tmp_path / "release").findings[0]


def test_the_same_image_twice_is_found(release):
    doctor(shard(release), lambda rows: rows.append(rows[0]))
    assert any("is there already" in finding for finding in verify(release).findings)


def test_simulated_answers_outside_a_demo_are_found(tmp_path):
    write(tmp_path / "release", image(1, annotations=(annotation(simulated=True),)))
    assert (
        "simulated answers are inside, but the release is not marked as demo"
        in verify(tmp_path / "release").findings[0]
    )


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), 7.3, 11.0])
def test_scores_that_no_rater_can_give_are_found_and_break_nothing(release, value):
    def spoil(rows):
        rows[0]["annotations"][0]["judgements"]["overall_gestalt"]["score"] = value

    doctor(shard(release), spoil)
    assert any("row 1" in finding for finding in verify(release).findings)


def test_empty_fields_break_nothing(release):
    def empty(rows):
        rows[0] = dict.fromkeys(rows[0])
        rows[1] |= {"group": None, "split": None, "sha256": None}

    doctor(shard(release), empty)
    assert any("row 1: holds what no release holds" in finding for finding in verify(release).findings)


def test_other_columns_are_found(release):
    pq.write_table(pq.read_table(shard(release)).drop_columns(["annotations"]), shard(release))
    manifest.write(release)
    assert "data/train-00000-of-00001.parquet: its columns are not those" in verify(release).findings[0]


def test_another_rubric_is_found(release):
    content = json.loads((release / "rubric.json").read_text(encoding="utf-8"))
    content["title"]["en"] = "Another"
    (release / "rubric.json").write_text(json.dumps(content), encoding="utf-8")
    manifest.write(release)
    assert verify(release).findings == ["rubric.json: is not the rubric whose hash release.json states"]


@pytest.fixture
def older(tmp_path):
    """A release with an answer by an older version of the rubric, which weighed otherwise."""
    content = copy.deepcopy(CONTENT)
    first, second = content["attributes"][:2]
    first["weight"], second["weight"] = first["weight"] + 5, second["weight"] - 5
    theirs = annotation("expert-1", 7, rubric_version="artimuse 1", superseded=True)
    rows = (image(1, annotations=(theirs, annotation("expert-2", 8, rubric_version="artimuse 2"))),)
    write(tmp_path / "release", *rows, rubric_name="artimuse 2", other_rubrics={"artimuse 1": content})
    return tmp_path / "release"


def test_each_version_of_the_rubric_is_inside_in_full_and_its_answers_are_held_to_it(older):
    assert verify(older).findings == []
    stated = json.loads((older / "release.json").read_text())
    assert stated["first_annotations_by_rubric"] == {"artimuse 1": 1, "artimuse 2": 1}
    path = older / "rubrics" / "artimuse-1.json"
    assert content_hash(json.loads(path.read_text())) == stated["other_rubrics"]["artimuse 1"]
    assert "| artimuse 1 | 1 | `rubrics/artimuse-1.json` |" in (older / "PROTOCOL.md").read_text()
    path.write_text(path.read_text().replace("Design", "Chance", 1))
    manifest.write(older)
    assert verify(older).findings == ["rubrics/artimuse-1.json: is not the rubric whose hash release.json states"]


def test_an_answer_by_a_version_that_is_not_inside_is_named(older):
    path = older / "release.json"
    stated = json.loads(path.read_text())
    stated["other_rubrics"] = {}
    path.write_text(page(stated))
    manifest.write(older)
    [finding] = verify(older).findings
    assert finding.endswith("it goes by artimuse 1, and the release holds no such rubric")


@pytest.mark.parametrize("others", [[], "none", None, {"artimuse 1": None}, {"../..": "x"}])
def test_broken_names_of_versions_break_nothing(older, others):
    path = older / "release.json"
    path.write_text(page(json.loads(path.read_text()) | {"other_rubrics": others}))
    manifest.write(older)
    assert not verify(older).holds


def test_no_name_of_a_version_leads_out_of_the_release(older):
    path = older / "release.json"
    stated = json.loads(path.read_text())
    stated["other_rubrics"]["../../secret"] = "x"
    path.write_text(page(stated))
    manifest.write(older)
    assert verify(older).findings == ["release.json: '../../secret' in other_rubrics is not a rubric and its version"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"images": 3}', "null"])
def test_a_broken_record_breaks_nothing(release, text):
    (release / "release.json").write_text(text)
    manifest.write(release)
    assert not verify(release).holds


@pytest.mark.parametrize("line", ["no hash", f"{'0' * 64}  ../outside", f"{'0' * 64}  /etc/passwd"])
def test_a_broken_manifest_is_named_with_its_line(release, line):
    path = release / manifest.NAME
    path.write_text(path.read_text() + line + "\n")
    assert verify(release).findings[0].startswith("MANIFEST.sha256, line 42:")


PAGES = ("README.md", "PROTOCOL.md", "DATASHEET.md", "LEAKAGE.md", "croissant.json", "recompute.py")
FROM_ROWS = (*PAGES, "LICENSES.csv", "formats/llama-factory/dataset_info.json", "formats/internvl/meta.json")


@pytest.mark.parametrize("name", FROM_ROWS)
def test_a_page_that_says_something_else_is_found_even_under_a_new_manifest(release, name):
    path = release / name
    path.write_text(path.read_text(encoding="utf-8").replace("1", "2").replace("CC0", "CC2") + " ", encoding="utf-8")
    manifest.write(release)
    assert any(finding.startswith(f"{name}: is not ") for finding in verify(release).findings)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_is_not_there_is_missed_even_under_a_new_manifest(release, name):
    (release / name).unlink()
    manifest.write(release)
    assert any(finding.startswith(f"{name}: ") for finding in verify(release).findings)


@pytest.mark.parametrize("name", ["rubrics/artimuse-9.json", "notes.txt"])
def test_a_file_that_no_release_has_is_found(release, name):
    (release / name).parent.mkdir(exist_ok=True)
    (release / name).write_text("{}")
    manifest.write(release)
    assert verify(release).findings == [f"{name}: no release has such a file"]


def test_pages_that_another_version_wrote_are_not_held_to_the_rows_and_a_remark_says_so(tmp_path):
    write(tmp_path / "release", engine={"writer": "another"})
    (tmp_path / "release" / "DATASHEET.md").write_text("Something else")
    manifest.write(tmp_path / "release")
    checked = verify(tmp_path / "release")
    assert (checked.findings, checked.rows_checked) == ([], True)
    assert checked.remarks[0].startswith("the words of its pages were not held to the rows")


@pytest.mark.parametrize("form", ["null", "0", f"{FORMAT + 1}", '"5"', "[]"])
def test_an_unknown_format_is_refused(release, form):
    path = release / "release.json"
    path.write_text(path.read_text().replace(f'"format": {FORMAT}', f'"format": {form}'))
    manifest.write(release)
    [finding] = verify(release).findings
    assert finding.startswith(f"release.json: format: {FORMAT} is accepted, not ")


@pytest.mark.parametrize("name", ["agreement", "scope", "rejected_pairs", "connected", "engine"])
def test_a_record_of_another_form_is_refused_by_the_field(release, name):
    path = release / "release.json"
    path.write_text(page(json.loads(path.read_text()) | {name: 3}))
    manifest.write(release)
    [finding] = verify(release).findings
    assert finding.startswith(f"release.json: {name}: ")
    assert finding.endswith("is accepted")


def test_two_answers_of_one_rater_to_an_image_are_found(release):
    doctor(shard(release), lambda rows: rows[0]["annotations"].append(rows[0]["annotations"][0]))
    assert any("expert-1 has 2 answers that count" in finding for finding in verify(release).findings)


def test_a_folder_that_is_no_release_says_so(tmp_path):
    assert "is not a release" in verify(tmp_path / "nowhere").findings[0]
