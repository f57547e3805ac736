"""The versions of a rubric: read, compared, drafted and published."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation import policy
from annotation.actions.rubrics import draft_rubric
from annotation.actions.rubrics.change_rubric import net_edits
from annotation.errors import BadInput, Conflict
from annotation.models import Campaign, RubricVersion
from annotation.roles import ORGANISE
from annotation.rubric.changes import compare
from annotation.rubric.source import dump
from webapp.access import SignedInRequest
from webapp.organiser.access import organisers
from webapp.wording import say

from .wording import bilingual_rubric, rows


@require_safe
@organisers
def rubrics(request: SignedInRequest) -> HttpResponse:
    """List all versions, the newest of each rubric first, with the campaigns that use them."""
    campaigns = Prefetch("campaigns", Campaign.objects.in_which(request.user, ORGANISE).order_by("title"))
    versions = RubricVersion.objects.select_related("edited_by").prefetch_related(campaigns)
    return render(request, "organiser/rubrics/rubrics.html", {"versions": versions.order_by("slug", "-number")})


@require_safe
@organisers
def rubric(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """Show one version for reading, in both languages."""
    version = find_version(slug, number)
    context = {
        **about(version),
        **bilingual_rubric(version.rubric),
        "campaigns": version.campaigns.in_which(request.user, ORGANISE).order_by("title"),
        "may_word": policy.may_edit_rubric(request.user, slug),
        "draft": RubricVersion.objects.draft_of(slug),
    }
    return render(request, "organiser/rubrics/rubric.html", context)


@require_safe
@organisers
def source_file(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """Send a version as a YAML file."""
    version = find_version(slug, number)
    response = HttpResponse(dump(version.content), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-{number}.yaml"'
    return response


@require_POST
@organisers
def draft(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """Begin a draft with a version's content and go to its form; where there is a draft, go to that one."""
    try:
        new_draft = draft_rubric.start_draft(find_version(slug, number), by=request.user)
    except Conflict as error:
        messages.warning(request, say(error))
        earlier_draft = RubricVersion.objects.draft_of(slug)
        return redirect("organiser:rubric", slug, (earlier_draft.number if earlier_draft else number))
    return redirect("organiser:rubric-edit", slug, new_draft.number)


@require_POST
@organisers
def discard(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """Throw a draft away."""
    version = find_version(slug, number)
    if not request.POST.get("confirmed"):
        messages.error(request, _("Tick the box to confirm that the draft is thrown away."))
        return redirect("organiser:rubric", slug, number)
    try:
        draft_rubric.discard_draft(version, by=request.user)
    except Conflict as error:
        messages.error(request, say(error))
    else:
        messages.success(request, _("The draft %(draft)s is thrown away.") % {"draft": version})
    return redirect("organiser:rubrics")


@require_safe
@organisers
def changes(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """Show how a version differs from an earlier one; a draft can be published here."""
    return show_changes(request, find_version(slug, number))


@require_http_methods(["POST"])
@organisers
def publish(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """Publish a draft with each edit marked wording or semantic, as ticked."""
    version = find_version(slug, number)
    semantic_paths = request.POST.getlist("semantic")
    content_hash = request.POST.get("seen", "")
    # What was on the page is known by the hash of the draft; a draft saved since is refused before marks are read.
    edits = draft_rubric.edits_since(version) if version.content_hash == content_hash else []
    marks = {
        "semantic": [edit.path for edit in edits if edit.path in semantic_paths],
        "wording": [edit.path for edit in edits if edit.may_be_wording and edit.path not in semantic_paths],
    }
    try:
        published_version = draft_rubric.publish_version(version, by=request.user, seen=content_hash, **marks)
    except (BadInput, Conflict) as error:
        messages.error(request, say(error))
        # Somebody else has published or discarded it meanwhile: nothing is left to show the marks on.
        if not RubricVersion.objects.filter(pk=version.pk, published_at__isnull=True).exists():
            return redirect("organiser:rubrics")
        return show_changes(request, find_version(slug, number), 409, semantic_paths=semantic_paths)
    words = _("Rubric %(rubric)s is published. Campaigns take it up one by one, from their own page.")
    messages.success(request, words % {"rubric": published_version})
    return redirect("organiser:rubric", slug, published_version.number)


def show_changes(
    request: SignedInRequest, version: RubricVersion, status: int = 200, semantic_paths: list[str] | None = None
) -> HttpResponse:
    """Show the difference to the version asked for by `since`, else to the published one before."""
    versions = RubricVersion.objects.published().filter(slug=version.slug)
    earlier_versions = list(versions.filter(number__lt=version.number) if version.published_at else versions)
    if not earlier_versions:
        return render(request, "organiser/rubrics/changes.html", {**about(version), "rows": []}, status=status)
    since = _version_since(request, earlier_versions)
    # Between published versions the marks hold that people gave; a draft has none yet.
    edits = net_edits(since, version) if version.published_at else compare(since.content, version.content)
    differences = rows(edits, since.content, version.content, get_language() or "en")
    # Only beside the version it follows: marks given against an older one would miss edits in between.
    may_publish = version.published_at is None and since == earlier_versions[-1] and bool(differences)
    context = {
        **about(version),
        "earlier_versions": reversed(earlier_versions),
        "since": since,
        "rows": differences,
        "may_publish": may_publish and policy.may_edit_rubric(request.user, version.slug),
        "semantic_paths": [row.path for row in differences if row.is_semantic]
        if semantic_paths is None
        else semantic_paths,
    }
    return render(request, "organiser/rubrics/changes.html", context, status=status)


def find_version(slug: str, number: int) -> RubricVersion:
    """Return a version, else raise Http404."""
    return get_object_or_404(RubricVersion.objects.select_related("edited_by"), slug=slug, number=number)


def about(version: RubricVersion) -> dict[str, Any]:
    """Return what all pages of a version show."""
    return {"version": version, "is_draft": version.published_at is None, "title": version.rubric.title["en"]}


def _version_since(request: HttpRequest, earlier_versions: list[RubricVersion]) -> RubricVersion:
    number = request.GET.get("since", "")
    if not number:
        return earlier_versions[-1]
    for version in earlier_versions:
        if str(version.number) == number:
            return version
    raise Http404
