import pyarrow.parquet as pq
import pytest

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.actions.answers import annotate
from annotation.actions.answers.export_annotations import annotations_of
from annotation.actions.answers.verify_events import verify_events
from annotation.actions.assignments import assign
from annotation.actions.campaigns.change_campaign import change_campaign_state, dismiss_person
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.ratings.import_ratings import import_ratings
from annotation.actions.releases.publish_release import publish_release
from annotation.actions.releases.verify_release import verify_release
from annotation.actions.releases.withdraw import withdraw_image, withdraw_person
from annotation.actions.reviews.send_back import send_back, withdraw_send_back
from annotation.errors import BadInput, Conflict, NotAllowed
from annotation.models import Assignment, Campaign, Case, Event, Revision, SendBack
from annotation.roles import Role
from tests.harness.factories import give_roles, judge, make_campaign, make_content, make_user, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

WORD = "Please look at the lower left once more."


def make_done():
    alice, bob, carol = map(somebody, ("alice", "bob", "carol"))
    judge(make_campaign(people=(alice, bob, carol)), alice, 7.5)
    Campaign.objects.update(correction_minutes=0)


@pytest.fixture
def done(recall):
    """A finished annotation of alice's, whose time to correct it is over."""
    recall(make_done)
    return Assignment.objects.get()


def rework(assignment, person, score=3.0):
    return annotate.correct_annotation(assignment, make_content(score), by=person)


def kinds(assignment):
    return list(assignment.annotation.revisions.order_by("number").values_list("kind", flat=True))


def test_what_is_sent_back_is_looked_at_again_and_kept_as_a_revision_of_its_own_kind(done, alice, olga):
    request = send_back(done, WORD, by=olga)
    rework(done, alice)
    assert kinds(done) == ["first", "sent_back"]
    request.refresh_from_db()
    assert (request.state, request.revision) == (SendBack.State.ANSWERED, Revision.objects.latest("pk"))
    assert verify_events(done.campaign) == []
    verbs = list(Event.objects.order_by("pk").values_list("verb", flat=True))[-2:]
    assert verbs == ["annotation.sent_back", "annotation.reworked"]


def test_without_a_request_the_time_is_over(done, alice):
    with pytest.raises(Conflict, match="that time is over"):
        rework(done, alice)


def test_once_looked_at_again_it_is_final_as_before(done, alice, olga):
    send_back(done, WORD, by=olga)
    rework(done, alice)
    with pytest.raises(Conflict, match="that time is over"):
        rework(done, alice, 4)


def test_a_retry_stores_it_once(done, alice, olga):
    send_back(done, WORD, by=olga)
    content = make_content(3)
    annotate.correct_annotation(done, content, by=alice)
    annotate.correct_annotation(done, content, by=alice)
    assert kinds(done) == ["first", "sent_back"]


def test_who_was_asked_to_look_again_is_not_rid_of_the_word_within_the_time_to_correct(campaign, alice, olga):
    done = judge(campaign, alice)
    rework(done, alice, 4)
    send_back(done, WORD, by=olga)
    rework(done, alice, 3)
    rework(done, alice, 2)
    assert kinds(done) == ["first", "correction", "sent_back", "sent_back"]


def test_a_draft_of_it_is_kept_and_gone_once_it_is_stored(done, alice, olga):
    send_back(done, WORD, by=olga)
    assert assign.save_draft(done, {"subcategory": ""}, version=0, by=alice) == 1
    rework(done, alice)
    done.refresh_from_db()
    assert done.draft is None


def test_the_same_word_twice_is_one_request_and_another_is_told(done, olga):
    assert send_back(done, WORD, by=olga) == send_back(done, f" {WORD}\n", by=olga)
    with pytest.raises(Conflict, match="sent back already"):
        send_back(done, "Another word.", by=olga)


@pytest.mark.parametrize("text", ["", "  \n", "x" * 5001, "a\0b"])
def test_a_request_needs_a_word_that_can_be_stored(done, olga, text):
    with pytest.raises(BadInput, match="1 to 5000 characters"):
        send_back(done, text, by=olga)


def test_a_request_is_withdrawn_and_nothing_is_asked_any_more(done, alice, olga):
    request = send_back(done, WORD, by=olga)
    withdraw_send_back(request, by=olga)
    with pytest.raises(Conflict, match="that time is over"):
        rework(done, alice)
    with pytest.raises(Conflict, match="waits no more"):
        withdraw_send_back(request, by=olga)
    send_back(done, "Another word.", by=olga)


def test_a_request_that_was_answered_is_not_withdrawn(done, alice, olga):
    request = send_back(done, WORD, by=olga)
    rework(done, alice)
    with pytest.raises(Conflict, match="waits no more"):
        withdraw_send_back(request, by=olga)


@pytest.mark.parametrize("name", ["alice", "bob", "rita", "arthur", "mallory"])
def test_only_who_organises_sends_back_without_a_case(done, request, name):
    with pytest.raises(NotAllowed):
        send_back(done, WORD, by=request.getfixturevalue(name))


def open_case(assignment):
    return Case.objects.create(
        campaign=assignment.campaign, image=assignment.image, rule=Case.Rule.SPREAD, disputed=["overall_gestalt"]
    )


def test_an_adjudicator_sends_back_from_a_case_of_the_image_and_withdraws_what_is_their_own(done, alice, rita):
    case = open_case(done)
    request = send_back(done, WORD, by=rita, case=case)
    ruth = make_user("ruth")
    give_roles(ruth, done.campaign, Role.ADJUDICATOR)
    with pytest.raises(NotAllowed):
        withdraw_send_back(request, by=ruth)
    withdraw_send_back(request, by=rita)


