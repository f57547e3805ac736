"""What is recorded of simulated annotators suffices to find the anchoring that was planted in them."""

import random
from statistics import fmean

import pytest

from annotation.actions.agreement.inputs import gather_panel, take_cut_off
from annotation.actions.answers.simulate import annotate_images
from annotation.agreement.report.contrasts import anchoring_by_arm
from annotation.agreement.report.panel import Fields
from annotation.design.simulation import SimulatedExpert
from annotation.models import ModelVersion, Prefill
from tests.harness.factories import force_arm, make_campaign, make_user

pytestmark = [pytest.mark.django_db]

EXPERTS, IMAGES = 5, 24


def simulated(anchoring, slug):
    """Let five experts of known severity, noise and anchoring judge 24 images, half of them blind."""
    people = [make_user(f"{slug}-{n}", simulated=True) for n in range(EXPERTS)]
    campaign = make_campaign(
        slug, people=tuple(people), images=IMAGES, annotations_per_image=EXPERTS, is_demo=True, case_spread=None
    )
    model = ModelVersion.objects.get_or_create(name="planted", version="1")[0]
    chance = random.Random(5)
    for image in campaign.images.all():
        scores = {key: {"score": chance.uniform(15, 95), "critique": "Proposed."} for key in campaign.rubric.by_key}
        Prefill.objects.create(image=image, model_version=model, score=50, attributes=scores, seconds=0.1)
    campaign.shown_model = model
    campaign.save()
    force_arm(campaign, blind=50, reveal=50)
    for n, person in enumerate(people):
        expert = SimulatedExpert(person.username, severity=(n - 2) / 3, noise=0.8, anchoring=anchoring)
        annotate_images(campaign, person, expert, campaign.images.order_by("pk"))
    figures = anchoring_by_arm(gather_panel(campaign, campaign.rubric, take_cut_off(campaign)), Fields(campaign.rubric))
    del figures[campaign.rubric.overall.key]
    return [arms["reveal"] for arms in figures.values()]


# That none is found where none was planted, `raters/test_anchoring.py` shows each time without a database.
@pytest.mark.parametrize("planted", [pytest.param(0.0, marks=pytest.mark.soak), 0.4])
def test_the_planted_anchoring_is_recovered_from_the_recorded_arms(planted):
    figures = simulated(planted, f"anchoring-{planted:.0%}".replace("%", ""))
    assert len(figures) == 7
    assert all(row["n_shown"] + row["n_blind"] == EXPERTS * IMAGES for row in figures)
    # Seven intervals of 95 %: with the planted truth one may miss it by chance, three would be a fault.
    assert sum(row["low"] <= planted <= row["high"] for row in figures) >= 5
    assert fmean(row["value"] for row in figures) == pytest.approx(planted, abs=0.12)
