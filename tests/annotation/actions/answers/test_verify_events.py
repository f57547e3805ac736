import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from annotation.actions.answers import annotate
from annotation.actions.answers.verify_events import verify_events
from annotation.models import EventChain
from tests.harness.factories import force_arm, judge, make_campaign, make_content, prefill_all
from tests.harness.tampering import change_behind_the_back

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def chained_campaign(alice, bob):
    campaign = make_campaign(people=(alice, bob))
    prefill_all(campaign)
    force_arm(campaign, reveal=100)
    annotate.revise_annotation(judge(campaign, alice, 6), make_content(8), by=alice)
    annotate.revise_annotation(judge(campaign, bob, 6), make_content(6), by=bob)
    return campaign


def test_a_whole_chain_has_no_problems(chained_campaign):
    assert verify_events(chained_campaign) == []


def test_a_changed_event_is_named(chained_campaign):
    change_behind_the_back("UPDATE annotation_event SET verb = 'nothing.happened' WHERE number = 3")
    (problem,) = verify_events(chained_campaign)
    assert problem.startswith("event 3 (nothing.happened")


def test_a_removed_event_is_named(chained_campaign):
    change_behind_the_back("DELETE FROM annotation_event WHERE number = 4")
    assert verify_events(chained_campaign)[0].startswith("event 4 is missing")


def test_a_changed_score_is_found(chained_campaign):
    change_behind_the_back(
        "UPDATE annotation_judgement SET steps = 20 WHERE steps = 16 AND attribute = 'overall_gestalt'"
    )
    (problem,) = verify_events(chained_campaign)
    assert problem.endswith("revision 2: its content is not what its event sealed")


def test_a_changed_critique_is_found(chained_campaign):
    change_behind_the_back(
        "UPDATE annotation_judgement SET critique = 'better' WHERE id = (SELECT min(id) FROM annotation_judgement)"
    )
    assert len(verify_events(chained_campaign)) == 1


def test_a_removed_answer_is_found(chained_campaign):
    change_behind_the_back(
        "DELETE FROM annotation_judgement WHERE revision_id = (SELECT max(id) FROM annotation_revision)"
    )
    change_behind_the_back("DELETE FROM annotation_revision WHERE id = (SELECT max(id) FROM annotation_revision)")
    assert "it is gone" in verify_events(chained_campaign)[0]


def test_a_tail_cut_off_shows_even_when_the_head_was_set_back(chained_campaign):
    chain = EventChain.objects.get(campaign=chained_campaign)
    head = chain.head
    change_behind_the_back("DELETE FROM annotation_event WHERE number = %s", chain.length)
    assert "its tail was cut off" in verify_events(chained_campaign)[0]
    last = chain.events.latest("number")
    change_behind_the_back("UPDATE annotation_eventchain SET length = %s, head = %s", last.number, last.hash)
    chained_campaign.refresh_from_db()
    assert any("the known head" in problem for problem in verify_events(chained_campaign, known_head=head))


def test_the_command_says_what_it_found(chained_campaign):
    out = StringIO()
    call_command("verify_events", chained_campaign.slug, json=True, stdout=out)
    assert json.loads(out.getvalue())["problems"] == []
    change_behind_the_back("UPDATE annotation_event SET verb = 'nothing.happened' WHERE number = 3")
    with pytest.raises(CommandError, match="was changed after it was written"):
        call_command("verify_events", chained_campaign.slug)
