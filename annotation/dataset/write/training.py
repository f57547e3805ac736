"""Write what fine-tuning programs read, from the same rows: JSON lines that name images as `images/..`.

Learnt from are critiques of answers that count, so nothing a model had a part in, and the released scores. Preference
pairs are the exception and the point: where a rater edited a prefilled critique, the edit is chosen over the
prefill. What a program would take for a tag of its own, an image or the end of a turn, is broken in all texts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from annotation.dataset.contents.splits import SPLITS
from annotation.dataset.contents.views import image_path
from annotation.dataset.format.canonical import line, page
from annotation.dataset.format.special_tags import break_tags
from annotation.rubric.schema import Rubric

FOLDER = "formats"
QUESTIONS = {
    "en": "Please evaluate the aesthetic quality of this image from the aspect of {}.",
    "zh-hans": "请从{}的角度评价这张图像的审美质量。",
}
SCORE_QUESTION = "Please rate the aesthetic quality of this image from {} to {}."

Row = Mapping[str, Any]


class Example(NamedTuple):
    """One question about an image and its answer; `rejected` is an answer that was not good enough."""

    name: str
    image: str
    width: int
    height: int
    question: str
    annotation: Any
    rejected_text: str = ""


def examples(row: Row, critiques: Sequence[Row], file_name: str, rubric: Rubric) -> dict[str, list[Example]]:
    """Return what is to be learnt from an image and its rows of the view `critiques`, by the kind of file it goes into.

    "" holds the critiques of answers that count; "-preferences" the critiques that raters made of a model's, whatever
    the arm; "-scores" the released score.
    """
    counted_critiques = [critique for critique in critiques if critique["counted"]]
    edited_critiques = [
        critique for critique in critiques if critique["critique_origin"] == "edited" and not critique["imported"]
    ]
    pairs = [critique for critique in edited_critiques if critique["prefill"]]
    question = SCORE_QUESTION.format(rubric.scale.minimum, rubric.scale.maximum)
    score = Example(row["sha256"], image_path(file_name), row["width"], row["height"], question, row["gt_score"])
    return {
        "": [_example(row, critique, f"-{number}", rubric) for number, critique in enumerate(counted_critiques)],
        "-preferences": [_example(row, pair, f"-p{number}", rubric) for number, pair in enumerate(pairs)],
        "-scores": [score],
    }


def _example(row: Row, critique: Row, suffix: str, rubric: Rubric) -> Example:
    language = critique["language"] or "en"
    words = rubric.by_key[critique["attribute"]].name
    question = QUESTIONS.get(language, QUESTIONS["en"]).format(words.get(language, words["en"]))
    name, size = row["sha256"] + suffix, (row["width"], row["height"])
    texts = map(break_tags, (question, critique["critique"], critique["prefill"] or ""))
    return Example(name, critique["image"], *size, *texts)


def internvl(example: Example) -> dict[str, Any]:
    """Return a conversation as InternVL and LLaVA read it."""
    question = {"from": "human", "value": f"<image>\n{example.question}"}
    return {
        "id": example.name,
        "image": example.image,
        "width": example.width,
        "height": example.height,
        "conversations": [question, {"from": "gpt", "value": example.annotation}],
    }


def messages(example: Example) -> dict[str, Any]:
    """Return messages as ms-swift and, as ShareGPT, LLaMA-Factory read them."""
    return {"messages": [_question_of(example), _reply_of(example.annotation)], "images": [example.image]}


def swift_preference(example: Example) -> dict[str, Any]:
    """Return a preference pair as ms-swift reads it."""
    return messages(example) | {"rejected_response": example.rejected_text}


def swift_score(example: Example) -> dict[str, Any]:
    """Return the released score as a label for regression with ms-swift."""
    return {"messages": [_question_of(example)], "images": [example.image], "label": [example.annotation]}


def factory_preference(example: Example) -> dict[str, Any]:
    """Return a preference pair as LLaMA-Factory reads it."""
    pair = {
        "messages": [_question_of(example)],
        "chosen": _reply_of(example.annotation),
        "rejected": _reply_of(example.rejected_text),
    }
    return pair | {"images": [example.image]}


def trl(example: Example) -> dict[str, Any]:
    """Return messages in parts as TRL reads them."""
    return {
        "messages": [_question_in_parts(example), _reply_of([_text(example.annotation)])],
        "images": [example.image],
    }


def trl_preference(example: Example) -> dict[str, Any]:
    """Return a preference pair as TRL reads it."""
    chosen_reply, rejected_reply = ([_reply_of([_text(text)])] for text in (example.annotation, example.rejected_text))
    return {
        "prompt": [_question_in_parts(example)],
        "chosen": chosen_reply,
        "rejected": rejected_reply,
        "images": [example.image],
    }


def _question_of(example: Example) -> dict[str, str]:
    # ms-swift and LLaMA-Factory put the image where this tag stands.
    return {"role": "user", "content": f"<image>{example.question}"}


def _reply_of(content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content}


def _question_in_parts(example: Example) -> dict[str, Any]:
    # Parts carry the same keys, as all members of a list are of one type to `datasets`.
    return {"role": "user", "content": [{"type": "image", "text": None}, _text(example.question)]}


def _text(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


# The file of a split is `formats/NAME/SPLIT{KIND}.jsonl`.
FORMATS: dict[tuple[str, str], Callable[[Example], dict[str, Any]]] = {
    ("internvl", ""): internvl,
    ("ms-swift", ""): messages,
    ("ms-swift", "-scores"): swift_score,
    ("ms-swift", "-preferences"): swift_preference,
    ("llama-factory", "-preferences"): factory_preference,
    ("trl", ""): trl,
    ("trl", "-preferences"): trl_preference,
}


# Where LLaMA-Factory finds each kind: the messages are those of ms-swift.
FACTORY = {"": "ms-swift", "-preferences": "llama-factory"}


def path_of(name: str, kind: str, split: str) -> str:
    """Return where a format's file of a split lies within the release."""
    return f"{FOLDER}/{name}/{split}{kind}.jsonl"


