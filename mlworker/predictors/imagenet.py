"""Pixels the way most vision models were trained: centred and scaled by the statistics of ImageNet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def normalise_pixels(image: Image.Image) -> NDArray[np.float32]:
    """Return an RGB image as 3 x height x width numbers, each channel of mean 0 and deviation 1 over ImageNet."""
    values = np.asarray(image, dtype=np.float32) / np.float32(255)
    standard_scores = (values - np.array(MEAN, dtype=np.float32)) / np.array(DEVIATION, dtype=np.float32)
    return np.ascontiguousarray(standard_scores.transpose(2, 0, 1))
