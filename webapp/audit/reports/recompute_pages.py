"""The button by which a report is computed again."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotation.errors import QueueDown
from annotation.models import Report
from annotation.models.visibility import with_role
from annotation.roles import AUDIT
from annotation.tasks.agreement import recompute_report
from annotation.tasks.queueing import enqueue_task
from webapp.access import SignedInRequest
from webapp.audit.access import auditors


@require_POST
@auditors
def recompute(request: SignedInRequest, pk: int) -> HttpResponse:
    """Queue that a report be computed again from the answers as they were."""
    report = get_object_or_404(Report.objects.filter(with_role(request.user, AUDIT, "campaign")), pk=pk)

    def send() -> None:
        try:
            enqueue_task(recompute_report, report.pk, request.user.pk)
        except QueueDown:
            refusal = _("The queue cannot be reached, so nothing was started. Try again in a moment.")
            messages.error(request, refusal)
        else:
            messages.success(request, _("The report is being computed again. Reload this page in a moment."))

    transaction.on_commit(send)
    return redirect("audit:report", pk)