def test_an_adjudicator_sends_nothing_back_from_a_case_of_another_image(done, bob, rita):
    other = judge(done.campaign, bob)
    if other.image_id == done.image_id:
        other = judge(done.campaign, bob)
    with pytest.raises(NotAllowed):
        send_back(done, WORD, by=rita, case=open_case(other))


def test_who_rated_the_image_sends_no_answer_of_it_back(done, bob):
    give_roles(bob, done.campaign, Role.ANNOTATOR, Role.ADJUDICATOR)
    while judge(done.campaign, bob).image_id != done.image_id:
        pass
    with pytest.raises(NotAllowed):
        send_back(done, WORD, by=bob, case=open_case(done))


@pytest.mark.parametrize("end", ["left", "closed", "image withdrawn", "person withdrawn", "asked again", "repeat"])
def test_where_nobody_could_answer_nothing_is_sent_back_and_the_reason_names_nobody(done, alice, olga, end):
    campaign = done.campaign
    if end == "left":
        dismiss_person(campaign, alice, by=olga)
    if end == "closed":
        change_campaign_state(campaign, "close", by=olga)
    if end == "image withdrawn":
        withdraw_image(done.image, by=None, reason="content")
    if end == "person withdrawn":
        withdraw_person(campaign, alice, by=None)
    if end in ("asked again", "repeat"):
        type(done).objects.filter(pk=done.pk).update(superseded=end == "asked again", repeat=end == "repeat")
    with pytest.raises(Conflict, match="nothing is added to it any more"):
        send_back(done, WORD, by=olga)


@pytest.mark.parametrize("end", ["left", "closed", "image withdrawn", "person withdrawn"])
def test_what_waits_is_not_answered_where_nobody_may_add_any_more(done, alice, olga, end):
    send_back(done, WORD, by=olga)
    if end == "left":
        dismiss_person(done.campaign, alice, by=olga)
    if end == "closed":
        change_campaign_state(done.campaign, "close", by=olga)
    if end == "image withdrawn":
        withdraw_image(done.image, by=None, reason="content")
    if end == "person withdrawn":
        withdraw_person(done.campaign, alice, by=None)
    assert not SendBack.objects.waiting().to(alice).exists()
    done.campaign.refresh_from_db()
    with pytest.raises((Conflict, NotAllowed)):
        rework(done, alice)


def test_an_answer_that_is_not_final_is_not_sent_back(campaign, alice, olga):
    with pytest.raises(Conflict, match="nothing is added"):
        send_back(assign.next_assignment(campaign, alice), WORD, by=olga)


def make_panel():
    alice, bob, carol = map(somebody, ("alice", "bob", "carol"))
    campaign = make_campaign(people=(alice, bob, carol), images=2, annotations_per_image=3)
    for person, score in ((alice, 3), (bob, 6), (carol, 7)):
        for _ in range(2):
            judge(campaign, person, score)


@pytest.fixture
def panel(recall):
    recall(make_panel)
    return Campaign.objects.get()


def test_reports_and_releases_count_first_answers_as_before_and_show_what_was_said_since(panel, alice, olga, tmp_path):
    before = measure_agreement(panel, by=None, replicates=10)
    done = panel.assignments.filter(annotator=alice).first()
    rework(done, alice, 4)
    corrected = measure_agreement(panel, by=None, replicates=10)
    send_back(done, WORD, by=olga)
    rework(done, alice, 9.5)
    after = measure_agreement(panel, by=None, replicates=10)
    assert after.figures["holistic"] == before.figures["holistic"]
    assert after.figures == corrected.figures
    release = publish_release(panel, "1.0.0", out=tmp_path, by=None)
    rows = {row["sha256"]: row for row in pq.read_table(tmp_path / "portraits-1.0.0" / "data").to_pylist()}
    row = rows[done.image.sha256]
    own = [answer for answer in row["annotations"] if answer["rater"] == alice.pseudonym]
    assert [(answer["kind"], answer["holistic"], answer["counted"]) for answer in own] == [
        ("first", 3, True),
        ("final", 4, False),
        ("sent_back", 9.5, False),
    ]
    assert row["holistic"]["mean"] == pytest.approx(16 / 3, abs=0.01)
    assert verify_release(tmp_path / "portraits-1.0.0").findings == []
    assert release.report is not None
    exported = [row["kind"] for row in annotations_of(panel) if row["rater"] == alice.pseudonym]
    assert sorted(exported) == ["correction", "first", "first", "sent_back"]


def test_it_comes_back_from_a_release_as_what_it_is(panel, alice, olga, tmp_path):
    done = panel.assignments.filter(annotator=alice).first()
    send_back(done, WORD, by=olga)
    rework(done, alice, 9.5)
    publish_release(panel, "1.0.0", out=tmp_path, by=None)
    other = make_campaign("elsewhere", images=0)
    add_images(other, panel.images.all(), by=None)
    folder = tmp_path / "portraits-1.0.0"
    import_ratings(other, folder, by=None)
    again = import_ratings(other, folder, by=None)
    assert again.annotations == 0
    stored = Revision.objects.filter(annotation__campaign=other, annotation__declared_rater=alice.pseudonym)
    assert sorted(stored.values_list("kind", flat=True)) == ["first", "first", "sent_back"]