class TrainingWriter(ExitStack):
    """The lines of all formats below a folder, written as rows pass by; a file that would be empty is not made."""

    def __init__(self, folder: Path, rubric: Rubric) -> None:
        super().__init__()
        self._folder, self._rubric = folder, rubric
        self._files: dict[str, Any] = {}
        self.lines: Counter[str] = Counter()

    def add(self, row: Row, critiques: Sequence[Row], file_name: str) -> None:
        """Write the lines of one image, whose rows of the view `critiques` are given too."""
        by_kind = examples(row, critiques, file_name, self._rubric)
        for (name, kind), render in FORMATS.items():
            if by_kind[kind]:
                path = path_of(name, kind, row["split"])
                self._file(path).writelines(line(render(example)) for example in by_kind[kind])
                self.lines[path] += len(by_kind[kind])

    def _file(self, path: str) -> Any:
        if path not in self._files:
            (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
            self._files[path] = self.enter_context((self._folder / path).open("wb"))
        return self._files[path]


def describe(name: str, lines: Mapping[str, int]) -> dict[str, str]:
    """Return the pages by which InternVL and LLaMA-Factory find the files of release `name`, by where they go.

    `lines` holds how many lines each file has. Paths begin at the release's folder.
    """
    paths = [(split, path) for split in SPLITS if lines.get(path := path_of("internvl", "", split))]
    if not paths:
        return {}
    meta = {
        f"{name}-{split}": {
            "root": ".",
            "annotation": path,
            "data_augment": False,
            "max_dynamic_patch": 12,
            "repeat_time": 1,
            "length": lines[path],
        }
        for split, path in paths
    }
    info = {
        f"{name}-{split}{kind}": _factory_entry(path, ranking=bool(kind))
        for split in SPLITS
        for kind, path in ((kind, path_of(FACTORY[kind], kind, split)) for kind in FACTORY)
        if lines.get(path)
    }
    return {f"{FOLDER}/internvl/meta.json": page(meta), f"{FOLDER}/llama-factory/dataset_info.json": page(info)}


def _factory_entry(path: str, *, ranking: bool) -> dict[str, Any]:
    name, file_name = PurePosixPath(path).parts[1:]
    columns = {"messages": "messages", "images": "images"}
    entry: dict[str, Any] = {
        "file_name": file_name if name == "llama-factory" else f"../{name}/{file_name}",
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
