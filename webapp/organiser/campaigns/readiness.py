"""What a draft still lacks until people can begin, each with the way to its form."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from annotation.actions.campaigns.open_campaign import what_is_missing
from annotation.models import Campaign, Prefill, Run
from annotation.rubric.schema import localise
from webapp.accounts.models import Invitation

# Missing: the campaign cannot open. Look: it can, and something would go wrong. Free: it may well be left so.
MISSING, LOOK, DONE, FREE = "missing", "look", "done", "free"

# Of so many images each is asked for its prefill; of more it would take seconds.
LOOKED_AT = 20_000


@dataclass(frozen=True)
class Step:
    """One thing to see to: its name, how it stands, in words, and where it is seen to."""

    name: str
    state: str
    words: str
    address: str

    @property
    def state_words(self) -> str:
        """Return how it stands, as the badge says."""
        return {
            MISSING: _("missing"),
            LOOK: _("look at this"),
            DONE: _("done"),
            FREE: _("if you like"),
        }[self.state]


def steps_to_opening(campaign: Campaign) -> list[Step]:
    """Return what there is to see to before a draft opens, in the order in which one would."""
    missing = what_is_missing(campaign)
    return [
        _images(campaign, "images" in missing),
        _people(campaign, "people" in missing),
        _model(campaign, "model" in missing),
        _consent(campaign),
        _calibration(campaign),
        _plan(campaign),
        _description(campaign),
    ]


def _images(campaign: Campaign, is_missing: bool) -> Step:
    n = _count_images(campaign)
    words = ngettext("%(n)s image is in it.", "%(n)s images are in it.", n) % {"n": n}
    return Step(
        _("Images"),
        MISSING if is_missing else DONE,
        _("None is in it yet.") if is_missing else words,
        f"{_page(campaign)}#subcategories",
    )


def _people(campaign: Campaign, is_missing: bool) -> Step:
    address = reverse("organiser:invitations", args=[campaign.slug])
    if is_missing:
        n = Invitation.objects.waiting().filter(campaign=campaign).count()
        waiting = ngettext(
            "Nobody judges yet; %(n)s invitation waits.", "Nobody judges yet; %(n)s invitations wait.", n
        ) % {"n": n}
        return Step(_("People"), MISSING, waiting if n else _("Nobody judges yet."), address)
    if few := _short_of_people(campaign):
        words = _("Fewer than the %(k)s people each image needs may judge: %(names)s.")
        return Step(_("People"), LOOK, words % {"k": campaign.annotations_per_image, "names": ", ".join(few)}, address)
    n = campaign.memberships.annotators().count()
    return Step(_("People"), DONE, ngettext("%(n)s person judges.", "%(n)s people judge.", n) % {"n": n}, address)


def _short_of_people(campaign: Campaign) -> list[str]:
    """Return the subcategories of its images for which too few people are invited."""
    people = [set(membership.eligible_subcategories()) for membership in campaign.memberships.annotators()]
    subcategories = campaign.rubric.subcategories
    used = campaign.tally()
    return [
        localise(subcategories[key].name, get_language() or "en")
        for key in subcategories
        if key in used and sum(key in eligible for eligible in people) < campaign.annotations_per_image
    ]


def _model(campaign: Campaign, is_missing: bool) -> Step:
    address = f"{_page(campaign)}#runs"
    if campaign.blind_share == 100:
        return Step(_("Model"), DONE, _("None is shown, as the preset says."), address)
    if is_missing:
        return Step(_("Model"), MISSING, _("None was asked yet; the first one asked will be shown."), address)
    if _lacks_prefills(campaign):
        words = _("%(model)s has not answered on every image yet.")
        return Step(_("Model"), LOOK, words % {"model": campaign.shown_model}, address)
    return Step(_("Model"), DONE, _("%(model)s is shown.") % {"model": campaign.shown_model}, address)


def _lacks_prefills(campaign: Campaign) -> bool:
    """Tell whether the model shown has yet to answer on an image; in a large campaign, by what became of its run."""
    if _count_images(campaign) > LOOKED_AT:
        runs = campaign.runs.filter(kind=Run.Kind.PREFILL, model_version=campaign.shown_model)
        run = runs.first()
        return run is not None and (run.state != Run.State.DONE or run.counts()["failed"] > 0)
    prefills = Prefill.objects.filter(model_version=campaign.shown_model, image=OuterRef("image"))
    return campaign.entries.filter(~Exists(prefills)).exists()


def _count_images(campaign: Campaign) -> int:
    return int(campaign.image_tallies.totals("images")["images"])


def _consent(campaign: Campaign) -> Step:
    address = reverse("organiser:consent", args=[campaign.slug])
    if not campaign.consent_text:
        return Step(_("Consent"), FREE, _("None is asked for."), address)
    return Step(_("Consent"), DONE, _("Version %(n)s is asked for.") % {"n": campaign.consent_version}, address)


def _calibration(campaign: Campaign) -> Step:
    address = reverse("organiser:calibration", args=[campaign.slug])
    if campaign.calibration_id is None:
        return Step(_("Calibration"), FREE, _("None is asked for; people begin at once."), address)
    return Step(_("Calibration"), DONE, _("Anchor images come first."), address)


def _plan(campaign: Campaign) -> Step:
    address = reverse("organiser:analysis-plan", args=[campaign.slug])
    if not campaign.analysis_plans.exists():
        return Step(_("Analysis plan"), FREE, _("None is frozen; one can be until the first answer."), address)
    return Step(_("Analysis plan"), DONE, _("It is frozen."), address)


def _description(campaign: Campaign) -> Step:
    lacking = [
        words
        for words, value in (
            (_("no description"), campaign.description),
            (_("no licence stated"), campaign.annotations_licence),
        )
        if not value
    ]
    # A field within what is folded, so that browsers unfold it.
    section = "about_description" if not campaign.description else "terms_annotations_licence"
    words = (
        _("Releases would say: %(lacking)s.") % {"lacking": ", ".join(lacking)} if lacking else _("Both are stated.")
    )
    return Step(_("Description and licence"), FREE if lacking else DONE, words, f"{_page(campaign)}#{section}")


def _page(campaign: Campaign) -> str:
    return reverse("organiser:campaign", args=[campaign.slug])
