import pytest

from annotation.actions import prefill
from annotation.errors import BadInput
from annotation.models import Event, Prefill, PrefillItem, PrefillRun, WrittenOnce
from mlworker import contract
from mlworker.tasks import answer
from tests.factories import make_campaign, make_prefill, make_rubric

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def run(campaign):
    return prefill.start_run(campaign, "fake", by=None)


def answered(run):
    """Let the worker's own code answer every image of a run."""
    return [answer(prefill.request_for(item.image, run)) for item in run.items.all()]


def test_a_run_asks_for_every_image_and_the_first_model_is_shown(campaign, run):
    assert run.counts() == {"waiting": 3, "done": 0, "failed": 0, "total": 3}
    campaign.refresh_from_db()
    assert campaign.shown_model == run.model_version


def test_answers_are_stored_and_the_run_ends(run):
    for prediction in answered(run):
        prefill.store(prediction, run)
    run.refresh_from_db()
    assert (run.state, run.counts()["done"]) == (PrefillRun.State.DONE, 3)
    assert run.finished_at
    assert Prefill.objects.count() == 3
    assert Event.objects.filter(verb="prefill.finished").count() == 1


def test_storing_an_answer_again_changes_nothing(run):
    first = answered(run)[0]
    for _ in range(3):
        prefill.store(first, run)
    assert Prefill.objects.count() == 1
    assert run.counts()["done"] == 1


def test_files_that_differ_only_in_metadata_share_one_answer(campaign):
    first, second, _ = campaign.images.all()
    type(second).objects.filter(pk=second.pk).update(stripped_sha256=first.stripped_sha256)
    run = prefill.start_run(campaign, "fake", by=None)
    for prediction in answered(run):
        prefill.store(prediction, run)
    run.refresh_from_db()
    assert (run.state, run.counts()["done"]) == (PrefillRun.State.DONE, 3)


def test_a_run_that_is_given_up_keeps_what_it_has(campaign, run, olga):
    prefill.store(answered(run)[0], run)
    prefill.cancel_run(run, by=olga)
    run.refresh_from_db()
    assert (run.state, Prefill.objects.count()) == (PrefillRun.State.CANCELLED, 1)
    assert prefill.start_run(campaign, "fake", by=None).counts()["total"] == 2


def test_a_failed_image_is_set_aside_and_the_run_completes_without_it(run):
    bad, *good = answered(run)
    prefill.store(
        contract.Prefill(bad.picture, bad.sha256, "fake", bad.model_version, error="the picture is gone"), run
    )
    for prediction in good:
        prefill.store(prediction, run)
    run.refresh_from_db()
    assert run.state == PrefillRun.State.DONE
    assert run.items.get(state=PrefillItem.State.FAILED).error == "the picture is gone"
    assert Prefill.objects.count() == 2


def test_an_answer_of_another_model_version_is_not_mixed_in(run):
    good = answered(run)[0]
    other = contract.Prefill(good.picture, good.sha256, "fake", "99", score=1.0)
    prefill.store(other, run)
    assert "version 99" in run.items.get(state=PrefillItem.State.FAILED).error
    assert not Prefill.objects.exists()


def test_images_answered_already_are_not_asked_again(campaign, run):
    for prediction in answered(run):
        prefill.store(prediction, run)
    again = prefill.start_run(campaign, "fake", by=None)
    assert (again.state, again.counts()["total"]) == (PrefillRun.State.DONE, 0)


def test_an_unknown_model_names_the_accepted_ones(campaign):
    with pytest.raises(BadInput, match="'oracle' is unknown; accepted: baseline, fake"):
        prefill.start_run(campaign, "oracle", by=None)
    assert not PrefillRun.objects.exists()


def test_the_worker_gets_the_copy_without_metadata_and_the_rubrics_attributes(campaign, run):
    image = campaign.images.first()
    request = prefill.request_for(image, run)
    assert (request.picture, request.sha256) == (image.stripped.name, image.stripped_sha256)
    assert [attribute.key for attribute in request.attributes] == list(campaign.rubric.by_key)


def test_a_proposal_is_rounded_to_the_scale_and_the_overall_score_is_divided_by_ten(campaign):
    row = make_prefill(campaign.images.first(), score=63.2)
    steps = row.proposed_steps(campaign.rubric)
    assert steps["comprehensive_evaluation"] == 13
    assert steps["overall_gestalt"] == 14


def test_a_model_without_attribute_scores_proposes_none(campaign):
    row = make_prefill(campaign.images.first())
    row.attributes = {"overall_gestalt": {"critique": "Words.", "score": None}}
    assert row.proposed_steps(make_rubric().rubric)["overall_gestalt"] is None
    assert row.proposed_steps(make_rubric().rubric)["composition_design"] is None


def test_a_prefill_is_written_once(campaign):
    row = make_prefill(campaign.images.first())
    with pytest.raises(WrittenOnce):
        row.save()


def test_a_run_over_no_images_is_done_at_once():
    assert prefill.start_run(make_campaign(images=0), "fake", by=None).state == PrefillRun.State.DONE
