"""The draft of a rubric, edited in a form or as YAML; whoever saves later sees what others saved meanwhile."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotation import policy
from annotation.actions.rubrics import draft_rubric
from annotation.errors import BadInput, Conflict, RubricInvalid
from annotation.models import RubricVersion
from annotation.rubric.changes import compare
from annotation.rubric.source import dump
from webapp.access import SignedInRequest
from webapp.organiser.access import organisers
from webapp.wording import say

from . import form_layout
from .draft_forms import DraftForm
from .draft_merge import merge_draft, posted_form
from .pages import about, find_version
from .source_forms import SourceForm
from .wording import Row, rows, say_refusal


@require_http_methods(["GET", "HEAD", "POST"])
@organisers
def edit(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """Edit a draft in a form."""
    version = _version(request, slug, number)
    if request.method != "POST":
        if version.published_at is not None:
            return redirect("organiser:rubric", slug, number)
        return _show_form(request, version, DraftForm(version.content, version.content_hash))
    try:
        form = posted_form(request.POST)
    except RubricInvalid as error:
        messages.error(request, say(error))
        return redirect("organiser:rubric", slug, number)
    return _save_form(request, version, form)


def _save_form(request: SignedInRequest, version: RubricVersion, form: DraftForm) -> HttpResponse:
    if not form.is_valid():
        return _show_form(request, version, form, 422)
    content = form.result()
    try:
        draft = draft_rubric.draft_version(version, content, by=request.user, seen=form.seen)
    except BadInput as error:
        form.add_error(None, say_refusal(error, content, form.language))
        return _show_form(request, version, form, 422)
    except Conflict as error:
        return _show_clash(request, version, form, content, say(error))
    return _redirect_to_draft(request, draft, "organiser:rubric-edit")


@require_http_methods(["GET", "HEAD", "POST"])
@organisers
def source(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """Edit a draft as YAML, typed or as a file."""
    version = _version(request, slug, number)
    if request.method != "POST":
        if version.published_at is not None:
            return redirect("organiser:rubric", slug, number)
        form = SourceForm(initial={"source": dump(version.content), "seen": version.content_hash})
        return _show_source(request, version, form)
    return _save_source(request, version, SourceForm(request.POST, request.FILES))


def _save_source(request: SignedInRequest, version: RubricVersion, form: SourceForm) -> HttpResponse:
    if not form.is_valid():
        form.keep()
        return _show_source(request, version, form, 422)
    try:
        draft = draft_rubric.draft_version(version, form.content, by=request.user, seen=form.cleaned_data["seen"])
    except BadInput as error:
        form.add_error(None, say_refusal(error, form.content, get_language() or "en"))
        form.keep()
        return _show_source(request, version, form, 422)
    except Conflict as error:
        # The draft may have been published or discarded meanwhile; then there is nothing to compare with.
        stored_draft = RubricVersion.objects.select_related("edited_by").draft_of(version.slug)
        form.add_error(None, say(error))
        form.keep(stored_draft.content_hash if stored_draft else "")
        return _show_source(
            request, version, form, 409, stored_draft=stored_draft, clash=_differences(stored_draft, form.content)
        )
    return _redirect_to_draft(request, draft, "organiser:rubric-source")


def _version(request: SignedInRequest, slug: str, number: int) -> RubricVersion:
    """Return the version asked for; for what was typed into a draft that is gone, the newest one there is."""
    if not policy.may_edit_rubric(request.user, slug):
        raise Http404
    newest = RubricVersion.objects.published().filter(slug=slug).last()
    # A 404 would throw away what was typed while somebody else discarded the draft.
    if request.method == "POST" and newest and not RubricVersion.objects.filter(slug=slug, number=number).exists():
        return newest
    return find_version(slug, number)


def _show_form(
    request: SignedInRequest, version: RubricVersion, form: DraftForm, status: int = 200, **extra: Any
) -> HttpResponse:
    context = {
        **about(version),
        "form": form,
        "names": form_layout.names(form),
        "rubric_title": form_layout.title(form),
        "sections": form_layout.sections(form),
        **extra,
    }
    return render(request, "organiser/rubrics/edit.html", context, status=status)


def _show_clash(
    request: SignedInRequest, version: RubricVersion, form: DraftForm, content: Any, error: str
) -> HttpResponse:
    """Show what was typed together with what somebody else saved meanwhile."""
    stored_draft = RubricVersion.objects.select_related("edited_by").draft_of(version.slug)
    merged_form = merge_draft(form, stored_draft.content, stored_draft.content_hash) if stored_draft else None
    if merged_form is None:
        # No merge is possible, so sending it again replaces theirs, with all that differs in sight.
        form.seen = stored_draft.content_hash if stored_draft else ""
    form = merged_form or form
    form.add_error(None, error)
    clash = _differences(stored_draft, content)
    return _show_form(
        request, version, form, 409, stored_draft=stored_draft, clash=clash, is_merged=merged_form is not None
    )


def _differences(stored_draft: RubricVersion | None, content: Any) -> list[Row]:
    """Return where what was typed differs from what is stored now."""
    if stored_draft is None:
        return []
    return rows(compare(stored_draft.content, content), stored_draft.content, content, get_language() or "en")


def _show_source(
    request: SignedInRequest, version: RubricVersion, form: SourceForm, status: int = 200, **extra: Any
) -> HttpResponse:
    return render(request, "organiser/rubrics/source.html", {**about(version), "form": form, **extra}, status=status)


def _redirect_to_draft(request: SignedInRequest, version: RubricVersion, page: str) -> HttpResponse:
    messages.success(request, _("The draft is saved."))
    target = "organiser:rubric-changes" if "compare" in request.POST else page
    return redirect(target, version.slug, version.number)
