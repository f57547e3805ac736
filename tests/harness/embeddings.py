"""Embeddings whose cosines are known beforehand, stored as if a worker had made them."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import numpy as np
from django.utils import timezone

from annotation.actions.jobs.results import store_results
from annotation.actions.jobs.runs import start_run
from annotation.models import Batch, Campaign, Image, Run
from mlworker.contract import Embedding


def vector_at(degrees: float) -> bytes:
    """Return the embedding that points into a direction; the cosine of two is that of the angle between them."""
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], "<f4").tobytes()


def embedding_at(image: Image, degrees: float, **fields: Any) -> Embedding:
    """Return what a worker sends for an image; `fields` are what differs from a good result."""
    vector = base64.b64encode(vector_at(degrees)).decode()
    return replace(Embedding("image", image.stripped_sha256, "grid", "1", vector=vector), **fields)


def store_embeddings(campaign: Campaign, *embeddings: Embedding) -> Run:
    """Store embeddings in a run over the campaign's images that lack one; return the run."""
    run = start_run(campaign, Run.Kind.EMBED, "grid", by=None)
    batch = Batch.objects.create(run=run, expires_at=timezone.now())
    store_results(batch, embeddings)
    run.refresh_from_db()
    return run
