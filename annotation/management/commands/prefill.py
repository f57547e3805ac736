"""Ask a model for its prefills of a campaign's images."""

from __future__ import annotations

from typing import Any

from annotation.actions.campaigns.open_campaign import show_first_model
from annotation.management.run_command import RunCommand
from annotation.models import Run


class Command(RunCommand):
    help = "Queue the images of a campaign that lack a model's prefill; with --wait, show progress until all are done."
    kind = Run.Kind.PREFILL
    example = "baseline"

    def after_start(self, run: Run) -> None:
        """Show the first model that is asked to annotators."""
        show_first_model(run.campaign, run.model_version, by=None)

    def facts(self, run: Run) -> dict[str, Any]:
        """Return whether annotators see another model's prefills."""
        return {"shadow": run.shadow}
