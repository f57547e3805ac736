"""An image described by the mean colours of a grid of cells: the double for tests, without torch."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from PIL import Image

from mlworker import environment, images
from mlworker.predictors.embedder import Embedder, Numbers

CELLS = 4  # a side
LONGEST_SIDE = 512


class Grid(Embedder):
    """The mean colours of four by four cells, less those of the whole image.

    To rehearse slowness it takes `MLWORKER_FAKE_SECONDS` for each image.
    """

    name = "grid"
    version = "1"
    description = "Mean colours of four by four cells, for tests: it takes images of a like layout for the same."

    def prepare(self, path: Path) -> Numbers:
        """Return the colours of the cells; raises ImageUnavailable."""
        small = images.decode(path, LONGEST_SIDE).resize((CELLS, CELLS), Image.Resampling.BOX)
        return np.asarray(small, dtype=np.float32)

    def embed_inputs(self, model_inputs: Numbers) -> Numbers:
        """Return the colours of each image's cells less the means of its channels; nothing is left of a plain one."""
        time.sleep(environment.fake_seconds() * len(model_inputs))
        means: Numbers = model_inputs.mean(axis=(1, 2), keepdims=True)
        # Less the means, lest two images be alike by their overall colour alone.
        return (model_inputs - means).reshape(len(model_inputs), -1)
