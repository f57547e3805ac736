"""What the domain says, in the reader's language."""

from __future__ import annotations

import ast
from pathlib import Path

from django.utils import translation

from annotation.errors import AnnotationInvalid, Conflict
from annotation.phrases import phrase
from tests.harness.installation import ROOT
from webapp.wording import say, translate

REFUSALS = {"BadInput", "Conflict", "RubricInvalid", "ReleaseRefused", "AnnotationInvalid"}
# Said on the command line only, or in the log of a task.
ENGLISH = {
    "benchmarks.py", "folder.py", "import_images.py", "parquet.py", "images.py", "read_table.py", "shards.py",
    "sources.py", "withdraw.py",
}  # fmt: skip


def test_a_phrase_and_the_phrases_in_it_are_translated():
    text = phrase("Version %(version)s is taken; releases never change. Choose a higher one.", version=phrase("Title"))
    assert text == "Version Title is taken; releases never change. Choose a higher one."
    with translation.override("zh-hans"):
        assert translate(text).startswith("版本 标题 ")
    assert translate("as it was given") == "as it was given"


def test_an_error_speaks_the_readers_language_and_english_in_the_log():
    error = Conflict(phrase("Title"))
    several = AnnotationInvalid({"scores.theme": phrase("Title"), "key": "as it was given"})
    with translation.override("zh-hans"):
        assert say(error) == "标题"
        assert say(several) == "scores.theme: 标题; key: as it was given"
        assert (str(error), str(several)) == ("Title", "scores.theme: Title; key: as it was given")


def test_whatever_is_refused_can_be_said_in_another_language():
    sources = [path for room in ("annotation", "webapp") for path in sorted((ROOT / room).rglob("*.py"))]
    plain = {
        path.name: found
        for path in sources
        if path.name not in ENGLISH and "commands" not in path.parts and (found := plain_messages(path))
    }
    assert plain == {}


def plain_messages(path: Path) -> list[str]:
    """Return the messages of refusals in a source file that are plain text."""
    return [
        f"line {node.lineno}: {ast.unparse(message)}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS
        for argument in node.args[:1]
        for message in (argument.values if isinstance(argument, ast.Dict) else [argument])
        if isinstance(message, ast.JoinedStr | ast.Constant)
    ]
