"""Pages of runs: a model is asked, how far a run is and what went wrong in it, cancelled and resumed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotation.actions.campaigns.open_campaign import show_model
from annotation.actions.figures.keep_figures import OF_RUN
from annotation.actions.jobs.runs import cancel_run, resume_run
from annotation.errors import BadInput, Conflict
from annotation.models import Prefill, Run
from annotation.tasks.runs import feed_run, run_prefill
from webapp.access import SignedInRequest
from webapp.figures import kept_figures
from webapp.organiser.access import find_campaign, organisers
from webapp.organiser.queueing import queue_task, show_form_errors, to_section

from .forms import PrefillForm, ShownModelForm

FAILURES_SHOWN = 100


@require_POST
@organisers
def prefill(request: SignedInRequest, slug: str) -> HttpResponse:
    """Queue a run of one model over the campaign's images that lack its prefill."""
    campaign = find_campaign(request, slug)
    form = PrefillForm(request.POST)
    if form.is_valid():
        words = _("The model is asked. Its progress appears below.")
        queue_task(request, words, run_prefill, campaign.pk, form.cleaned_data["model"], request.user.pk)
    # The form stands among others on the campaign's page, which is loaded anew and so forgets it.
    show_form_errors(request, form)
    return to_section(campaign, "runs")


@require_POST
@organisers
def choose_model(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show annotators the prefills of another model version from now on."""
    campaign = find_campaign(request, slug)
    form = ShownModelForm(campaign, request.POST)
    if form.is_valid():
        model = form.cleaned_data["shown_model"]
        show_model(campaign, model, by=request.user)
        messages.success(request, _("Annotators see the prefills of %(model)s from now on.") % {"model": model})
    show_form_errors(request, form)
    return to_section(campaign, "runs")


@require_safe
@organisers
def show(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Show one run: progress, time and cost, what failed; of prefills how unsure the model is."""
    run = find_run(request, slug, pk)
    items = run.items.exclude(error="").select_related("image")
    context = {
        "campaign": run.campaign,
        "run": run,
        "counts": run.counts(),
        "spent": run.spent(),
        "batches": run.batches.open(),
        "failed": items.failed()[:FAILURES_SHOWN],
        "retried": items.waiting()[:FAILURES_SHOWN],
    }
    if run.kind == Run.Kind.PREFILL:
        context |= uncertainty(run)
    return render(request, "organiser/prefills/run.html", context)


def uncertainty(run: Run) -> dict[str, Any]:
    """Return an example of a run's prefills, how unsure the model is, and where the most."""
    figures = kept_figures(run.campaign, f"{OF_RUN}{run.pk}")
    if figures.content is None:
        return {"figures": figures}
    prefills = Prefill.objects.select_related("image").in_bulk([*figures.content.unsure, figures.content.example])
    return {
        "figures": figures,
        "example": prefills.get(figures.content.example),
        "uncertainty": figures.content.figures,
        "unsure": [prefills[key] for key in figures.content.unsure if key in prefills],
    }


@require_POST
@organisers
def cancel(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Give a run up; what it has stays."""
    run = find_run(request, slug, pk)
    cancel_run(run, by=request.user)
    messages.success(request, _("The run hands nothing more out. Images under way are still stored."))
    return redirect("organiser:run", slug=slug, pk=pk)


@require_POST
@organisers
def resume(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Take a run up again, with the images that failed in it."""
    run = find_run(request, slug, pk)
    try:
        resume_run(run, by=request.user)
    except (BadInput, Conflict) as error:
        messages.error(request, str(error))
    else:
        # What looks after runs takes up any that are running, so a queue that is down only delays this one.
        words_if_down = _("The run is resumed, but the queue cannot be reached. It goes on by itself once it can.")
        queue_task(request, _("The run goes on."), feed_run, run.pk, otherwise=words_if_down)
    return redirect("organiser:run", slug=slug, pk=pk)


def find_run(request: SignedInRequest, slug: str, pk: int) -> Run:
    """Return a run of a campaign, else raise Http404."""
    runs = find_campaign(request, slug).runs.select_related("campaign", "model_version", "requested_by")
    return get_object_or_404(runs, pk=pk)
