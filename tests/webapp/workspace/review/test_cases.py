import pytest

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.reviews import review
from annotation.models import CampaignImage, Case, Consensus
from annotation.roles import Role
from tests.harness.factories import give_roles, judge, make_campaign, make_content, make_user, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def make_case():
    alice, bob, carol = map(somebody, ("alice", "bob", "carol"))
    campaign = make_campaign(people=(alice, bob, carol), images=1)
    for person, score in ((alice, 2), (bob, 6), (carol, 7)):
        judge(campaign, person, 6, overall_gestalt=score)


@pytest.fixture
def case(recall):
    recall(make_case)
    return Case.objects.get()


@pytest.fixture
def page(client, rita, case):
    client.force_login(rita)
    return client


def adjudicate(client, case, **changes):
    values = {"score-overall_gestalt": "6.5", "cause": "oversight", "reason": "The frame was missed."}
    return client.post(f"/workspace/cases/{case.pk}/", values | changes)


def test_a_case_shows_all_answers_under_letters_and_no_names(page, case, alice, bob, carol):
    html = page.get(f"/workspace/cases/{case.pk}/").content.decode()
    for letter in "ABC":
        assert f'<span class="letter">{letter}</span>' in html
    assert "My own words on overall_gestalt." in html
    for person in (alice, bob, carol):
        assert person.username not in html
        assert person.pseudonym not in html


def test_a_case_says_where_each_critique_is_pinned(client, rita, alice, bob):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    for person, score in ((alice, 2), (bob, 8)):
        answer = make_content(score)
        answer["judgements"]["overall_gestalt"]["pins"] = [
            {"x": 0.25, "y": score / 10},
            {"x": 0.1, "y": 0.1, "width": 0.3, "height": 0.2},
        ]
        annotate.commit_annotation(assign.next_assignment(campaign, person), answer, by=person)
    client.force_login(rita)
    html = client.get(f"/workspace/cases/{Case.objects.get().pk}/").content.decode()
    for words in ("<li>25%, 20%</li>", "<li>25%, 80%</li>", "<li>10%, 10% (30% × 20%)</li>"):
        assert words in html


def test_the_image_of_a_case_is_shown(page, case):
    response = page.get(f"/images/{case.image_id}/display/")
    list(response.streaming_content)
    assert response.status_code == 200


def test_only_what_is_disputed_is_asked_for(page, case):
    html = page.get(f"/workspace/cases/{case.pk}/").content.decode()
    assert 'name="score-overall_gestalt"' in html
    assert 'name="score-composition_design"' not in html
    assert 'name="subcategory"' not in html


def test_adjudicating_a_case_moves_it_below(page, case):
    assert adjudicate(page, case).status_code == 302
    assert Consensus.objects.get().scores.get().steps == 13
    listed = page.get("/workspace/cases/").content.decode()
    assert "is adjudicated" in listed
    assert "Open again" in listed


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"score-overall_gestalt": "6.3"}, "6.3"),
        ({"score-overall_gestalt": ""}, "required"),
        ({"cause": ""}, "required"),
        ({"reason": "  "}, "required"),
    ],
)
def test_a_wrong_consensus_is_shown_at_its_field_and_nothing_typed_is_lost(page, case, changes, words):
    response = adjudicate(page, case, **changes)
    html = response.content.decode()
    assert response.status_code == 422
    assert 'class="error"' in html
    assert words in html
    assert "The frame was missed." in html or "reason" in changes
    assert not Consensus.objects.exists()


def test_an_adjudicated_case_is_opened_again_with_a_reason(page, case):
    adjudicate(page, case)
    page.post(f"/workspace/cases/{case.pk}/reopen/", {"reason": ""})
    case.refresh_from_db()
    assert case.state == Case.State.ADJUDICATED
    page.post(f"/workspace/cases/{case.pk}/reopen/", {"reason": "Second thoughts"})
    case.refresh_from_db()
    assert case.state == Case.State.OPEN


def test_a_reopened_case_shows_what_was_adjudicated_before_and_not_by_whom(client, page, case):
    adjudicate(page, case)
    page.post(f"/workspace/cases/{case.pk}/reopen/", {"reason": "Second thoughts"})
    hannelore = make_user("hannelore")
    give_roles(hannelore, case.campaign, Role.ADJUDICATOR)
    client.force_login(hannelore)
    html = client.get(f"/workspace/cases/{case.pk}/").content.decode()
    assert "The frame was missed." in html
    assert '<dd class="big">6.5</dd>' in html
    assert 'name="score-overall_gestalt"' in html
    assert "rita" not in html


