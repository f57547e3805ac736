"""Have a campaign's images described, to find crops and other scans among them."""

from __future__ import annotations

from annotation.management.run_command import RunCommand
from annotation.models import ImageEmbedding, NearDuplicatePair, Run


class Command(RunCommand):
    help = "Queue the images of a campaign that lack an embedding; with --wait, show progress until all are done."
    kind = Run.Kind.EMBED
    example = "sscd"

    def counts(self, run: Run) -> dict[str, int]:
        """Add how many of the campaign's images have an embedding, and how many pairs are alike by embeddings."""
        embeddings = ImageEmbedding.objects.filter(model_version=run.model_version_id)
        pairs = NearDuplicatePair.objects.touching(run.campaign).by_cosine()
        return run.counts() | {
            "embedded": embeddings.filter(image__in=run.campaign.images.all()).count(),
            "pairs": pairs.count(),
            "undecided": pairs.undecided().count(),
        }
