"""The baseline's measurements in words: two to four plain sentences an attribute, about 30 to 60 words.

Each states figures and what they suggest; where statistics are blind to the attribute, it says that first.
"""

from __future__ import annotations

from collections.abc import Callable

from mlworker.attributes import ATTRIBUTES

from .measurements import Measurements

CAVEAT = "This is a measurement, not a judgement of taste."
NAMES = {attribute.key: attribute.name for attribute in ATTRIBUTES}
Scores = dict[str, float]


def word_for(value: float, *steps: tuple[float, str], otherwise: str) -> str:
    """Return the word of the first step that `value` reaches."""
    return next((word for threshold, word in steps if value >= threshold), otherwise)


def composition(measures: Measurements, _scores: Scores) -> str:
    """State where the edges lie."""
    centre = word_for(
        measures.focus,
        (0.2, "a marked centre of interest"),
        (0.14, "a mild centre of interest"),
        otherwise="no single centre of interest",
    )
    return (
        f"Of the edge energy, {measures.thirds:.0%} lies around the four thirds points, {measures.centre:.0%} in the "
        f"middle ninth and {measures.border:.0%} in the outer tenth, where an even spread would put 11%, 11% and 36%. "
        f"The left half carries {measures.left:.0%}. This suggests {centre}. {CAVEAT}"
    )


def visual_elements(measures: Measurements, _scores: Scores) -> str:
    """State contrast, tones and the density of edges."""
    separation = word_for(measures.contrast, (0.22, "strong"), (0.12, "moderate"), otherwise="weak")
    detail = word_for(measures.busyness, (0.15, "dense"), (0.04, "moderate"), otherwise="sparse")
    return (
        f"RMS contrast is {measures.contrast:.2f} of at most 0.50, tones hold {measures.tone_entropy:.1f} of 8 bits, "
        f"and {measures.busyness:.0%} of pixels lie on an edge. This suggests {separation} separation of light "
        f"and dark, and {detail} detail. {CAVEAT}"
    )


def technical_execution(measures: Measurements, _scores: Scores) -> str:
    """State sharpness, clipping and the range of tones."""
    detail = word_for(measures.sharpness, (1000, "crisp"), (100, "moderately sharp"), otherwise="soft")
    exposure = word_for(measures.clipping, (0.2, "much"), (0.02, "some"), otherwise="hardly any")
    return (
        f"The variance of the Laplacian is {measures.sharpness:.0f}, which suggests {detail} detail on a copy of at "
        f"most 512 pixels. Clipping takes {measures.shadows:.1%} of pixels in the shadows and "
        f"{measures.highlights:.1%} in the highlights, so {exposure} "
        f"tone is lost; tones span {measures.tonal_range:.0%} of the scale. {CAVEAT}"
    )


def originality(measures: Measurements, _scores: Scores) -> str:
    """State the variety of hues and tones that stands in."""
    variety = word_for(measures.hue_entropy, (2.2, "wide"), (1.0, "moderate"), otherwise="narrow")
    return (
        "Statistics cannot see an idea, so originality itself is not measured. Variety stands in for it: hues hold "
        f"{measures.hue_entropy:.1f} of 3.6 bits, a {variety} range, and tones {measures.tone_entropy:.1f} of 8 bits. "
        f"{CAVEAT}"
    )


def theme(measures: Measurements, _scores: Scores) -> str:
    """State the salience that stands in."""
    clarity = word_for(measures.focus, (0.2, "clearly"), (0.14, "somewhat"), otherwise="hardly")
    return (
        "Statistics cannot see a subject or a message, so the theme itself is not measured. Salience stands in for it: "
        f"up to {measures.focus:.0%} of edge energy gathers in a ninth of the area, at an RMS contrast of "
        f"{measures.contrast:.2f}, so something {clarity} stands out. {CAVEAT}"
    )


def emotion(measures: Measurements, _scores: Scores) -> str:
    """State the intensity that stands in."""
    colour = word_for(
        measures.colourfulness,
        (82, "highly colourful"),
        (45, "quite colourful"),
        (15, "slightly colourful"),
        otherwise="nearly grey",
    )
    return (
        "Statistics cannot see a feeling, so the viewer's response itself is not measured. Intensity stands in for it: "
        f"colourfulness is {measures.colourfulness:.0f}, {colour}, mean saturation {measures.saturation:.0%} and RMS "
        f"contrast {measures.contrast:.2f}. {CAVEAT}"
    )


def gestalt(measures: Measurements, _scores: Scores) -> str:
    """State symmetry and the quiet of the borders."""
    symmetry = word_for(measures.symmetry, (0.7, "strong"), (0.3, "partial"), otherwise="little")
    border = word_for(measures.border, (0.4, "busy"), (0.28, "fairly even"), otherwise="quiet")
    return (
        f"The image correlates with its left-right mirror at {measures.symmetry:.2f}, where 1 is perfect, which "
        f"suggests {symmetry} symmetry. The outer tenth holds {measures.border:.0%} of edge energy on 36% of the area, "
        f"so the borders are {border}. Whether the parts fuse into one whole is not measured. {CAVEAT}"
    )


def comprehensive(_measures: Measurements, scores: Scores) -> str:
    """State the combined figure, the highest and the lowest of its parts."""
    parts = {key: value for key, value in scores.items() if key != "comprehensive_evaluation"}
    highest, lowest = max(parts, key=parts.__getitem__), min(parts, key=parts.__getitem__)
    return (
        f"Fixed weights combine the seven figures to {scores['comprehensive_evaluation']:.0f} of 100; the highest is "
        f"{NAMES[highest]} with {parts[highest]:.0f}, the lowest {NAMES[lowest]} with {parts[lowest]:.0f}. Idea, "
        f"message and feeling enter through stand-ins only. {CAVEAT}"
    )


CRITIQUES: dict[str, Callable[[Measurements, Scores], str]] = {
    "composition_design": composition,
    "visual_elements": visual_elements,
    "technical_execution": technical_execution,
    "originality_creativity": originality,
    "theme_communication": theme,
    "emotional_impact": emotion,
    "overall_gestalt": gestalt,
    "comprehensive_evaluation": comprehensive,
}
