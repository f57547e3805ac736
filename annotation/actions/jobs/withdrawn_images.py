"""Runs when an image is withdrawn: no model is asked about it any more."""

from __future__ import annotations

from django.db import transaction

from annotation.models import Image, Run, RunItem

from .runs import finish_run_if_done, lock_run

WITHDRAWN = "the image was withdrawn"


def set_image_aside(image: Image) -> None:
    """Set the image aside in every run in which it waits; a result that still comes is not kept."""
    for run in Run.objects.filter(items__in=image.run_items.waiting()).order_by("pk"):
        _set_aside(run, image)


@transaction.atomic
def _set_aside(run: Run, image: Image) -> None:
    run = lock_run(run)
    waiting = run.items.waiting().filter(image=image)
    waiting.update(state=RunItem.State.FAILED, error=WITHDRAWN, batch=None)
    finish_run_if_done(run)
