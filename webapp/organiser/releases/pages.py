"""The pages on which a release is prepared, built, and resumed where its build was stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from annotation.actions.releases.exclude_images import write_exclusions
from annotation.actions.releases.preview_release import preview_release
from annotation.actions.releases.publish_release import freeze_foreseen
from annotation.dataset.format.facts import LISTED, WITHDRAWN, ExcludedImage, HeldImage
from annotation.dataset.format.frozen import EVERYTHING
from annotation.errors import Conflict, ReleaseRefused
from annotation.models import Arm, Campaign, Image, Release, Withdrawal
from annotation.tasks.releases import publish_release
from webapp.access import SignedInRequest
from webapp.organiser.access import find_campaign, organisers
from webapp.organiser.campaigns.terms_forms import TermsForm
from webapp.organiser.queueing import queue_task, to_section
from webapp.wording import say, translate

from .foreseen import FIELD, compare_numbers, read_foreseen, read_numbers, seal_foreseen
from .forms import ReleaseForm

SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@organisers
def prepare(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show what a release would hold as of now, what stays out and why, and what stands in the way.

    A POST brings a list of images to leave out, and changes nothing.
    """
    campaign = find_campaign(request, slug)
    if request.method == "POST":
        return _show(request, campaign, ReleaseForm(campaign, request.user, request.POST, request.FILES))
    return _show(
        request, campaign, ReleaseForm(campaign, request.user, request.GET if "version" in request.GET else None)
    )


@require_POST
@organisers
def publish(request: SignedInRequest, slug: str) -> HttpResponse:
    """Freeze a release to what the page showed, and queue its build; where it would be another one, show that."""
    campaign = find_campaign(request, slug)
    form = ReleaseForm(campaign, request.user, request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, campaign, form, status=422)
    version, scope = form.cleaned_data["version"], form.cleaned_data["scope"]
    # A program that was shown nothing says in full what it asks for.
    if FIELD in request.POST:
        try:
            seen = read_foreseen(request.POST[FIELD], campaign, version, scope)
            freeze_foreseen(
                campaign, version, seen.foreseen, out=Path(settings.RELEASES_DIR), by=request.user, scope=scope
            )
        except ReleaseRefused as refusal:
            form.add_error(None, say(refusal))
            return _show(request, campaign, form, status=422)
        except Conflict:
            return _show(request, campaign, form, status=409, seen=read_numbers(request.POST[FIELD]))
    words = _("Release %(version)s is being built. How far it is appears below.")
    arguments = (campaign.pk, version, request.user.pk, scope.to_json())
    queue_task(request, words % {"version": version}, publish_release, *arguments)
    return to_section(campaign, "releases")


@require_POST
@organisers
def go_on(request: SignedInRequest, slug: str, version: str) -> HttpResponse:
    """Queue a build that was stopped once more; one that is under way is not disturbed."""
    release = get_object_or_404(find_campaign(request, slug).releases, version=version, state=Release.State.BUILDING)
    scope = release.frozen.scope.to_json()
    words = _("Release %(version)s goes on with the parts that are done.") % {"version": version}
    queue_task(request, words, publish_release, release.campaign_id, version, request.user.pk, scope)
    return to_section(release.campaign, "releases")


def _show(
    request: SignedInRequest,
    campaign: Campaign,
    form: ReleaseForm,
    status: int = 200,
    seen: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show what a release would hold now; `seen` are the numbers that a page showed which is behind."""
    valid = form.is_bound and form.is_valid()
    scope, version = (form.cleaned_data["scope"], form.cleaned_data["version"]) if valid else (EVERYTHING, "")
    release_preview = preview_release(campaign, version, out=Path(settings.RELEASES_DIR), scope=scope)
    if not form.is_bound:
        initial = {"version": release_preview.version, "least_annotations": scope.least_annotations}
        form = ReleaseForm(campaign, request.user, initial=initial)
    context = {
        "campaign": campaign,
        "form": form,
        "preview": release_preview,
        "version": release_preview.version,
        "arms": [(Arm(arm).label, count) for arm, count in release_preview.arms.items()],
        # A form that was refused names what stands in the way itself; it should not be said twice.
        "blockers": [translate(blocker) for blocker in release_preview.blockers] if valid or not form.is_bound else [],
        "gaps": [TermsForm.base_fields[key].label for key in release_preview.gaps],
        "excluded": _with_file_names(release_preview.frozen.excluded[:SHOWN]),
        # As text: no browser fills a file in again, so the list would be lost between looking and publishing.
        "listed": write_exclusions(scope.listed),
        "returning": _with_file_names(release_preview.returning[:SHOWN]),
        "held": _with_file_names(release_preview.frozen.held[:SHOWN]),
        "foreseen": seal_foreseen(campaign, release_preview),
        "differences": compare_numbers(seen, release_preview) if status == HTTPStatus.CONFLICT else None,
    }
    return render(request, "organiser/releases/prepare.html", context, status=status)


def _with_file_names(rows: Sequence[ExcludedImage] | Sequence[HeldImage]) -> list[dict[str, Any]]:
    """Return the fields of each image with the name of its file."""
    images = Image.objects.filter(sha256__in=[row.sha256 for row in rows])
    names = dict(images.values_list("sha256", "original_name"))
    return [vars(row) | {"name": names[row.sha256], "why": _why(row)} for row in rows]


def _why(row: ExcludedImage | HeldImage) -> str:
    """Return why an image is excluded, in words: a release names the reason of a withdrawal by its key."""
    if isinstance(row, HeldImage):
        return ""
    reason = row.why.removeprefix(f"{row.kind}: ")
    if row.kind == WITHDRAWN:
        return _("withdrawn: %(reason)s") % {"reason": dict(Withdrawal.Reason.choices).get(reason, reason)}
    return _("listed: %(reason)s") % {"reason": reason} if row.kind == LISTED else reason
