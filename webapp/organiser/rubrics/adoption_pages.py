"""The page on which a campaign takes up a later version of its rubric, with what that would do shown beforehand."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotation.actions.rubrics import change_rubric
from annotation.errors import Conflict
from annotation.models import RubricVersion
from webapp.access import SignedInRequest
from webapp.organiser.access import find_campaign, organisers
from webapp.wording import say

from .wording import rows


@require_http_methods(["GET", "HEAD", "POST"])
@organisers
def adoption(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the versions a campaign can take up and what the chosen one would do, and take it up when that is asked."""
    campaign = find_campaign(request, slug)
    later_versions = list(RubricVersion.objects.after(campaign.rubric_version))
    version = _version_after(later_versions, request.POST.get("to") or request.GET.get("to", ""))
    if request.method == "POST" and version is not None:
        try:
            n_reopened = change_rubric.adopt_rubric(campaign, version, by=request.user)
        except Conflict as error:
            messages.error(request, say(error))
        else:
            messages.success(request, _success_words(version, n_reopened))
            return redirect("organiser:campaign", slug)
    context = {"campaign": campaign, "later_versions": later_versions, "version": version}
    if version is not None:
        change = change_rubric.preview_adoption(campaign, version)
        old_content, new_content = campaign.rubric_version.content, version.content
        context |= {"change": change, "rows": rows(change.edits, old_content, new_content, get_language() or "en")}
    return render(request, "organiser/rubrics/adoption.html", context)


def _version_after(later_versions: list[RubricVersion], number: str) -> RubricVersion | None:
    """Return the version asked for, else the newest. Raise Http404 for one that cannot follow."""
    if not number:
        return later_versions[-1] if later_versions else None
    for version in later_versions:
        if str(version.number) == number:
            return version
    raise Http404


def _success_words(version: RubricVersion, n_reopened: int) -> str:
    if not n_reopened:
        return _("Judged by rubric %(rubric)s from now on; all answers stay.") % {"rubric": version}
    words = ngettext(
        "Judged by rubric %(rubric)s from now on; %(n)s answer is asked for again.",
        "Judged by rubric %(rubric)s from now on; %(n)s answers are asked for again.",
        n_reopened,
    )
    return words % {"rubric": version, "n": n_reopened}
