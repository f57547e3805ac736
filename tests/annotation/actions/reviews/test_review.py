import json
from datetime import timedelta
from itertools import islice

import pytest
from django.utils import timezone

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.reviews import review
from annotation.errors import AnnotationInvalid, Conflict, NotAllowed
from annotation.models import Annotation, Case, Consensus, Event
from annotation.roles import Role
from tests.harness.factories import give_roles, judge, make_campaign, make_content, make_user, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def disagree(campaign, people, scores):
    for person, score in zip(people, scores, strict=True):
        judge(campaign, person, 6, overall_gestalt=score)


def make_case():
    people = tuple(map(somebody, ("alice", "bob", "carol")))
    disagree(make_campaign(people=people, images=1), people, (2, 6, 7))


@pytest.fixture
def case(recall):
    recall(make_case)
    return Case.objects.get()


def adjudicated(case, rita, **changes):
    values = {"cause": "oversight", "reason": "The frame was missed.", "scores": {"overall_gestalt": 6.5}}
    return review.adjudicate_case(case, by=rita, **(values | changes))


def test_scores_far_apart_open_a_case_on_the_disputed_attributes_only(case):
    assert (case.rule, case.disputed, case.state) == (Case.Rule.SPREAD, ["overall_gestalt"], Case.State.OPEN)


def test_scores_close_together_open_none(alice, bob, carol):
    campaign = make_campaign(people=(alice, bob, carol), images=1)
    disagree(campaign, (alice, bob, carol), (5, 6, 7))
    assert not Case.objects.exists()


def test_a_campaign_without_a_threshold_opens_none(alice, bob, carol):
    campaign = make_campaign(people=(alice, bob, carol), images=1, case_spread=None)
    disagree(campaign, (alice, bob, carol), (0, 6, 10))
    assert not Case.objects.exists()


