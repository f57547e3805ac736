"""What makes one kind of run differ from another; a new kind is one class, and one line in `KINDS`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from django.utils.module_loading import import_string

from annotation.models import Campaign, Image, ModelVersion, Run
from annotation.models.images import ImageQuerySet
from mlworker import contract

Result = TypeVar("Result", contract.Prefill, contract.Embedding)

# Dotted names: what a kind does with its results may live in a room above this one.
KINDS: dict[str, str] = {
    Run.Kind.PREFILL: "annotation.actions.jobs.prefill.PrefillKind",
    Run.Kind.EMBED: "annotation.actions.duplicates.embed.EmbedKind",
}


class RunKind(ABC, Generic[Result]):
    """What is asked of which images, and what becomes of a result."""

    models: ClassVar[str]  # Which models can be asked: the worker's registry has "predictor" and "embedder".

    @abstractmethod
    def lacking(self, images: ImageQuerySet, version: ModelVersion) -> ImageQuerySet:
        """Keep the images without a result of this model version."""

    @abstractmethod
    def request_for(self, image: Image, run: Run) -> contract.Request:
        """Return what the worker is asked about one image."""

    @abstractmethod
    def read_result(self, data: dict[str, Any]) -> Result:
        """Return a result as the worker sent it, from JSON-ready data."""

    @abstractmethod
    def store(self, results: Sequence[tuple[Image, Result]], run: Run) -> dict[int, str]:
        """Store the results of images that have none yet; return why one cannot be kept, by the image's key.

        It is called inside a transaction that has locked the run. Campaigns may share images, so it takes a lock of
        its own before it looks which images have a result already.
        """

    def urgent_images(self, campaign: Campaign) -> set[int]:
        """Return the keys of images whose results somebody will soon wait for."""
        return set()


def kind_named(name: str) -> RunKind[Any]:
    """Return the kind of that name, one of `Run.Kind`."""
    kind: RunKind[Any] = import_string(KINDS[name])()
    return kind


def kind_of(run: Run) -> RunKind[Any]:
    """Return what a run asks and stores."""
    return kind_named(run.kind)