def test_who_adjudicates_second_sees_both_and_loses_nothing_typed(page, case):
    adjudicate(page, case)
    late = adjudicate(page, case, reason="I see it otherwise.")
    html = late.content.decode()
    assert late.status_code == 422
    assert "adjudicated already" in html
    assert "The frame was missed." in html
    assert "I see it otherwise.</textarea>" in html
    assert Consensus.objects.count() == 1


def test_an_adjudicated_case_asks_for_nothing(page, case):
    adjudicate(page, case)
    html = page.get(f"/workspace/cases/{case.pk}/").content.decode()
    assert "This case is adjudicated." in html
    assert 'name="reason"' not in html


def test_a_dispute_on_the_subcategory_is_adjudicated_by_naming_one(client, rita, alice, bob):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    for person, subcategory in ((alice, "portrait"), (bob, "movie_still")):
        answer = make_content(subcategory=subcategory)
        annotate.commit_annotation(assign.next_assignment(campaign, person), answer, by=person)
    case = Case.objects.get()
    client.force_login(rita)
    fields = {"cause": "category", "reason": "The frame is from a film.", "subcategory": ""}
    refused = client.post(f"/workspace/cases/{case.pk}/", fields)
    assert 'id="id_subcategory_error"' in refused.content.decode()
    client.post(f"/workspace/cases/{case.pk}/", fields | {"subcategory": "movie_still"})
    assert campaign.entries.get().subcategory == "movie_still"


@pytest.mark.parametrize(("fate", "excluded"), [("keep", False), ("exclude", True)])
def test_a_flagged_image_is_kept_or_taken_out_and_the_flag_is_told(client, rita, alice, fate, excluded):
    campaign = make_campaign(people=(alice,), images=1, annotations_per_image=1)
    assign.skip_assignment(assign.next_assignment(campaign, alice), "duplicate", by=alice)
    case = Case.objects.get()
    client.force_login(rita)
    assert "It is a copy of another image" in client.get(f"/workspace/cases/{case.pk}/").content.decode()
    fields = {"cause": "oversight", "reason": "I looked it up."}
    assert client.post(f"/workspace/cases/{case.pk}/", fields).status_code == 422
    assert client.post(f"/workspace/cases/{case.pk}/", fields | {"fate": fate}).status_code == 302
    assert CampaignImage.objects.get().excluded is excluded


def test_the_list_asks_the_database_no_more_often_for_more_cases(
    client, rita, alice, bob, carol, django_assert_max_num_queries
):
    campaign = make_campaign(people=(alice, bob, carol), images=4)
    for person, score in ((alice, 2), (bob, 6), (carol, 7)):
        for _ in range(4):
            judge(campaign, person, 6, overall_gestalt=score)
    first, second, *_ = Case.objects.all()
    for case in (first, second):
        scores = {"overall_gestalt": 5}
        review.adjudicate_case(case, by=rita, cause="taste", reason="Between the two.", scores=scores)
    client.force_login(rita)
    with django_assert_max_num_queries(
        7
    ):  # Session, person, last seen, roles, open cases and how many, adjudicated ones.
        html = client.get("/workspace/cases/").content.decode()
    assert html.count('class="card case"') == 4


def test_a_case_asks_the_database_a_bounded_number_of_times(page, case, django_assert_max_num_queries):
    adjudicate(page, case)
    with django_assert_max_num_queries(16):
        page.get(f"/workspace/cases/{case.pk}/")


def test_nobody_else_finds_the_case(client, case, alice, olga, arthur, mallory):
    for person in (alice, olga, arthur, mallory):
        client.force_login(person)
        assert client.get(f"/workspace/cases/{case.pk}/").status_code == 404
        assert adjudicate(client, case).status_code == 404
        reopened = client.post(f"/workspace/cases/{case.pk}/reopen/", {"reason": "Because."})
        assert reopened.status_code == 404


def test_an_adjudicator_does_not_find_a_case_on_an_image_they_rated(client, case, alice):
    give_roles(alice, case.campaign, Role.ANNOTATOR, Role.ADJUDICATOR)
    client.force_login(alice)
    assert client.get(f"/workspace/cases/{case.pk}/").status_code == 404
    assert f"/workspace/cases/{case.pk}/" not in client.get("/workspace/cases/").content.decode()
