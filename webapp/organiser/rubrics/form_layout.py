"""The layout of a rubric's form: English and Chinese side by side, an attribute at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _

from annotation.rubric.schema import localise

from .draft_forms import CHINESE, ENGLISH, SPARE_ANCHORS, DraftForm


@dataclass(frozen=True)
class Texts:
    """The two fields of one wording, or of one anchor with its `score`."""

    label: str
    english: BoundField
    chinese: BoundField
    score: BoundField | None = None


@dataclass(frozen=True)
class Section:
    """The fields of one attribute."""

    key: str
    name: str
    wordings: list[Texts]
    weight: BoundField
    lengths: list[BoundField]
    anchors: list[Texts]
    guidance: list[Texts]

    @property
    def fields(self) -> Iterator[BoundField]:
        """Walk through all fields."""
        yield from (self.weight, *self.lengths)
        for texts in (*self.wordings, *self.anchors, *self.guidance):
            yield from filter(None, (texts.score, texts.english, texts.chinese))

    @property
    def n_guidance(self) -> int:
        """Return how many subcategories have guidance."""
        return sum(bool(texts.english.value()) for texts in self.guidance)

    @property
    def shows_guidance(self) -> bool:
        """Tell whether the guidance has something to say at once: an error, or a text of somebody else's."""
        fields = [field for texts in self.guidance for field in (texts.english, texts.chinese)]
        # The guidance is folded up otherwise, and an error in it would go unseen.
        return any(field.errors or hasattr(field.field, "stored_text") for field in fields)


def title(form: DraftForm) -> Texts:
    """Return the fields of the title."""
    return _texts(form, "title", _("Title"))


def names(form: DraftForm) -> list[Texts]:
    """Return the fields of the names of categories and subcategories."""
    rows = []
    for category in form.content["categories"]:
        place = f"categories.{category['key']}"
        rows.append(_texts(form, f"{place}.name", localise(category["name"], form.language)))
        for sub in category["subcategories"]:
            name = localise(sub["name"], form.language)
            rows.append(_texts(form, f"{place}.subcategories.{sub['key']}.name", f"– {name}"))
    return rows


def sections(form: DraftForm) -> list[Section]:
    """Return the attributes, in the order in which they are asked."""
    return [_section(form, attribute) for attribute in form.content["attributes"]]


def _section(form: DraftForm, attribute: Mapping[str, Any]) -> Section:
    place = f"attributes.{attribute['key']}"
    kinds = [sub for category in form.content["categories"] for sub in category["subcategories"]]
    anchors = [f"{place}.anchors.{number}" for number in range(len(attribute["anchors"]) + SPARE_ANCHORS)]
    return Section(
        key=attribute["key"],
        name=localise(attribute["name"], form.language),
        wordings=[_texts(form, f"{place}.name", _("Name")), _texts(form, f"{place}.definition", _("Definition"))],
        weight=form[f"{place}.weight"],
        lengths=[form[f"{place}.{name}.{end}"] for name in ("words", "characters") for end in ("from", "to")],
        anchors=[_texts(form, f"{path}.text", _("Anchor"), score=f"{path}.score") for path in anchors],
        guidance=[
            _texts(form, f"{place}.guidance.{sub['key']}", localise(sub["name"], form.language)) for sub in kinds
        ],
    )


def _texts(form: DraftForm, place: str, name: str, *, score: str = "") -> Texts:
    return Texts(name, form[f"{place}.{ENGLISH}"], form[f"{place}.{CHINESE}"], form[score] if score else None)
