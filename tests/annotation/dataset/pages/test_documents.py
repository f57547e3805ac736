import csv
import json

import numpy as np
import pytest

from annotation.dataset.contents import planted
from annotation.dataset.contents.records import ConsensusRecord, PrefillRecord
from annotation.dataset.format.facts import Embedder, EmbeddingFigures, Protocol, WithdrawalEntry
from annotation.dataset.read.versions import level_of_rise, successor
from annotation.dataset.verify.verify import verify
from annotation.images.likeness import REACH, SURE, UNSURE
from tests.harness.release_samples import RUBRIC, annotation, image, write

SCENE, OTHER_SCENE = np.random.default_rng(1).integers(0, 256, (2, 32, 32))
HASHES = ("f0f0f0f0f0f0f0f0", *(f"{n:016x}" for n in range(7)))


def read(folder, name):
    return (folder / name).read_text(encoding="utf-8")


def csv_rows(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_the_protocol_says_who_was_asked_what_with_what_in_sight(tmp_path):
    prefill = PrefillRecord("artimuse 1", 61.0, {}, {})
    consensus = ConsensusRecord("spread", "taste", "Both.", "", {"overall_gestalt": 5})
    shares = {"blind": 15, "reveal": 85}
    protocol = Protocol(shares=shares, case_spread="4 points", consent_text="I agree.", consent_version=2)
    shown = image(
        1, annotations=(annotation(), annotation("expert-2", arm="reveal")), prefills=(prefill,), consensus=consensus
    )
    write(tmp_path / "release", shown, protocol=protocol)
    text = read(tmp_path / "release", "PROTOCOL.md")
    for attribute in RUBRIC.attributes:
        assert f"| {attribute.name['en']} | {attribute.weight} % |" in text
    assert "| reveal | 85 % | 1 | the rater stored an own answer, then saw the model's" in text
    assert "Models shown: artimuse 1." in text
    assert "spread: scores of an attribute lay 4 points apart or more" in text
    assert "1 images have a consensus; causes: taste 1." in text
    assert "(version 2):\n\n> I agree." in text


@pytest.mark.parametrize("drawn_by", ["assignment", "person"])
def test_the_protocol_says_what_the_arm_was_drawn_by(tmp_path, drawn_by):
    write(tmp_path / "release", protocol=Protocol(arms_by=drawn_by))
    assert f"The arm was drawn at random by {drawn_by} and stored" in read(tmp_path / "release", "PROTOCOL.md")


def test_the_card_promises_of_near_duplicates_no_more_than_the_rule_finds(tmp_path):
    write(tmp_path / "release", near(1), near(2, "test"))
    text = read(tmp_path / "release", "README.md")
    assert "Near duplicates never lie" not in text
    assert "that the rule in `LEAKAGE.md` finds lies in different splits, but for those listed there" in text
    assert "the rule does not find most crops" in text


def test_the_protocol_states_the_analysis_plan_and_whether_the_report_follows_it(tmp_path):
    plan = {"number": 2, "frozen_on": "2026-03-01", "sections": ["scopes"], "scopes": ["category"], "replicates": 1000,
            "seed": 7, "note": "Is alpha above .667?", "exclusions": {"raters": {"R1": "in training"}}}  # fmt: skip
    write(tmp_path / "follows", protocol=Protocol(analysis_plan=plan | {"departures": []}))
    write(tmp_path / "departs", protocol=Protocol(analysis_plan=plan | {"departures": ["seed"]}))
    write(tmp_path / "none")
    text = read(tmp_path / "follows", "PROTOCOL.md")
    assert "Plan 2 was frozen on 2026-03-01, before the first answer. Question: Is alpha above .667?" in text
    assert "R1 (in training)" in text
    assert "`RELIABILITY/` follows it." in text
    assert "departs from it in: seed." in read(tmp_path / "departs", "PROTOCOL.md")
    assert "No analysis plan was frozen" in read(tmp_path / "none", "PROTOCOL.md")


def test_the_datasheet_has_the_seven_parts(tmp_path):
    write(tmp_path / "release", description="Why we made it.")
    text = read(tmp_path / "release", "DATASHEET.md")
    heads = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert heads == ["Motivation", "Composition", "Collection", "Preprocessing", "Uses", "Distribution", "Maintenance"]
    assert "Why we made it." in text
    assert "Released scores: mean 7.5, standard deviation 0.0, from 7.5 to 7.5." in text
    assert "| portrait | 4 |" in text


def test_what_the_organisers_state_stands_in_the_pages_and_gaps_are_named(tmp_path):
    stated = {"creators": "Doe, Olga\nThe Institute", "payment": "25 euros an hour.", "contact": "  "}
    write(tmp_path / "release", statements=stated)
    protocol, datasheet = (read(tmp_path / "release", f"{name}.md") for name in ("PROTOCOL", "DATASHEET"))
    assert "\nPayment of the raters: 25 euros an hour.\n" in protocol
    assert "\nEthics review: not stated by the organisers.\n" in protocol
    for words in ("Creators: Doe, Olga; The Institute.", "Payment of the raters: 25 euros an hour."):
        assert f"\n{words}\n" in datasheet
    for what in ("Funding", "Contact", "Ethics review", "Recruitment and training of the raters"):
        assert f"\n{what}: not stated by the organisers.\n" in datasheet
    assert json.loads(read(tmp_path / "release", "croissant.json"))["creator"] == [
        {"@type": "sc:Person", "name": "Doe, Olga"},
        {"@type": "sc:Organization", "name": "The Institute"},
    ]


@pytest.fixture
def with_imports(tmp_path):
    """The folder of a release in which two raters answered here, one a program, and three answers are imported."""
    machine = {"simulated": True, "arm": "reveal"}
    given = (
        annotation("expert-1", 7),
        annotation("machine-1", 8, **machine),
        annotation("machine-1", 6, **machine, kind="final", shown_model="artimuse 1"),
        annotation("far-1", 3, imported=True, arm="blind"),
        annotation("far-2", 3, imported=True, arm=None),
        annotation("far-2", 4, imported=True, arm=None, kind="final", simulated=True),
    )
    prefills = (PrefillRecord("artimuse 1", 61.0, {}, {}), PrefillRecord("old 1", 5.0, {}, {}, imported=True))
    write(tmp_path / "release", image(1, annotations=given, prefills=prefills), is_demo=True)
    return tmp_path / "release"


def test_the_protocol_speaks_of_arms_and_raters_for_answers_given_here_alone(with_imports):
    text = read(with_imports, "PROTOCOL.md")
    assert "2 raters answered here, 1 of them simulated by a program; answers of 2 enter the means." in text
    assert "3 further answers, in the name of 2 raters, were collected elsewhere and imported" in text
    assert "| blind | 0 % | 1 | the rater saw no model at all |" in text
    assert "Models shown: artimuse 1. Before" in text
    assert "| Arm, declared, not drawn here | First answers imported |" in text
    assert "| blind | 1 |\n| none declared | 1 |" in text
    assert "Prefills shown with them, as declared, came from: old 1." in text


def test_the_card_and_the_datasheet_count_whose_answers_enter_the_means(with_imports):
    card, datasheet = read(with_imports, "README.md"), read(with_imports, "DATASHEET.md")
    assert "by 2 raters whose answers enter the means; 6 answers in all, 2 of them in the means, 3 collected" in card
    assert "drawn at random (first answers here: 1 blind, 1 reveal)" in card
    assert "declared with them, not drawn here (1 blind, 1 unknown)" in card
    assert "- expert-generated\n- machine-generated\n- found\n" in card
    assert "3 answers are simulated by a program, 1 of which enter the means; 3 were collected elsewhere" in datasheet
    assert "scores are opinions of 2 raters, 1 of them simulated by a program, and" in datasheet


def test_the_warning_of_a_demo_says_how_many_simulated_answers_are_in_the_means(with_imports):
    warning = read(with_imports, "README.md").partition("> **This is a demo release")[2].partition("\n")[0]
    assert "3 of its 6 answers are simulated" in warning
    assert "1 of them are among the 2 answers in the means" in warning
    assert "the other 2 stay out of both" in warning


def test_the_record_counts_raters_here_apart_from_imported_ones(with_imports):
    record = json.loads(read(with_imports, "release.json"))
    names = ("raters", "counted_raters", "simulated_raters", "imported_raters")
    assert [record[name] for name in names] == [2, 2, 1, 2]
    assert record["first_annotations_by_arm"] == {"blind": 1, "reveal": 1}
    assert record["imported_first_annotations_by_arm"] == {"blind": 1, "unknown": 1}
    assert verify(with_imports).findings == []


def test_agreement_stands_in_tables_too(tmp_path):
    agreement = {
        "attributes": {"overall_gestalt": {"alpha": 0.61234567, "interval": [0.5, 0.7], "n_images": 3}},
        "by_period": [{"period": "2026-W48", "alpha": 0.5}, {"period": "2026-W49", "alpha": None}],
    }
    write(tmp_path / "release", agreement=agreement)
    folder = tmp_path / "release" / "RELIABILITY"
    rows = csv_rows(folder / "agreement.csv")
    assert (rows[0]["what"], rows[0]["alpha"], rows[0]["lower"], rows[0]["upper"]) == (
        "overall_gestalt",
        "0.612346",
        "0.5",
        "0.7",
    )
    assert [row["alpha"] for row in csv_rows(folder / "by_period.csv")] == ["0.5", ""]
    assert json.loads((folder / "agreement.json").read_text())["by_period"][0]["alpha"] == 0.5


def test_every_list_of_rows_in_the_report_is_a_table_with_its_method(tmp_path):
    raters = [{"rater": "R1", "severity": 0.5}, {"rater": "R2", "severity": -0.5}]
    icc = {"1": {"value": 0.6}, "A1": {"value": 0.5}}
    details = {"raters": raters, "icc": icc, "prevalence": {"7": 0.25, "8": 0.75}, "notes": ["none"], "kappa": None}
    agreement = {
        "method": "Krippendorff's alpha",
        "attributes": {"overall_gestalt": {"alpha": 0.6, "details": details}},
        "holistic": {"alpha": 0.7, "details": {"raters": raters[:1]}},
        "arms": {"overall_gestalt": {"reveal": {"value": 0.2, "revised": {"value": 0.1}, "method": "slopes"}}},
        "meaning": [{"field": "overall_gestalt", "method": "shifts", "shifts": [{"rater": "R1", "value": 0.3}]}],
        "drift": [{"field": "holistic", "rater": "R1", "slope": 0.1}],
        "scopes": [{"part": "portrait", "alpha": 0.4}],
        "scopes_method": "parts",
        "blind_panel": {"note": "", "halo_method": "together", "fields": []},
        "halo": [{"rater": "R1", "raw": 0.2}],
        "methods": {"raters": "REML", "drift": "least squares"},
    }
    write(tmp_path / "release", agreement=agreement)
    folder = tmp_path / "release" / "RELIABILITY"
    found = {path.stem: csv_rows(path) for path in folder.glob("*.csv")}
    assert [(row["field"], row["rater"], row["severity"], row["method"]) for row in found["raters"]] == [
        ("overall_gestalt", "R1", "0.5", "REML"),
        ("overall_gestalt", "R2", "-0.5", "REML"),
        ("holistic", "R1", "0.5", "REML"),
    ]
    assert [(row["field"], row["which"], row["value"]) for row in found["icc"]] == [
        ("overall_gestalt", "1", "0.6"),
        ("overall_gestalt", "A1", "0.5"),
    ]
    assert [(row["which"], row["value"]) for row in found["prevalence"]] == [("7", "0.25"), ("8", "0.75")]
    [arm] = found["arms"]
    assert arm == {
        "field": "overall_gestalt",
        "which": "reveal",
        "value": "0.2",
        "revised.value": "0.1",
        "method": "slopes",
    }
    [shift] = found["meaning.shifts"]
    assert shift == {"field": "overall_gestalt", "rater": "R1", "value": "0.3", "method": "shifts"}
    methods = {"agreement": "Krippendorff's alpha", "drift": "least squares", "scopes": "parts", "halo": "together"}
    assert {name: {row["method"] for row in found[name]} for name in methods} == {
        name: {words} for name, words in methods.items()
    }
    assert verify(tmp_path / "release").findings == []


def test_what_was_withdrawn_is_listed(tmp_path):
    gone = {"what": "image", "id": "a" * 64, "withdrawn_on": "2026-11-23", "reason": "licence"}
    write(tmp_path / "release", withdrawn=(WithdrawalEntry(**gone),))
    assert csv_rows(tmp_path / "release" / "WITHDRAWN.csv") == [gone]


def near(number, split="train", *, codes=HASHES, miniature=SCENE):
    """Be an image with a fingerprint."""
    pixels = miniature.astype("uint8").tobytes() if miniature is not None else b""
    return image(number, split, perceptual_hashes=codes, miniature=pixels)


def across(folder):
    return json.loads(read(folder, "release.json"))["pairs_across_splits"]


def test_near_duplicates_in_different_splits_are_named_also_when_turned(tmp_path):
    turned = (f"{1:016x}", "f0f0f0f0f0f0f0f7", *(f"{n << 40:016x}" for n in range(6)))
    one, two = near(1), near(2, "test", codes=turned, miniature=np.rot90(SCENE) // 2 + 100)
    write(tmp_path / "release", one, two, connected=(tuple(sorted([one.sha256, two.sha256])),))
    assert across(tmp_path / "release") == [[one.sha256, "train", two.sha256, "test", 3, 1000, "same"]]
    row = f"| {one.sha256} | train | {two.sha256} | test | 3 | 1.000 | same |"
    assert row in read(tmp_path / "release", "LEAKAGE.md")
    assert verify(tmp_path / "release").findings == []


def test_near_duplicates_in_different_splits_without_a_word_on_why_do_not_hold(tmp_path):
    one, two = near(1), near(2, "test")
    write(tmp_path / "release", one, two)
    [finding] = verify(tmp_path / "release").findings
    where = f"{one.sha256} in train and {two.sha256} in test"
    assert finding.startswith(f"release.json: images {where} are near duplicates")
    write(tmp_path / "apart", one, two, rejected_pairs=((two.sha256, one.sha256),))
    assert verify(tmp_path / "apart").findings == []


def test_the_second_look_tells_apart_what_the_hash_takes_for_the_same(tmp_path):
    write(tmp_path / "release", near(1), near(2, "test", miniature=OTHER_SCENE))
    assert across(tmp_path / "release") == []
    assert "looked at a second time: 1." in read(tmp_path / "release", "LEAKAGE.md")


def test_without_a_second_look_a_person_has_to_decide(tmp_path):
    write(tmp_path / "release", near(1), near(2, "test", miniature=None), near(3, "test", miniature=0 * SCENE))
    assert [pair[4:] for pair in across(tmp_path / "release")] == [[0, None, "unsure"], [0, None, "unsure"]]


def test_pairs_that_a_person_told_apart_are_marked(tmp_path):
    one, two = near(1), near(2, "test", miniature=None)
    write(tmp_path / "release", one, two, rejected_pairs=((two.sha256, one.sha256),))
    assert "| 0 | unknown | different, by a person |" in read(tmp_path / "release", "LEAKAGE.md")


def test_the_embeddings_that_were_compared_are_told_or_that_there_were_none(tmp_path):
    embedders = (Embedder("sscd", "ab" * 32, images=3),)
    used = EmbeddingFigures(embedders, of=4, sure=750, unsure=500, pairs=2, pairs_by_cosine_alone=1)
    write(tmp_path / "used", embeddings=used)
    write(tmp_path / "none")
    text = read(tmp_path / "used", "LEAKAGE.md")
    assert "from a cosine of 0.75 two images show nearly the same, from 0.5 a person decides. 2 pairs" in text
    assert f"| sscd | {'ab' * 32} | 3 of 4 |" in text
    assert "No model's embeddings, which would find crops, were compared." in read(tmp_path / "none", "LEAKAGE.md")
    assert verify(tmp_path / "used").findings == []


def test_pairs_that_the_record_hides_are_found(tmp_path):
    write(tmp_path / "release", near(1), near(2, "test"))
    path = tmp_path / "release" / "release.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(record | {"pairs_across_splits": []}), encoding="utf-8")
    assert any("pairs_across_splits is not what the fingerprints give" in f for f in verify(path.parent).findings)


def test_what_was_measured_was_measured_by_the_rule_as_it_is():
    assert planted.THRESHOLDS == {"reach": REACH, "sure": SURE, "unsure": UNSURE}


def test_images_of_the_same_split_are_no_leak(tmp_path):
    write(tmp_path / "release", near(1), near(2))
    assert across(tmp_path / "release") == []


@pytest.mark.parametrize(
    ("old", "new", "level"),
    [
        ("1.2.3", "2.0.0", "major"),
        ("1.2.3", "1.3.0", "minor"),
        ("1.2.3", "1.2.4", "patch"),
        ("0.1.0", "1.0.0", "major"),
    ],
)
def test_the_first_number_that_rises_gives_the_level(old, new, level):
    assert level_of_rise(old, new) == level
    assert successor(old, level) == new
