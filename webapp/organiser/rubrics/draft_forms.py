"""The form of a rubric's draft: each text, weight and anchor is a field, named by its place in the rubric's data.

The form carries the data it began with (`base`), so that what was typed stands on its own whatever others save.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotation.rubric.schema import Scale
from webapp.wording import translate

from .wording import label

ENGLISH, CHINESE = "en", "zh-hans"
SPARE_ANCHORS = 2
LONGEST = 5_000


class DraftForm(forms.Form):
    """Every text and weight of a rubric; `content` is the data to begin with."""

    def __init__(self, content: Mapping[str, Any], seen: str, data: Mapping[str, str] | None = None) -> None:
        super().__init__(data, auto_id="rubric-%s")
        self.content, self.seen = content, seen
        self.language = get_language() or ENGLISH
        self.scale = Scale(**content["scale"])
        self.base = json.dumps(content, ensure_ascii=False)
        self._add_wording("title", content["title"])
        for category in content["categories"]:
            self._add_wording(f"categories.{category['key']}.name", category["name"])
            for sub in category["subcategories"]:
                self._add_wording(f"categories.{category['key']}.subcategories.{sub['key']}.name", sub["name"])
        for attribute in content["attributes"]:
            self._add_attribute(attribute)

    def _add_attribute(self, attribute: Mapping[str, Any]) -> None:
        place = f"attributes.{attribute['key']}"
        self._add_wording(f"{place}.name", attribute["name"])
        self._add_wording(f"{place}.definition", attribute["definition"], rows=5)
        self._add_number(f"{place}.weight", attribute["weight"], least=0, most=100)
        for name in ("words", "characters"):
            for end, value in zip(("from", "to"), attribute[name], strict=True):
                self._add_number(f"{place}.{name}.{end}", value, least=1, most=LONGEST)
        spare: list[dict[str, Any]] = [{"score": None, "text": {}}] * SPARE_ANCHORS
        for number, content in enumerate([*attribute["anchors"], *spare]):
            anchor, path = f"{place}.anchors.{number}", f"{place}.anchors[{number}]"
            self._add_score(f"{anchor}.score", path, content["score"])
            self._add_wording(f"{anchor}.text", content["text"], path=f"{path}.text", required=False, rows=2)
        for key in self.subcategories():
            text = attribute.get("guidance", {}).get(key, {})
            self._add_wording(f"{place}.guidance.{key}", text, required=False, rows=2)

    def _add_wording(
        self, place: str, text: Mapping[str, str], *, path: str = "", required: bool = True, rows: int = 0
    ) -> None:
        for language in (ENGLISH, CHINESE):
            attributes = {"lang": language, "rows": rows} if rows else {"lang": language}
            self.fields[f"{place}.{language}"] = forms.CharField(
                label=label(f"{path or place}.{language}", self.content, self.language),
                initial=text.get(_language_key(text, language), ""),
                # Chinese readers see the English where theirs is missing.
                required=required and language == ENGLISH,
                max_length=LONGEST,
                widget=(forms.Textarea if rows else forms.TextInput)(attributes),
            )

    def _add_number(self, place: str, value: int, *, least: int, most: int) -> None:
        name = label(place, self.content, self.language)
        self.fields[place] = forms.IntegerField(label=name, initial=value, min_value=least, max_value=most)

    def _add_score(self, place: str, path: str, value: float | None) -> None:
        step = forms.NumberInput({"step": f"{self.scale.step:g}"})
        name = label(f"{path}.score", self.content, self.language)
        self.fields[place] = forms.FloatField(label=name, initial=value, required=False, widget=step)

    def clean(self) -> dict[str, Any]:
        """Refuse anchors and guidance that are there by half, and scores off the scale."""
        values = super().clean() or self.cleaned_data
        for attribute in self.content["attributes"]:
            place = f"attributes.{attribute['key']}"
            for number in range(len(attribute["anchors"]) + SPARE_ANCHORS):
                self._clean_anchor(f"{place}.anchors.{number}", values)
            for key in self.subcategories():
                guidance = f"{place}.guidance.{key}"
                if values.get(f"{guidance}.{CHINESE}") and not values.get(f"{guidance}.{ENGLISH}"):
                    self.add_error(f"{guidance}.{ENGLISH}", _("An English wording is needed as well."))
        return values

    def _clean_anchor(self, place: str, values: Mapping[str, Any]) -> None:
        score, english, chinese = (values.get(f"{place}.{name}") for name in ("score", "text.en", "text.zh-hans"))
        if score is None and (english or chinese) and f"{place}.score" not in self.errors:
            self.add_error(f"{place}.score", _("A score is needed; empty all three to remove the anchor."))
        if score is None:
            return
        if not english and f"{place}.text.en" not in self.errors:
            self.add_error(f"{place}.text.en", _("An English wording is needed; empty all three to remove the anchor."))
        try:
            self.scale.to_steps(score)
        except ValueError as error:
            self.add_error(f"{place}.score", translate(error.args[0]))

    def result(self) -> dict[str, Any]:
        """Return the rubric's data as edited; what the form does not show stays as it was."""
        content = deepcopy(dict(self.content))
        self._fill(content["title"], "title")
        for category in content["categories"]:
            self._fill(category["name"], f"categories.{category['key']}.name")
            for sub in category["subcategories"]:
                self._fill(sub["name"], f"categories.{category['key']}.subcategories.{sub['key']}.name")
        for attribute in content["attributes"]:
            self._fill_attribute(attribute)
        return content

    def _fill_attribute(self, attribute: dict[str, Any]) -> None:
        place = f"attributes.{attribute['key']}"
        self._fill(attribute["name"], f"{place}.name")
        self._fill(attribute["definition"], f"{place}.definition")
        attribute["weight"] = self.cleaned_data[f"{place}.weight"]
        for name in ("words", "characters"):
            attribute[name] = [self.cleaned_data[f"{place}.{name}.{end}"] for end in ("from", "to")]
        anchors = [*attribute["anchors"], *({"text": {}} for _spare in range(SPARE_ANCHORS))]
        for number, anchor in enumerate(anchors):
            score = self.cleaned_data[f"{place}.anchors.{number}.score"]
            # The hash of a rubric tells 7.0 from 7, and nobody edited anything.
            anchor["score"] = int(score) if score is not None and score.is_integer() else score
            self._fill(anchor["text"], f"{place}.anchors.{number}.text")
        filled_anchors = [anchor for anchor in anchors if anchor["score"] is not None]
        attribute["anchors"] = sorted(filled_anchors, key=lambda anchor: anchor["score"])
        guidance = attribute.get("guidance", {})
        for key in self.subcategories():
            self._fill(guidance.setdefault(key, {}), f"{place}.guidance.{key}")
        attribute["guidance"] = {key: text for key, text in guidance.items() if text}
        # An empty one would change the hash of a rubric that never had any.
        if not attribute["guidance"]:
            del attribute["guidance"]

    def _fill(self, text: dict[str, str], place: str) -> None:
        for language in (ENGLISH, CHINESE):
            name = _language_key(text, language)
            # White space does not count: browsers send line breaks of their own, which would look like edits.
            new_text = plain_text(self.cleaned_data[f"{place}.{language}"])
            if not new_text:
                text.pop(name, None)
            elif new_text != plain_text(text.get(name, "")):
                text[name] = new_text

    def subcategories(self) -> list[str]:
        """Return the keys of all subcategories."""
        return [sub["key"] for category in self.content["categories"] for sub in category["subcategories"]]

    def fields_with_errors(self) -> list[BoundField]:
        """Return the fields with errors."""
        return [self[name] for name in self.errors if name in self.fields]


def _language_key(text: Mapping[str, str], language: str) -> str:
    """Return the language code as this text has it, such as zh-Hans."""
    return next((name for name in text if name.lower() == language), language)


def plain_text(value: Any) -> str:
    """Return a value as text with single spaces, as it is compared."""
    return "" if value is None else " ".join(str(value).split())
