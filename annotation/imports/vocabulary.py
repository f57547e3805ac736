"""The names a file uses, and what they are called here."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import field_validator

from annotation.errors import FieldsInvalid, RatingsRefused
from annotation.rubric.reading import Content, Sentence, read, refusal
from annotation.rubric.schema import Rubric, Text

# Names that the files of ArtiMuse-10K use for what our rubric calls otherwise.
ATTRIBUTE_ALIASES = {
    "compositionstructure": "composition_design",
    "overallevaluation": "comprehensive_evaluation",
    "emotionviewerresponse": "emotional_impact",
}

Arm = Literal["", "blind", "reveal", "assisted"]
Names = Annotated[dict[str, Any], Sentence("names")]


class MappingContent(Content):
    """What a file calls otherwise, by kind of name, and the arm of all its annotations."""

    sentences: ClassVar = {"model_type": "mapping_fields", "extra_forbidden": "mapping_field"}
    attributes: Names = {}
    subcategories: Names = {}
    columns: Names = {}
    images: Names = {}
    arm: Arm = ""
    scale: Annotated[Any, Sentence("scale_of_file")] = None

    @field_validator("scale")
    @classmethod
    def check_scale(cls, scale: Any) -> Any:
        """Refuse what is neither two numbers, the lowest score and the highest, nor such for each attribute."""
        scales = scale.values() if isinstance(scale, dict) else [scale]
        if scale is not None and not all(map(_is_scale, scales)):
            raise refusal("scale_of_file")
        return scale


def check_mapping(mapping: Any) -> Mapping[str, Any]:
    """Return the mapping. Raise RatingsRefused naming the key that is wrong."""
    try:
        return read(MappingContent, mapping).model_dump()
    except FieldsInvalid as error:
        raise RatingsRefused(f"the mapping: {error}") from error


@dataclass(frozen=True)
class Version:
    """A version of the campaign's rubric that answers may have been given by."""

    name: str
    sha256: str
    rubric: Rubric


@dataclass(frozen=True)
class Vocabulary:
    """What a file's names are in the rubric, by a mapping first, then by key, name in any language, alias.

    `version` names the rubric where the file does, `versions` are those known here, the campaign's first. `scale` is
    the file's own scale of the attribute at hand, where the mapping names one.
    """

    rubric: Rubric
    mapping: Mapping[str, Any]
    versions: Sequence[Version] = ()
    version: str = ""
    scale: tuple[float, float] | None = None

    def by_version(self, name: str, sha256: str | None) -> Vocabulary | str:
        """Return the vocabulary of the version a file names, with this content where it says so, or why there is none.

        A version of the same content stands for one that is not known here.
        """
        namesakes = [version for version in self.versions if version.name == name and sha256 in (None, version.sha256)]
        twins = [version for version in self.versions if version.sha256 == sha256]
        # By name first: of two versions with one content, the answer keeps the one it was given by.
        for version in namesakes + twins:
            return replace(self, rubric=version.rubric, version=version.name)
        is_known = any(version.name == name for version in self.versions)
        problem = "has another content here" if is_known else "is not known here"
        accepted = ", ".join(version.name for version in self.versions)
        return f"{name!r} {problem}; accepted: {accepted}, or one with the same content as one of these"

    def exact_attribute(self, name: str) -> str | None:
        """Return the key of an attribute by its whole name; the first words of one may be anything in a header."""
        key = self.attribute(name)
        return key if key and _plain(name) in self._names_of(key) else None

    def _names_of(self, key: str) -> set[str]:
        aliases = {alias for alias, meant in ATTRIBUTE_ALIASES.items() if meant == key}
        mapped = {_plain(name) for name, meant in self.mapping.get("attributes", {}).items() if meant == key}
        return aliases | mapped | {_plain(text) for text in (key, *self.rubric.by_key[key].name.values())}

    def attribute(self, name: str) -> str | None:
        """Return the key of an attribute, None when nothing is called so."""
        return self._find(name, "attributes", {key: it.name for key, it in self.rubric.by_key.items()})

    def subcategory(self, name: str) -> str | None:
        """Return the key of a subcategory; the first words of a name do where no other begins so."""
        return self._find(name, "subcategories", {key: it.name for key, it in self.rubric.subcategories.items()})

    def image(self, *names: str) -> str:
        """Return what an image is called here, by the first of its names that the mapping has, else by the last."""
        images = self.mapping.get("images", {})
        return str(next((images[name] for name in names if name in images), names[-1]))

    def column(self, name: str) -> str:
        """Return our name of a column, empty where the mapping leaves it out, by itself or with all others by "*"."""
        columns = self.mapping.get("columns", {})
        return str(columns[name] or "") if name in columns else name

    @cached_property
    def leaves_others_out(self) -> bool:
        """Tell whether the mapping leaves out all columns that nobody knows."""
        return "*" in self.mapping.get("columns", {})

    def names_scale(self, name: str) -> bool:
        """Tell whether the mapping says on which scale the file has an attribute."""
        key = self.attribute(name)
        return key is not None and self.judging(key).scale is not None

    def judging(self, key: str) -> Vocabulary:
        """Return the vocabulary with the scale that the file has for an attribute."""
        scale = self.mapping.get("scale")
        if isinstance(scale, dict):
            named = {self.attribute(str(name)): bounds for name, bounds in scale.items()}
            scale = named.get(key)
        return replace(self, scale=(float(scale[0]), float(scale[1]))) if scale else self

    @cached_property
    def arm(self) -> str:
        """Return the arm declared for the whole file, empty where none is."""
        return str(self.mapping.get("arm", ""))

    def _find(self, name: str, kind: str, names: Mapping[str, Text]) -> str | None:
        our_name = self.mapping.get(kind, {}).get(name, name)
        plain_name = _plain(our_name)
        keys = {_plain(text): key for key, texts in names.items() for text in (key, *texts.values())}
        alias = ATTRIBUTE_ALIASES.get(plain_name) if kind == "attributes" else None
        if plain_name in keys or alias in names:
            return keys.get(plain_name, alias)
        matches = {key for text, key in keys.items() if plain_name and text.startswith(plain_name)}
        # Of two that begin so, taking either would be a guess.
        return matches.pop() if len(matches) == 1 else None


def _plain(name: Any) -> str:
    # Names of folders come from macOS with their accents apart.
    text = unicodedata.normalize("NFC", str(name)).lower()
    return "".join(character for character in text if character.isalnum())


def _is_scale(bounds: Any) -> bool:
    numbers = isinstance(bounds, list | tuple) and all(
        isinstance(bound, int | float) and not isinstance(bound, bool) and abs(bound) < 1e6 for bound in bounds
    )
    return numbers and len(bounds) == 2 and bounds[0] < bounds[1]
