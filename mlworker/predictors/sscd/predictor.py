"""A copy-detection embedding (SSCD): an image's copies, crops among them, are close to it.

Pizzi, E., et al. (2022), A Self-Supervised Embedding for Image Copy Detection, CVPR. The authors publish TorchScript
files (https://github.com/facebookresearch/sscd-copy-detection), of which they recommend `sscd_disc_mixup`, and say how
to prepare an image: drawn out or squeezed to a square, and normalised as for ImageNet. Any TorchScript file that takes
N x 3 x 320 x 320 and gives a row of numbers an image will do; the file's SHA-256 is the version.
"""

from __future__ import annotations

import hashlib
import io
from functools import cached_property
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from mlworker import images
from mlworker.contract import PredictorError
from mlworker.predictors.embedder import Embedder, Numbers
from mlworker.predictors.imagenet import normalise_pixels
from mlworker.predictors.torch_memory import report_out_of_memory

from .weights import ACCEPTED_FILE, file_from_settings, unreadable_file_error, version_of

SIDE = 320
LONGEST_SIDE = 4 * SIDE  # Larger images are first brought down to it, block by block.


class Version:
    """The embedder's version: the SHA-256 of its file."""

    def __get__(self, instance: SSCD | None, owner: type[SSCD]) -> str:
        """Return the version without loading the model; raises PredictorError."""
        return version_of(file_from_settings()) if instance is None else instance.sha256


class SSCD(Embedder):
    """The embedding in a TorchScript file; MLWORKER_SSCD names it."""

    name: ClassVar[str] = "sscd"
    description: ClassVar[str] = "A copy-detection embedding (SSCD) from a TorchScript file (MLWORKER_SSCD)"
    version = Version()

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or file_from_settings()
        self.sha256 = version_of(self.path)

    @cached_property
    def device(self) -> str:
        import torch  # noqa: PLC0415  heavy

        return "cuda" if torch.cuda.is_available() else "cpu"

    @cached_property
    def module(self) -> Any:
        """Return the model, read once, from the very bytes of its version; raises PredictorError."""
        try:
            import torch  # noqa: PLC0415  heavy
        except ImportError as error:
            command = "pip install -r requirements-worker.lock"
            raise PredictorError(f"the package {error.name} is not installed: {command}") from error
        try:
            # Read once for hash and model, so that no other file can slip in between.
            data = self.path.read_bytes()
            if hashlib.sha256(data).hexdigest() != self.sha256:
                raise PredictorError(f"MLWORKER_SSCD: {self.path.name!r} has changed; start the worker anew")
            with report_out_of_memory("the embedding"):
                return torch.jit.load(io.BytesIO(data), map_location=self.device).eval()
        except OSError as error:
            raise unreadable_file_error(self.path, error) from error
        except RuntimeError as error:
            raise PredictorError(
                f"MLWORKER_SSCD: {self.path.name!r} is no TorchScript file; {ACCEPTED_FILE}"
            ) from error

    def load(self) -> None:
        _ = self.module

    def state(self) -> dict[str, Any]:
        return {"at_once": self.at_once} | self.provenance()

    def provenance(self) -> dict[str, Any]:
        return {"device": self.device, "dtype": "float32", "side": SIDE, "torch": installed("torch")}

    def prepare(self, path: Path) -> Numbers:
        """Return the image as a normalised square of 320 pixels, its shape not kept; raises ImageUnavailable."""
        image = images.decode(path, LONGEST_SIDE)
        return normalise_pixels(image.resize((SIDE, SIDE), Image.Resampling.BILINEAR))

    def embed_inputs(self, model_inputs: Numbers) -> Numbers:
        """Return the embeddings; raises OutOfMemory, and PredictorError for a file that gives something else."""
        import torch  # noqa: PLC0415  heavy

        try:
            with report_out_of_memory("the images"), torch.inference_mode():
                rows = self.module(torch.from_numpy(model_inputs).to(self.device))
        except RuntimeError as error:
            raise PredictorError(f"{self.path.name!r} cannot look at a square of {SIDE} pixels: {error}") from error
        # Any TorchScript file may be named, and some give a tuple or a map of features.
        shape = tuple(getattr(rows, "shape", ()))
        if len(shape) != 2 or shape[0] != len(model_inputs):
            raise PredictorError(f"{self.path.name!r} gives {shape} for {len(model_inputs)} images, not a row each")
        return np.asarray(rows.float().cpu().numpy(), dtype=np.float32)
