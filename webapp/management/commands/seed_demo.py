"""Fill an empty installation with the demo: images, people, two campaigns, prefills, answers, a release."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from annotation.actions.answers.simulate import annotate_images
from annotation.actions.campaigns.open_campaign import (
    create_campaign,
    invite_people,
    open_campaign,
    publish_rubric,
    show_first_model,
)
from annotation.actions.images.import_images import import_images
from annotation.actions.jobs.runs import start_run
from annotation.actions.rubrics.shipped_rubric import shipped_rubric
from annotation.demo import build_demo_set
from annotation.design.simulation import SimulatedExpert
from annotation.errors import QueueDown
from annotation.management.run_command import wait_for_run
from annotation.models import Campaign, Image, Preset, Release, Run
from annotation.roles import Role
from annotation.tasks.embedded import embedded_worker
from annotation.tasks.runs import send_next_batches
from mlworker.environment import env
from webapp.accounts.models import User

# Everyone has their role in both campaigns; olga makes them, as an administrator.
PEOPLE = {
    "alice": Role.ANNOTATOR,
    "bob": Role.ANNOTATOR,
    "carol": Role.ANNOTATOR,
    "rita": Role.ADJUDICATOR,
    "olga": Role.ORGANISER,
    "arthur": Role.AUDITOR,
}
ADMINISTRATOR = "olga"
SIMULATED = (
    SimulatedExpert("simulated-ada", severity=-0.4, noise=0.7, anchoring=0.2),
    SimulatedExpert("simulated-ben", severity=0.5, noise=0.9, anchoring=0.3),
    SimulatedExpert("simulated-cleo", severity=0.1, noise=1.1, anchoring=0.5),
)
# No image is in both: whoever saw the model's prefill in one would carry it into the other.
CAMPAIGNS = (
    ("demo", "Commit, then review the model", Preset.COMMIT_THEN_REVIEW, lambda number: number % 4 != 3),
    ("demo-prefilled", "Review a prefilled form", Preset.PREFILLED, lambda number: number % 4 == 3),
)
STATEMENTS = {
    "creators": "The demo of Connoisseur",
    "funding": "None.",
    "ethics_review": "None was needed: programs answered.",
    "recruitment": "None: programs stand in for raters.",
    "payment": "None.",
    "sources": "scikit-image sample images https://scikit-image.org",
    "synthetic": "All answers, by programs that stand in for raters; some of the images, drawn by code.",
    "social_impact": "None: a demonstration that nobody should train on.",
}
MODEL = "baseline"
VERSION = "0.1.0"


class Command(BaseCommand):
    help = "Seed the demo; a second run continues where the first one stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.VAR_DIR) / "demo"
        self.say("Images: drawing what cannot be taken from free collections …")
        build_demo_set(folder)
        people = self.make_people()
        rubric = publish_rubric(shipped_rubric())
        # Prefills come through the queue, and in a fresh clone nobody works on it yet.
        with embedded_worker() as somebody_works:
            for slug, title, preset, belongs in CAMPAIGNS:
                manifest = self.write_manifest(folder, slug, belongs)
                campaign = self.make_campaign(slug, title, preset, rubric, manifest, people)
                self.ask_model(campaign, somebody_works)
                campaign.refresh_from_db()
                if campaign.state == Campaign.State.DRAFT:
                    open_campaign(campaign, by=people[ADMINISTRATOR])
        self.answer(Campaign.objects.get(slug="demo"))
        self.release(Campaign.objects.get(slug="demo"))

    def make_people(self) -> dict[str, User]:
        """Make the accounts and print their passwords, once."""
        people: dict[str, User] = {}
        new: list[tuple[str, str, str]] = []
        for name, role in PEOPLE.items():
            person, created = User.objects.get_or_create(
                # As `createsuperuser` makes them: the pages below /admin/ ask for both.
                username=name,
                defaults=dict.fromkeys(("is_superuser", "is_staff"), name == ADMINISTRATOR),
            )
            people[name] = person
            if created:
                password = env.text("DEMO_PASSWORD") or secrets.token_urlsafe(9)
                person.set_password(password)
                person.save()
                new.append((name, role.value, password))
        for expert in SIMULATED:
            person, created = User.objects.get_or_create(username=expert.name, defaults={"simulated": True})
            if created:
                # A program answers for them; nobody is to sign in as one.
                person.set_unusable_password()
                person.save()
            people[expert.name] = person
        if new:
            self.stdout.write("\nAccounts (the passwords are shown only now):")
            for name, does, password in new:
                self.stdout.write(f"  {name:8} {does:12} {password}")
            self.stdout.write("")
        return people

    def write_manifest(self, folder: Path, slug: str, belongs: Callable[[int], bool]) -> Path:
        """Write the part of the demo set's manifest that is for one campaign; subcategories stand together in it."""
        with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            # Sorted, every fourth row falls in each subcategory about as often, so both campaigns get some of all.
            rows = sorted(reader, key=lambda row: row["subcategory"])
            columns = list(reader.fieldnames or ())
        manifest = folder / f"{slug}.csv"
        with manifest.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(row for number, row in enumerate(rows) if belongs(number))
        return manifest

    def make_campaign(
        self, slug: str, title: str, preset: str, rubric: Any, manifest: Path, people: dict[str, User]
    ) -> Campaign:
        """Create and fill one campaign, each step only when it is not done yet."""
        olga = people["olga"]
        campaign = Campaign.objects.filter(slug=slug).first() or create_campaign(
            slug,
            title=title,
            rubric_version=rubric,
            by=olga,
            preset=preset,
            is_demo=True,
            annotations_licence="CC0-1.0",
            statements=STATEMENTS,
        )
        for name, person in people.items():
            invite_people(campaign, [person], by=olga, roles=frozenset({PEOPLE.get(name, Role.ANNOTATOR)}))
        report = import_images(campaign, manifest, by=olga)
        self.say(f"{slug}: {campaign.entries.count()} images ({len(report.refused)} refused)")
        return campaign

    def ask_model(self, campaign: Campaign, somebody_works: Callable[[], bool]) -> None:
        """Wait until the model has answered every image."""
        run = start_run(campaign, Run.Kind.PREFILL, MODEL, by=None)
        show_first_model(campaign, run.model_version, by=None)
        try:
            send_next_batches(run)
            wait_for_run(run, somebody_works)
        except QueueDown as error:
            raise CommandError(str(error)) from error
        self.say(f"{campaign.slug}: {run.model_version} answered {run.counts()['done']} images")

    def answer(self, campaign: Campaign) -> None:
        """Let the simulated experts answer two thirds of the images, spread over the subcategories."""
        images = Image.objects.filter(entries__campaign=campaign).order_by("entries__subcategory", "sha256")
        # The last third is left to whoever tries the demo.
        images_to_judge = [image for number, image in enumerate(images) if number % 3 != 2]
        for expert in SIMULATED:
            user = User.objects.get(username=expert.name)
            answered = annotate_images(campaign, user, expert, images_to_judge)
            self.say(f"{expert.name}: {answered} new answers on {len(images_to_judge)} images")

    def release(self, campaign: Campaign) -> None:
        """Measure agreement and publish the first release."""
        folder = Path(settings.RELEASES_DIR)
        release = Release.objects.filter(campaign=campaign, version=VERSION, state=Release.State.DONE).first()
        if release is None:
            call_command("agreement", campaign.slug, stdout=self.stdout)
            call_command("release", campaign.slug, VERSION, out=str(folder), stdout=self.stderr)
            release = Release.objects.get(campaign=campaign, version=VERSION, state=Release.State.DONE)
        # A version is written once, so it cannot be made again under the same number.
        if not release.path.is_dir():
            raise CommandError(
                f"release {VERSION} was written to {release.path}, but it is gone; publish a new version"
            )
        self.stdout.write(f"Release {release}: {release.path}")

    def say(self, line: str) -> None:
        """Tell on standard error what is going on."""
        self.stderr.write(line)
