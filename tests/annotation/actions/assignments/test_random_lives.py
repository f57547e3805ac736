"""Random lives of a campaign: whatever happens in whatever order, its laws hold and every count equals a recount."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from annotation.actions.answers import annotate
from annotation.actions.answers.verify_events import verify_events
from annotation.actions.assignments import assign, take_back
from annotation.actions.campaigns import change_campaign, question
from annotation.actions.campaigns.open_campaign import invite_people
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.releases.withdraw import withdraw_image, withdraw_person
from annotation.actions.reviews import review, send_back
from annotation.actions.rubrics.change_rubric import ask_assignments_again
from annotation.errors import ConnoisseurError
from annotation.models import Assignment, Campaign, CampaignImage, Case, Consensus, Judgement, Withdrawal
from tests.harness.factories import force_arm, make_campaign, make_content, make_image, make_user, prefill_all
from tests.harness.tallies import check_counts
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

PEOPLE = ("alice", "bob", "carol", "dave")
IMAGES = 4
SPARE = 2  # Images that join later.
REASONS = ("cannot_judge", "wrong_category", "broken", "duplicate")
# One of photography, one of another category: who judges one category only may come to judge the image or not.
SUBCATEGORIES = ("daily_photo", "sculpture")
OPEN, COMMITTED, DONE, RETURNED = "open", "committed", "done", "returned"
WAITS = {"taken", "held", "capped", "calibration"}

person = st.integers(0, len(PEOPLE) - 1)
number = st.integers(0, IMAGES + SPARE - 1)


def make_cast():
    """Make the people, the campaign and further images, which every life begins with."""
    people = tuple(make_user(name) for name in PEOPLE)
    make_user("rita")
    make_user("olga", is_superuser=True)
    campaign = make_campaign("lives", people=people[:3], images=IMAGES, annotations_per_image=2, repeat_share=25)
    force_arm(campaign, blind=50, reveal=50)
    for _ in range(SPARE):
        make_image()
    prefill_all(campaign)


class Lives(RuleBasedStateMachine):
    """People come, judge, skip, leave and return while organisers and adjudicators change what they please."""

    def __init__(self):
        super().__init__()
        # Each life in a savepoint of its own, taken back at its end.
        self.life = transaction.atomic()
        self.life.__enter__()
        self.now = timezone.now()
        self.people = [User.objects.get(username=name) for name in PEOPLE]
        self.olga = User.objects.get(username="olga")
        self.rita = User.objects.get(username="rita")
        self.images = list(self.campaign.images.model.objects.order_by("pk"))
        self.counted_before = Counter()
        self.steps = 0

    def teardown(self):
        transaction.set_rollback(True)
        self.life.__exit__(None, None, None)

    @property
    def campaign(self):
        return Campaign.objects.select_related("rubric_version").get(slug="lives")

    def attempt(self, action, *arguments, **options):
        """Do what may be refused; a refusal leaves nothing behind."""
        try:
            with transaction.atomic():
                return action(*arguments, **options)
        except ConnoisseurError:
            return None

    def works_of(self, who):
        return list(self.campaign.assignments.of(self.people[who]).order_by("created_at", "pk"))

    # What annotators do.

    @rule(who=person)
    def ask_for_work(self, who):
        work = self.attempt(assign.next_assignment, self.campaign, self.people[who], now=self.now)
        if work is None:
            return
        campaign = self.campaign
        membership = campaign.memberships.get(user=self.people[who])
        entry = campaign.entries.get(image=work.image_id)
        assert campaign.state == "open"
        assert membership.annotator
        assert not Withdrawal.objects.filter(image=work.image_id).exists()
        assert not entry.excluded
        assert work.state == COMMITTED or not entry.held

    @rule(who=person, low=st.booleans())
    def judge_what_is_at_hand(self, who, low):
        work = self.campaign.assignments.of(self.people[who]).unfinished().first()
        if work is None:
            work = self.attempt(assign.next_assignment, self.campaign, self.people[who], now=self.now)
        if work is not None and work.state == OPEN:
            self.attempt(
                annotate.commit_annotation, work, make_content(2 if low else 8), by=self.people[who], now=self.now
            )
        elif work is not None:
            self.attempt(annotate.revise_annotation, work, make_content(7), by=self.people[who], now=self.now)

    @rule(who=person, which=st.integers(0, 7), low=st.booleans())
    def submit_from_an_old_tab(self, who, which, low):
        works = self.works_of(who)
        if works:
            work = works[which % len(works)]
            self.attempt(
                annotate.commit_annotation, work, make_content(2 if low else 8), by=self.people[who], now=self.now
            )

    @rule(who=person, which=st.integers(0, 7))
    def write_otherwise_from_an_old_tab(self, who, which):
        works = self.works_of(who)
        if works:
            work, by = works[which % len(works)], self.people[who]
            self.attempt(assign.renew_lease, work, by=by, now=self.now)
            self.attempt(assign.save_draft, work, {"words": "some"}, version=work.draft_version, by=by, now=self.now)
            self.attempt(annotate.correct_annotation, work, make_content(6), by=by, now=self.now)
            self.attempt(question.ask_question, work, "What is this?", by=by)

    @rule(who=person, reason=st.sampled_from(REASONS))
    def skip(self, who, reason):
        work = self.campaign.assignments.of(self.people[who]).filter(state__in=[OPEN, RETURNED]).last()
        if work is not None:
            self.attempt(assign.skip_assignment, work, reason, by=self.people[who])

    @rule(who=person)
    def take_a_skip_back(self, who):
        work = self.campaign.assignments.of(self.people[who]).filter(state="skipped").order_by("finished_at").last()
        if work is not None:
            self.attempt(take_back.take_back_skip, work, by=self.people[who], now=self.now)

    @rule(minutes=st.sampled_from([20, 45, 8 * 24 * 60]))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    # What organisers and adjudicators do.

    @rule(k=st.integers(1, 4))
    def ask_for_so_many(self, k):
        self.attempt(change_campaign.change_annotations_per_image, self.campaign, k, by=None)

    @rule(on=st.booleans())
    def ask_for_precision(self, on):
        limits = (50, self.campaign.annotations_per_image + 1) if on else (None, None)
        self.attempt(change_campaign.choose_precision, self.campaign, *limits, by=None)

    @rule(who=person)
    def dismiss(self, who):
        self.attempt(change_campaign.dismiss_person, self.campaign, self.people[who], by=None)

    @rule(who=person, category=st.sampled_from([(), (), ("photography",), ("design_3d",)]))
    def invite(self, who, category):
        self.attempt(invite_people, self.campaign, [self.people[who]], by=None, categories=category)

    @precondition(lambda self: self.steps > 8)
    @rule(who=person)
    def withdraw_a_person(self, who):
        self.attempt(withdraw_person, self.campaign, self.people[who], by=None)

    @precondition(lambda self: self.steps > 4)
    @rule(which=number)
    def withdraw_an_image(self, which):
        self.attempt(withdraw_image, self.images[which], by=None, reason="licence")

    @rule(which=number)
    def add_an_image(self, which):
        self.attempt(add_images, self.campaign, [self.images[which]], by=None)

    @rule(which=st.integers(0, 5), exclude=st.booleans(), subcategory=st.sampled_from(("", *SUBCATEGORIES)))
    def adjudicate(self, which, exclude, subcategory):
        cases = list(Case.objects.filter(state=Case.State.OPEN).order_by("pk"))
        if cases:
            case = cases[which % len(cases)]
            if case.rule == Case.Rule.CATEGORY:
                subcategory = subcategory or SUBCATEGORIES[0]
            scores = {key: 5 for key in case.disputed if key in case.campaign.rubric.by_key}
            decision = {"scores": scores, "subcategory": subcategory, "exclude": exclude}
            self.attempt(review.adjudicate_case, case, by=self.rita, cause="slip", reason="Looked at.", **decision)

    @rule(which=st.integers(0, 5))
    def reopen_a_case(self, which):
        cases = list(Case.objects.exclude(state=Case.State.OPEN).order_by("pk"))
        if cases:
            self.attempt(review.reopen_case, cases[which % len(cases)], by=self.rita, reason="Again.")

    @rule(which=st.integers(0, 5), back=st.booleans())
    def ask_somebody_to_look_again(self, which, back):
        states = [DONE] if back else ["skipped"]
        works = list(self.campaign.assignments.filter(state__in=states).order_by("created_at", "pk"))
        if works and back:
            self.attempt(send_back.send_back, works[which % len(works)], "Look again.", by=self.olga)
        elif works:
            self.attempt(take_back.hand_back_image, works[which % len(works)], by=None)

    @rule(verb=st.sampled_from(["pause", "resume", "close", "reopen", "resume", "reopen"]))
    def change_state(self, verb):
        self.attempt(change_campaign.change_campaign_state, self.campaign, verb, by=None)

    @precondition(lambda self: self.steps > 4)
    @rule()
    def ask_all_again(self):
        with transaction.atomic():
            ask_assignments_again(self.campaign, self.campaign.assignments.all())

    # What holds after each step.

    @invariant()
    def laws_hold(self):
        self.steps += 1
        campaign = self.campaign
        entries = list(campaign.entries.select_related("image"))
        assignments = list(campaign.assignments.all())
        gone_people = set(Withdrawal.objects.filter(campaign=campaign).values_list("person", flat=True))
        gone_images = set(Withdrawal.objects.filter(campaign=campaign).values_list("image", flat=True))
        inside = [
            work
            for work in assignments
            if work.state in (OPEN, COMMITTED, DONE)
            and not (work.repeat or work.surplus or work.superseded or work.annotator_id in gone_people)
        ]
        holding = Counter(work.image_id for work in inside)
        answered = Counter(work.image_id for work in inside if work.state != OPEN)
        for entry in entries:
            self.check_entry(entry, holding[entry.image_id], answered[entry.image_id], gone_images)
        self.check_work(assignments, {entry.image_id: entry for entry in entries}, gone_people)
        self.check_progress(campaign, entries, answered, gone_images)
        counted = campaign.annotations.counted().exclude(image__in=gone_images)
        assert Counter(counted.values_list("image", flat=True)) == Counter(
            {image: n for image, n in answered.items() if image not in gone_images}
        )
        check_counts()
        assert verify_events(campaign) == []
        self.check_that_nobody_is_idle(campaign, entries, assignments)

    def check_entry(self, entry, holding, answered, gone_images):
        image = entry.image_id
        assert entry.places == max(entry.wanted - holding, 0), f"places of {image} are miscounted"
        assert answered <= max(entry.wanted, self.counted_before[image]), f"{image} has more than it wants"
        self.counted_before[image] = answered
        assert entry.wanted >= self.campaign.annotations_per_image
        cases = Case.objects.filter(image=image)
        newest = dict(Consensus.objects.filter(case__in=cases).order_by("pk").values_list("case", "excluded"))
        excluded = image in gone_images or any(newest.values())
        flagged = cases.filter(rule=Case.Rule.FLAG, state=Case.State.OPEN).exists()
        assert (entry.excluded, entry.held) == (excluded, excluded or flagged)
        if image in gone_images:
            assert not cases.filter(state=Case.State.OPEN).exists()
        complete = answered >= entry.wanted
        if complete and not entry.excluded and self.disagreed(entry):
            assert cases.filter(rule__in=[Case.Rule.SPREAD, Case.Rule.CATEGORY]).exists(), "complete, and not examined"

    def disagreed(self, entry):
        annotations = entry.campaign.annotations.counted().filter(image=entry.image_id)
        first = Judgement.objects.filter(revision__number=1, revision__annotation__in=annotations)
        scores = list(first.values_list("steps", flat=True))
        return max(scores) - min(scores) >= entry.campaign.case_spread

    def check_work(self, assignments, entries, gone_people):
        annotators = set(self.campaign.memberships.annotators().values_list("user", flat=True))
        assert annotators.isdisjoint(gone_people)
        for work in assignments:
            if work.state == OPEN:
                assert not entries[work.image_id].held, "work goes on where nobody may judge"
                assert work.annotator_id in annotators, "work goes on of somebody who left"
            if work.state == COMMITTED:
                assert not entries[work.image_id].excluded
        first = Counter(
            (work.image_id, work.annotator_id) for work in assignments if not (work.repeat or work.superseded)
        )
        assert set(first.values()) <= {1}

    def check_progress(self, campaign, entries, answered, gone_images):
        judged = [entry for entry in entries if not entry.excluded]
        progress = campaign.progress()
        expected = {
            "images": len(entries),
            "complete": sum(answered[entry.image_id] >= entry.wanted for entry in judged),
            "annotations": sum(answered[entry.image_id] for entry in judged),
            "wanted": sum(max(entry.wanted, answered[entry.image_id]) for entry in judged),
        }
        assert progress == expected
        left = campaign.left_aside(progress)
        assert left.pop("withdrawn_images") == sum(entry.image_id in gone_images for entry in entries)
        assert left.pop("excluded_images") == len(entries) - len(judged) - sum(
            entry.image_id in gone_images for entry in entries
        )
        assert left.pop("held_images") == sum(entry.held for entry in judged)
        assert min(left.values()) >= 0
        assert progress["annotations"] + sum(left.values()) == campaign.annotations.count()
        listed = Campaign.objects.with_counts().get(pk=campaign.pk)
        assert (listed.n_annotations, listed.n_wanted) == (progress["annotations"], progress["wanted"])
        assert sum(counted for counted, _ in campaign.annotations_by_person().values()) == progress["annotations"]

    def check_that_nobody_is_idle(self, campaign, entries, assignments):
        """Ask for one person's next image, and take it back: where something is left for them, they are given it."""
        who = self.people[self.steps % len(self.people)]
        membership = campaign.memberships.annotators().filter(user=who).first()
        if membership is None or campaign.state != "open":
            return
        given = {
            work.image_id
            for work in assignments
            if work.annotator_id == who.pk and not (work.repeat or work.superseded) and work.state != RETURNED
        }
        eligible = membership.eligible_subcategories()
        back = {work.image_id for work in assignments if work.annotator_id == who.pk and work.state == RETURNED}
        left = [
            entry
            for entry in entries
            if entry.image_id not in given
            and not entry.excluded
            and (entry.subcategory in eligible or entry.image_id in back)
        ]
        busy = any(work.annotator_id == who.pk and work.state in (OPEN, COMMITTED) for work in assignments)
        with transaction.atomic():
            work = assign.next_assignment(campaign, who, now=self.now)
            reason = None if work else assign.explain_no_assignment(campaign, who, now=self.now)
            transaction.set_rollback(True)
        if work is None:
            assert not busy or reason
            assert not [entry for entry in left if entry.places and not entry.held], (
                "work remains and nobody is given it"
            )
            incomplete = [entry for entry in left if entry.places]
            assert not incomplete or reason in WAITS, f"told {reason} while {incomplete} may come back"


def live(lives, steps):
    class Short(Lives):
        pass

    run_state_machine_as_test(Short, settings=settings(max_examples=lives, stateful_step_count=steps, deadline=None))


@pytest.fixture
def cast(recall):
    recall(make_cast)


def test_laws_hold_through_random_lives_of_a_campaign(cast):
    live(4, 20)
    assert CampaignImage.objects.exists(), "each life was taken back"


@pytest.mark.soak
def test_laws_hold_through_many_long_lives(cast):
    live(400, 60)
    assert Assignment.objects.count() == 0
