"""What `python -m bench duplicates` measured, for LEAKAGE.md; a change of the rule calls for measuring again."""

from __future__ import annotations

PLANTED_AMONG = "10,000 images cut from free photographs or drawn by code, with 500 copies of each kind among them"
THRESHOLDS = {"reach": 14, "sure": 950, "unsure": 850}
"""The thresholds of `annotation/images/likeness.py` it was measured with."""

PLANTED: dict[str, tuple[float, float]] = {
    "JPEG 40": (100.0, 0.0),
    "half size": (100.0, 0.0),
    "brighter by 30 %": (96.6, 2.8),
    "grey": (100.0, 0.0),
    "flipped": (100.0, 0.0),
    "turned by 90°": (100.0, 0.0),
    "turned by 180°": (100.0, 0.0),
    "turned by 270°": (100.0, 0.0),
    "crop to 90 % of each side": (1.6, 9.4),
    "crop to 75 % of each side": (0.0, 0.4),
    "crop to 60 % of each side": (0.0, 0.4),
}
"""Per cent of the copies taken for the same, and left to a person."""

RECALL, PRECISION = 99.6, 99.8
"""Per cent of the copies, crops apart, taken for the same; of the pairs taken for the same, those that are."""
