"""Write what fine-tuning programs read, from the same rows: JSON lines that name pictures as `images/..`.

Learnt from are critiques of answers that count, so nothing a model had a part in, and the released scores. Preference
pairs are the exception and the point: where a rater edited the critique a model proposed, the edit is chosen over the
proposal.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from annotation.rubric import Rubric

from .canonical import line, page
from .facts import ReleaseFacts
from .splits import SPLITS
from .views import critiques, picture_path

FOLDER = "formats"
ASK = {
    "en": "Please evaluate the aesthetic quality of this image from the aspect of {}.",
    "zh-hans": "请从{}的角度评价这张图像的审美质量。",
}
ASK_SCORE = "Please rate the aesthetic quality of this image from {} to {}."

Row = Mapping[str, Any]
Lines = Iterator[dict[str, Any]]


@dataclass(frozen=True)
class Example:
    """Hold one question about a picture and its answer; `rejected` is an answer that was not good enough."""

    name: str
    picture: str
    width: int
    height: int
    question: str
    answer: str
    rejected: str = ""


def examples(row: Row, file_name: str, rubric: Rubric) -> Iterator[Example]:
    """Yield a question for each critique of an answer that counts."""
    found = (critique for critique in critiques(dict(row), file_name) if critique["counted"])
    for number, critique in enumerate(found):
        yield _example(row, critique, f"{row['sha256']}-{number}", rubric)


def preferences(row: Row, file_name: str, rubric: Rubric) -> Iterator[Example]:
    """Yield a pair for each critique that a rater made of the one a model had proposed, whatever the arm."""
    edited = (found for found in critiques(dict(row), file_name) if found["critique_origin"] == "edited")
    for number, critique in enumerate(found for found in edited if found["proposal"] and not found["imported"]):
        yield _example(row, critique, f"{row['sha256']}-p{number}", rubric, critique["proposal"])


def _example(row: Row, critique: Row, name: str, rubric: Rubric, rejected: str = "") -> Example:
    language = critique["language"] or "en"
    words = rubric.by_key[critique["attribute"]].name
    question = ASK.get(language, ASK["en"]).format(words.get(language, words["en"]))
    return Example(name, critique["image"], row["width"], row["height"], question, critique["critique"], rejected)


def internvl(row: Row, file_name: str, rubric: Rubric) -> Lines:
    """Yield conversations as InternVL and LLaVA read them."""
    for one in examples(row, file_name, rubric):
        yield {
            "id": one.name,
            "image": one.picture,
            "width": one.width,
            "height": one.height,
            "conversations": [
                {"from": "human", "value": f"<image>\n{one.question}"},
                {"from": "gpt", "value": one.answer},
            ],
        }


def messages(row: Row, file_name: str, rubric: Rubric) -> Lines:
    """Yield messages as ms-swift and, as ShareGPT, LLaMA-Factory read them."""
    for one in examples(row, file_name, rubric):
        yield {"messages": [_asked(one), _said(one.answer)], "images": [one.picture]}


def swift_preferences(row: Row, file_name: str, rubric: Rubric) -> Lines:
    """Yield preference pairs as ms-swift reads them."""
    for one in preferences(row, file_name, rubric):
        pair = {"messages": [_asked(one), _said(one.answer)], "rejected_response": one.rejected}
        yield pair | {"images": [one.picture]}


def factory_preferences(row: Row, file_name: str, rubric: Rubric) -> Lines:
    """Yield preference pairs as LLaMA-Factory reads them."""
    for one in preferences(row, file_name, rubric):
        pair = {"messages": [_asked(one)], "chosen": _said(one.answer), "rejected": _said(one.rejected)}
        yield pair | {"images": [one.picture]}


def swift_scores(row: Row, file_name: str, rubric: Rubric) -> Lines:
    """Yield the released score as a label for regression with ms-swift."""
    question = ASK_SCORE.format(rubric.scale.minimum, rubric.scale.maximum)
    asked = [{"role": "user", "content": f"<image>{question}"}]
    yield {"messages": asked, "images": [picture_path(file_name)], "label": [row["gt_score"]]}


def trl(row: Row, file_name: str, rubric: Rubric) -> Lines:
    """Yield messages in parts as TRL reads them."""
    for one in examples(row, file_name, rubric):
        said = {"role": "assistant", "content": [_text(one.answer)]}
        yield {"messages": [_asked_in_parts(one), said], "images": [one.picture]}


def trl_preferences(row: Row, file_name: str, rubric: Rubric) -> Lines:
    """Yield preference pairs as TRL reads them."""
    for one in preferences(row, file_name, rubric):
        chosen, rejected = ([{"role": "assistant", "content": [_text(said)]}] for said in (one.answer, one.rejected))
        yield {"prompt": [_asked_in_parts(one)], "chosen": chosen, "rejected": rejected, "images": [one.picture]}


def _asked(one: Example) -> dict[str, str]:
    return {"role": "user", "content": f"<image>{one.question}"}


def _said(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def _asked_in_parts(one: Example) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "image", "text": None}, _text(one.question)]}


def _text(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


# The file of a split is `formats/NAME/SPLIT[-KIND].jsonl`.
FORMATS: dict[tuple[str, str], Callable[[Row, str, Rubric], Lines]] = {
    ("internvl", ""): internvl,
    ("ms-swift", ""): messages,
    ("ms-swift", "-scores"): swift_scores,
    ("ms-swift", "-preferences"): swift_preferences,
    ("llama-factory", ""): messages,
    ("llama-factory", "-preferences"): factory_preferences,
    ("trl", ""): trl,
    ("trl", "-preferences"): trl_preferences,
}


def path_of(name: str, kind: str, split: str) -> str:
    """Return where a format's file of a split lies within the release."""
    return f"{FOLDER}/{name}/{split}{kind}.jsonl"


