"""What the domain says, in the reader's language."""

from __future__ import annotations

from django.utils import translation

from annotation.errors import AnswerInvalid, Conflict
from annotation.phrases import phrase
from webapp.wording import say, translate


def test_a_phrase_and_the_phrases_in_it_are_translated():
    text = phrase("Version %(version)s is taken; releases never change. Choose a higher one.", version=phrase("Title"))
    assert text == "Version Title is taken; releases never change. Choose a higher one."
    with translation.override("zh-hans"):
        assert translate(text).startswith("版本 标题 ")
    assert translate("as it was given") == "as it was given"


def test_an_error_speaks_the_readers_language_and_english_in_the_log():
    error = Conflict(phrase("Title"))
    several = AnswerInvalid({"scores.theme": phrase("Title"), "key": "as it was given"})
    with translation.override("zh-hans"):
        assert say(error) == "标题"
        assert say(several) == "scores.theme: 标题; key: as it was given"
        assert (str(error), str(several)) == ("Title", "scores.theme: Title; key: as it was given")