def test_subcategories_without_a_majority_open_a_case(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    for person, sub in ((alice, "portrait"), (bob, "movie_still")):
        annotate.commit_annotation(assign.next_assignment(campaign, person), make_content(subcategory=sub), by=person)
    assert Case.objects.get().rule == Case.Rule.CATEGORY


def test_an_adjudicator_sees_all_answers_under_letters_and_no_names(case, rita, alice):
    shown = review.annotations_under_letters(case, rita)
    assert [annotation["letter"] for annotation in shown] == ["A", "B", "C"]
    assert sorted(annotation["judgements"]["overall_gestalt"]["score"] for annotation in shown) == [2, 6, 7]
    text = json.dumps(shown)
    for name in ("alice", "bob", "carol", alice.pseudonym):
        assert name not in text


def test_letters_are_in_an_order_of_the_adjudicators_own(case):
    orders = set()
    for number in range(8):
        adjudicator = make_user(f"rita{number}")
        shown = review.annotations_under_letters(case, adjudicator)
        assert shown == review.annotations_under_letters(case, adjudicator)
        orders.add(tuple(annotation["judgements"]["overall_gestalt"]["score"] for annotation in shown))
    assert len(orders) > 1


def test_a_consensus_adjudicates_the_case_and_overwrites_nothing(case, rita):
    before = list(Annotation.objects.values_list("revisions__content_hash", flat=True))
    consensus = adjudicated(case, rita)
    case.refresh_from_db()
    assert case.state == Case.State.ADJUDICATED
    assert list(consensus.scores.values_list("attribute", "steps")) == [("overall_gestalt", 13)]
    assert list(Annotation.objects.values_list("revisions__content_hash", flat=True)) == before
    assert Event.objects.get(verb="case.adjudicated").actor == rita


BAD = [
    ({"cause": "mood"}, "cause", "'mood' is unknown; accepted: taste, rubric"),
    ({"reason": "  "}, "reason", "is missing"),
    ({"scores": {}}, "scores.overall_gestalt", "is missing; accepted: 0 to 10 in steps of 0.5"),
    ({"scores": {"overall_gestalt": 6.3}}, "scores.overall_gestalt", "6.3 is not on the scale"),
    (
        {"scores": {"overall_gestalt": 6, "composition_design": 6}},
        "scores.composition_design",
        "is not disputed; accepted: overall_gestalt",
    ),
    ({"subcategory": "selfie"}, "subcategory", "'selfie' is unknown"),
]


@pytest.mark.parametrize(("change", "field", "message"), BAD)
def test_a_wrong_consensus_is_refused_field_by_field(case, rita, change, field, message):
    with pytest.raises(AnnotationInvalid) as caught:
        adjudicated(case, rita, **change)
    assert message in caught.value.errors[field]
    assert not Consensus.objects.exists()


def test_only_an_adjudicator_who_did_not_rate_the_image_adjudicates(case, alice, olga, arthur):
    for person in (alice, olga, arthur):
        with pytest.raises(NotAllowed):
            adjudicated(case, person)
    give_roles(alice, case.campaign, Role.ANNOTATOR, Role.ADJUDICATOR)
    with pytest.raises(NotAllowed):
        adjudicated(case, alice)


def test_an_adjudicated_case_can_be_reopened_and_adjudicated_anew(case, rita):
    adjudicated(case, rita)
    with pytest.raises(Conflict, match="adjudicated already"):
        adjudicated(case, rita)
    review.reopen_case(case, by=rita, reason="Second thoughts.")
    adjudicated(case, rita, scores={"overall_gestalt": 7})
    assert Consensus.objects.count() == 2


def test_an_adjudicated_subcategory_is_in_force_from_then_on(case, rita):
    adjudicated(case, rita, subcategory="movie_still")
    assert case.campaign.entries.get().subcategory == "movie_still"


def test_a_flagged_image_goes_back_to_work_or_out(alice, bob, rita):
    campaign = make_campaign(people=(alice, bob), images=2, annotations_per_image=1)
    for _ in range(2):
        assign.skip_assignment(assign.next_assignment(campaign, alice), "broken", by=alice)
    assert assign.next_assignment(campaign, bob) is None
    good, bad = Case.objects.all()
    review.adjudicate_case(good, by=rita, cause="slip", reason="It is fine.")
    review.adjudicate_case(bad, by=rita, cause="slip", reason="Cut off.", exclude=True)
    assert assign.next_assignment(campaign, bob).image == good.image
    assert campaign.entries.get(excluded=True).image == bad.image


def test_ones_own_answer_can_be_corrected_for_a_while(campaign, alice):
    done = judge(campaign, alice, 6)
    annotate.correct_annotation(done, make_content(7), by=alice)
    kinds = list(done.annotation.revisions.values_list("kind", flat=True))
    assert kinds == ["first", "correction"]
    with pytest.raises(Conflict, match="that time is over"):
        annotate.correct_annotation(done, make_content(8), by=alice, now=timezone.now() + timedelta(minutes=61))


def test_an_adjudicated_case_stays_adjudicated_while_a_newer_one_on_its_image_is_open(case, rita, alice):
    adjudicated(case, rita)
    Case.objects.create(campaign=case.campaign, image=case.image, rule=Case.Rule.FLAG, disputed=["broken"])
    with pytest.raises(Conflict, match="a newer case on this image is open"):
        review.reopen_case(case, by=rita, reason="Second thoughts.")


def test_letters_go_on_after_the_alphabet():
    assert list(islice(review.letters_of_raters(), 28))[-3:] == ["Z", "AA", "AB"]


def test_whoever_flagged_an_image_does_not_adjudicate_its_case(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=1)
    assign.skip_assignment(assign.next_assignment(campaign, alice), "broken", by=alice)
    give_roles(alice, campaign, Role.ANNOTATOR, Role.ADJUDICATOR)
    with pytest.raises(NotAllowed):
        review.adjudicate_case(Case.objects.get(), by=alice, cause="slip", reason="It is fine.")