class TrainingWriter:
    """Write all formats as rows pass by; a file that would be empty is not made."""

    def __init__(self, folder: Path, facts: ReleaseFacts, rubric: Rubric) -> None:
        self._folder, self._facts, self._rubric = folder, facts, rubric
        self._files: dict[str, Any] = {}
        self._lines: Counter[str] = Counter()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()
        if kind is None:
            self._describe()

    def add(self, row: Row, file_name: str) -> None:
        """Write the lines of one image."""
        for (name, kind), lines in FORMATS.items():
            for record in lines(row, file_name, self._rubric):
                path = path_of(name, kind, row["split"])
                self._file(path).write(line(record) + "\n")
                self._lines[path] += 1

    def _file(self, path: str) -> Any:
        if path not in self._files:
            (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
            file = (self._folder / path).open("w", encoding="utf-8", newline="\n")
            self._files[path] = self._stack.enter_context(file)
        return self._files[path]

    def _describe(self) -> None:
        """Write the files by which InternVL and LLaMA-Factory find the others; paths begin at the release's folder."""
        there = [(split, path) for split in SPLITS if self._lines[path := path_of("internvl", "", split)]]
        if not there:
            return
        meta = {
            f"{self._facts.name}-{split}": {
                "root": ".",
                "annotation": path,
                "data_augment": False,
                "max_dynamic_patch": 12,
                "repeat_time": 1,
                "length": self._lines[path],
            }
            for split, path in there
        }
        (self._folder / FOLDER / "internvl" / "meta.json").write_text(page(meta), encoding="utf-8", newline="\n")
        info = {
            f"{self._facts.name}-{split}{kind}": _factory_entry(f"{split}{kind}.jsonl", ranking=bool(kind))
            for split in SPLITS
            for kind in ("", "-preferences")
            if self._lines[path_of("llama-factory", kind, split)]
        }
        listed = self._folder / FOLDER / "llama-factory" / "dataset_info.json"
        listed.write_text(page(info), encoding="utf-8", newline="\n")


def _factory_entry(file_name: str, *, ranking: bool) -> dict[str, Any]:
    columns = {"messages": "messages", "images": "images"}
    entry: dict[str, Any] = {
        "file_name": file_name,
        "formatting": "sharegpt",
        "columns": columns,
        "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"},
    }
    if ranking:
        entry |= {"ranking": True, "columns": columns | {"chosen": "chosen", "rejected": "rejected"}}
    return entry


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Return the records of a file. Raise ValueError for a line that is not JSON."""
    if path.is_file():
        with path.open(encoding="utf-8", newline="\n") as file:
            for text in file:
                yield json.loads(text)
