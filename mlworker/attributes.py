"""The eight attributes that predictors of this package know, for use without a rubric at hand.

The application sends the rubric's own questions along with each request; this table serves the command line and the
predictors that answer by key. The names are those the published prompts use.
"""

from __future__ import annotations

from .contract import AttributeQuestion

ATTRIBUTES: tuple[AttributeQuestion, ...] = (
    AttributeQuestion("composition_design", "Composition & Design"),
    AttributeQuestion("visual_elements", "Visual Elements & Structure"),
    AttributeQuestion("technical_execution", "Technical Execution"),
    AttributeQuestion("originality_creativity", "Originality & Creativity"),
    AttributeQuestion("theme_communication", "Theme & Communication"),
    AttributeQuestion("emotional_impact", "Emotion & Viewer Response"),
    AttributeQuestion("overall_gestalt", "Overall Gestalt"),
    AttributeQuestion("comprehensive_evaluation", "Comprehensive Evaluation"),
)
