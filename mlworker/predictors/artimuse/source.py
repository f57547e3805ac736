"""The checkpoint that a setting names: a folder, or a repository of the Hugging Face Hub at one revision.

From the Hub come weights, configuration and tokenizer, never code; what was fetched once is found again without it.
Asking for a version never reaches out: the web application asks too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from mlworker import environment
from mlworker.contract import PredictorError, TemporaryFailure

from .weights import checkpoint_digest

NAME_PATTERN = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
HUB_NAME_PATTERN = re.compile(rf"(?P<name>{NAME_PATTERN}/{NAME_PATTERN})(?:@(?P<revision>{NAME_PATTERN}))?", re.ASCII)
COMMIT_PATTERN = re.compile(r"[0-9a-f]{40}")
# No *.py: what is fetched must never be run.
FETCHED_PATTERNS = ("*.safetensors", "*.json", "*.txt")
ACCEPTED_NAMES = "the folder of a checkpoint, or OWNER/NAME or OWNER/NAME@REVISION of the Hugging Face Hub, is accepted"


@dataclass(frozen=True)
class CheckpointSource:
    """A checkpoint by its folder, or by its repository and a revision (a commit, tag or branch)."""

    name: str
    revision: str = ""  # Empty for a folder.

    @classmethod
    def from_text(cls, text: str) -> CheckpointSource:
        """Return the folder, or the repository at a revision, by default `main`; raises PredictorError."""
        if text and Path(text).is_dir():
            return cls(text)
        if match := HUB_NAME_PATTERN.fullmatch(text):
            return cls(match["name"], match["revision"] or "main")
        raise PredictorError(f"{text!r} is no folder; {ACCEPTED_NAMES}")

    @property
    def version(self) -> str:
        """Return what names the weights, without network; raises PredictorError for a revision not fetched yet."""
        if not self.revision:
            return checkpoint_digest(Path(self.name))
        commit = self.revision if COMMIT_PATTERN.fullmatch(self.revision) else self._snapshot(offline=True).name
        return f"{self.name[:85]}@{commit[:12]}"

    def folder(self) -> Path:
        """Return the checkpoint's folder, fetched from the Hub where it is not here; raises PredictorError."""
        if not self.revision:
            return Path(self.name)
        # Its own copy first: a worker that starts anew needs no Hub, and a branch does not move under a run.
        try:
            return self._snapshot(offline=True)
        except PredictorError:
            return self.fetch()

    def fetch(self) -> Path:
        """Fetch the revision as the Hub has it now, and return its folder, named by its commit; raises PredictorError.

        A branch moves on the Hub; here it goes on meaning what it meant when it was fetched last.
        """
        return self._snapshot(offline=False) if self.revision else Path(self.name)

    def _snapshot(self, *, offline: bool) -> Path:
        from httpx2 import HTTPError  # noqa: PLC0415  heavy
        from huggingface_hub import snapshot_download  # noqa: PLC0415  heavy
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError  # noqa: PLC0415  heavy

        try:
            folder_name = snapshot_download(
                self.name,
                revision=self.revision,
                allow_patterns=list(FETCHED_PATTERNS),
                endpoint=environment.hub_address(),
                local_files_only=offline,
            )
        except LocalEntryNotFoundError as error:
            # Offline it is merely not here yet; online the Hub, which may come back, was not reached.
            if offline:
                hint = f"python -m mlworker fetch {self.name}@{self.revision}"
                raise PredictorError(f"{self.name}@{self.revision} is not on this machine yet: {hint}") from error
            raise TemporaryFailure(f"the Hub cannot be reached for {self.name}") from error
        except HfHubHTTPError as error:
            status = error.response.status_code
            error_class = TemporaryFailure if status >= 500 or status == 429 else PredictorError
            raise error_class(f"the Hub answers {status} for {self.name}@{self.revision}") from error
        except (HTTPError, OSError) as error:
            raise TemporaryFailure(f"the Hub cannot be reached for {self.name}: {type(error).__name__}") from error
        return Path(folder_name)
