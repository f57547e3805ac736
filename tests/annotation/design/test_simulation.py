import pytest
import yaml

from annotation.actions.answers.simulate import annotate_images
from annotation.design.simulation import SimulatedExpert, anchored_scores, draw_content, first_scores
from annotation.errors import NotAllowed
from annotation.models import Event
from annotation.rubric.schema import parse
from tests.harness.factories import RUBRIC_FILE, force_arm, make_campaign, make_user, prefill_all

RUBRIC = parse(yaml.safe_load(RUBRIC_FILE.read_text(encoding="utf-8")))
HASHES = [f"{number:064x}" for number in range(400)]


def mean_score(expert):
    return sum(first_scores(expert, RUBRIC, sha)["overall_gestalt"] for sha in HASHES) / len(HASHES)


def test_severity_lowers_scores_by_as_much():
    mild, strict = SimulatedExpert("ada", severity=0), SimulatedExpert("ada", severity=1.5)
    assert mean_score(mild) - mean_score(strict) == pytest.approx(1.5, abs=0.15)


def test_anchoring_moves_scores_their_share_of_the_way_to_the_model():
    expert = SimulatedExpert("ada", anchoring=0.5)
    own = dict.fromkeys(RUBRIC.by_key, 4.0)
    prefill = dict.fromkeys(RUBRIC.by_key, 8.0) | {"overall_gestalt": None}
    anchored = anchored_scores(expert, RUBRIC, own, prefill)
    assert anchored["composition_design"] == 6
    assert anchored["overall_gestalt"] == 4


def test_what_a_simulated_expert_writes_says_so():
    expert = SimulatedExpert("ada")
    sent = draw_content(expert, RUBRIC, 1, HASHES[0], "portrait", first_scores(expert, RUBRIC, HASHES[0]))
    assert all(judged["critique"].startswith("[Simulated]") for judged in sent["judgements"].values())


@pytest.fixture
def ada(db):
    return make_user("simulated-ada", simulated=True)


@pytest.mark.engine
def test_simulated_answers_go_through_the_same_doors_and_are_marked(ada):
    campaign = make_campaign(people=(ada,), is_demo=True)
    prefill_all(campaign)
    force_arm(campaign, reveal=100)
    images = list(campaign.images.all())
    assert annotate_images(campaign, ada, SimulatedExpert("ada", anchoring=0.5), images) == 3
    assert annotate_images(campaign, ada, SimulatedExpert("ada", anchoring=0.5), images) == 0
    assert campaign.annotations.filter(simulated=True).count() == 3
    assert {annotation.revisions.count() for annotation in campaign.annotations.all()} == {2}
    assert Event.objects.filter(verb="annotation.committed").count() == 3


@pytest.mark.engine
def test_only_simulated_people_in_demo_campaigns_answer_by_themselves(ada, alice):
    real = make_campaign("real", people=(ada, alice))
    with pytest.raises(NotAllowed):
        annotate_images(real, ada, SimulatedExpert("ada"), real.images.all())
    demo = make_campaign("demo", people=(ada, alice), is_demo=True)
    with pytest.raises(NotAllowed):
        annotate_images(demo, alice, SimulatedExpert("ada"), demo.images.all())
    assert not Event.objects.filter(verb="annotation.committed").exists()
