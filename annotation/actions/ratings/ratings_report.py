"""What became of a file of annotations collected elsewhere."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from annotation.imports.records import Problem


@dataclass
class RatingsReport:
    """Counts of what was stored and what was there before, and a list of what was refused."""

    campaign: str
    format: str
    annotations: int = 0
    partial: int = 0
    reference_scores: int = 0
    consensuses: int = 0
    prefills: int = 0
    revised: int = 0
    known: int = 0
    raters: int = 0
    refused: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def refuse(self, problem: Problem) -> None:
        """List what cannot be used, in characters that can be printed: a file may hold halves of some."""
        told = (problem.place, problem.field, problem.reason)
        self.refused.append(Problem(*(str(text).encode("utf-8", "replace").decode() for text in told)))

    @property
    def done(self) -> bool:
        """Tell whether anything in the file could be used."""
        return bool(self.annotations or self.reference_scores or self.consensuses or self.prefills or self.known)

    def to_json(self) -> dict[str, Any]:
        """Return the report as `import_ratings --json` prints it."""
        return asdict(self)
