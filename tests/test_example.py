"""Two pages on how tests are written here; copy what you need.

A test is a sentence about behaviour. It calls what a door calls, looks at what came of it, and mocks nothing of ours.
"""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.actions.assignments import assign
from annotation.agreement.coefficients.alpha import alpha
from annotation.models import Annotation, Event
from tests.harness.factories import judge, make_campaign, make_content, make_image
from tests.harness.installation import ROOT, embedded_installation, migrate_installation
from tests.harness.published_tables import from_rows

# Every test of this module may use the database. Add `pytest.mark.engine` where PostgreSQL or Redis may behave
# otherwise than SQLite and files do: locks, constraints, JSON, plans of queries, the queue. Those run again on both.
pytestmark = pytest.mark.django_db


# The cast is known by name, each a fixture: alice, bob and carol annotate, rita adjudicates, olga organises, arthur
# audits, mallory takes part in nothing. `campaign` is an open blind panel of three images for the three annotators.
def test_an_annotation_is_stored_with_its_eight_judgements_and_recorded(campaign, alice):
    assignment = judge(campaign, alice, 7.5)
    annotation = Annotation.objects.get(assignment=assignment)
    assert annotation.revisions.get().judgements.count() == 8
    assert Event.objects.filter(chain__campaign=campaign, actor=alice).exists()


# What the cast lacks comes from `tests/harness/factories.py`, in a line each, with what matters here and nothing else.
def test_nobody_is_handed_an_image_twice(alice):
    campaign = make_campaign("landscapes", people=(alice,), images=2, annotations_per_image=1)
    first, second = judge(campaign, alice), judge(campaign, alice)
    assert first.image != second.image
    assert assign.next_assignment(campaign, alice) is None


# `client` is Django's. A page is asked for what its reader sees, not for how it was made.
def test_an_annotator_sees_own_campaigns_and_an_outsider_none(client, campaign, alice, mallory):
    client.force_login(alice)
    assert "Portraits" in client.get("/workspace/").content.decode()
    client.force_login(mallory)
    assert "Portraits" not in client.get("/workspace/").content.decode()


# Who may do what is a table: a row a person. `tests/webapp/test_access.py` has one for every address there is, and
# fails for an address that has no row.
@pytest.mark.parametrize(
    ("name", "status"), [("alice", 200), ("rita", 404), ("olga", 404), ("arthur", 404), ("mallory", 404)]
)
def test_the_judging_page_is_there_for_who_takes_part(client, campaign, request, name, status):
    client.force_login(request.getfixturevalue(name))
    assert client.get("/workspace/portraits/").status_code == status


# Questions to the database are counted, with few rows and with many: a number that grows is a page that will be slow.
def test_the_number_of_queries_does_not_grow_with_the_images(client, olga, django_assert_max_num_queries):
    make_campaign("few", images=1)
    make_campaign("many", images=20)
    client.force_login(olga)
    client.get("/organiser/few/")  # What is read once a process is read now.
    with django_assert_max_num_queries(60) as few:
        client.get("/organiser/few/")
    with django_assert_max_num_queries(len(few)):
        client.get("/organiser/many/")


def make_a_judged_panel():
    campaign = make_campaign("judged", images=6, annotations_per_image=1)
    campaign.description = "Dear to make."
    campaign.save()


# What takes seconds to make is made once a process. `recall` puts the very rows and files back for each further test.
@pytest.fixture
def panel(recall):
    recall(make_a_judged_panel)


@pytest.mark.parametrize("_again", [1, 2])
def test_what_was_made_once_is_there_each_time(panel, media, _again):
    assert make_image().pk
    assert any(media.rglob("*.*"))


# A law holds for every table, not for the one that came to mind. Hypothesis looks for the one that breaks it: the same
# examples in each run of `make test`, a thousand further ones in `make soak`.
@given(rows=st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=2, max_size=8))
def test_alpha_does_not_ask_who_came_first(rows):
    turned = [row[::-1] for row in rows]
    assert alpha(from_rows(rows), "interval").value == pytest.approx(alpha(from_rows(turned), "interval").value)


# Real processes, as in production, have an installation of their own; `installation()` is one on the engine that the
# run is on. Wait for what is to come with `wait_until`, never for a time.
def test_a_command_ends_with_status_1_and_the_reason(tmp_path):
    made = migrate_installation(embedded_installation(tmp_path / "var"))
    done = made.manage("agreement", "nowhere", check=False)
    assert done.returncode == 1
    assert "nowhere" in done.stderr


# Text that comes in is tried with what is wrong about it. The message names the place and what is accepted.
def test_a_score_off_the_scale_is_refused_with_its_place(client, campaign, alice):
    client.force_login(alice)
    assignment = assign.next_assignment(campaign, alice)
    answer = make_content(11)
    response = client.post(f"/api/v1/assignments/{assignment.pk}/commit/", answer, content_type="application/json")
    assert response.status_code == 400
    assert "scores.visual_elements: 11 is not on the scale: 0 to 10 in steps of 0.5" in response.json()["error"]


# What a test leaves behind (a file in the repository or among the temporary ones, an open file) fails the whole run:
# write below `tmp_path`, and close what you open.
def test_a_program_leaves_its_files_where_it_is_told(tmp_path):
    program = "from pathlib import Path; Path('note.txt').write_text('here')"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    assert (tmp_path / "note.txt").read_text() == "here"
    assert not (ROOT / "note.txt").exists()
