"""Hold the Simplified Chinese wording to the English: complete, certain, with the same placeholders, and compiled."""

import ast
import itertools
import re
import shutil
from collections import Counter
from dataclasses import dataclass, field

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db.models import Field
from django.utils import translation

from annotation.agreement.coefficients.alpha import alpha
from annotation.agreement.coefficients.intervals import ALL_AGREE, TOO_FEW_RATERS, UNDEFINED_WITHOUT_ONE
from annotation.agreement.raters import alt_test, anchoring, severity
from annotation.agreement.ratings import Ratings
from annotation.agreement.report.fields import coefficient
from annotation.agreement.variance import components, decision
from tests.harness.installation import ROOT
from webapp.audit.reports.reasons import MORE_NOTES, NOTES

LOCALE = ROOT / "webapp" / "locale"
WORDING = LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w+\}|✦")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:!?()]|[,;!?()][\u4e00-\u9fff]|[\u4e00-\u9fff]\.(?!\w)")


@dataclass
class Message:
    """One entry of a catalogue; `sources` are the English singular and plural, `wordings` the translations."""

    flags: set[str] = field(default_factory=set)
    sources: list[str] = field(default_factory=list)
    wordings: list[str] = field(default_factory=list)


def read(path):
    """Return the messages of a catalogue, the header left out; obsolete entries do not count."""
    messages = [Message()]
    for line in path.read_text(encoding="utf-8").splitlines():
        message = messages[-1]
        if line.startswith("#"):
            if line.startswith("#,"):
                message.flags |= {flag.strip() for flag in line[2:].split(",")}
        elif line.startswith("msgid"):
            texts = message.sources
            texts.append("")
        elif line.startswith("msgstr"):
            texts = message.wordings
            texts.append("")
        elif not line and message.sources:
            messages.append(Message())
        if line and not line.startswith("#"):
            texts[-1] += ast.literal_eval(line[line.index('"') :])
    return [message for message in messages if any(message.sources)]


def untranslated(messages):
    return [message.sources[0] for message in messages if not all(message.wordings)]


def fuzzy(messages):
    return [message.sources[0] for message in messages if "fuzzy" in message.flags]


def with_other_placeholders(messages):
    """Return what says other placeholders than the English; a singular may leave out the number it stands for."""

    def placeholders(text):
        return Counter(PLACEHOLDER.findall(text))

    return [
        message.sources[0]
        for message in messages
        for wording in message.wordings
        if placeholders(wording) not in map(placeholders, message.sources)
    ]


@pytest.fixture(scope="module")
def wording():
    return read(WORDING)


def test_every_message_is_translated(wording):
    assert len(wording) > 400
    assert untranslated(wording) == []


def test_no_translation_is_a_guess(wording):
    assert fuzzy(wording) == []


def test_translations_keep_the_placeholders_of_the_english(wording):
    assert with_other_placeholders(wording) == []


def test_chinese_is_set_with_full_width_punctuation(wording):
    assert [text for message in wording for text in message.wordings if HALF_WIDTH.search(text)] == []


def test_no_wording_is_left_over_and_none_has_yet_to_be_collected(wording, settings, tmp_path, monkeypatch):
    if shutil.which("xgettext") is None:
        pytest.fail("xgettext is missing; install it by the package gettext")
    for room in ("webapp", "annotation"):
        ignore = shutil.ignore_patterns("__pycache__", "static", "locale")
        shutil.copytree(ROOT / room, tmp_path / room, ignore=ignore)
    settings.LOCALE_PATHS = [str(tmp_path / "locale")]
    (tmp_path / "locale").mkdir()
    monkeypatch.chdir(tmp_path)

    call_command("makemessages", locale=["zh_Hans"], no_location=True, verbosity=0)

    collected = read(tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po")
    assert {tuple(message.sources) for message in collected} == {tuple(message.sources) for message in wording}


def test_the_notes_of_a_report_are_translated():
    images, raters = zip(*itertools.product(range(3), ("alice", "bob")), strict=True)
    few = Ratings.of(images, raters, images)
    notes = {
        coefficient(Ratings.of([], [], []), "interval", seed=1, replicates=10)["note"],
        coefficient(few, "interval", seed=1, replicates=10)["note"],
        TOO_FEW_RATERS,
        ALL_AGREE,
        UNDEFINED_WITHOUT_ONE,
        alpha(Ratings.of(["image", "image"], ["alice", "bob"], [4, 4]), "interval").note,
    }
    assert notes == set(NOTES)
    with translation.override("zh-hans"):
        assert all(re.search(r"[\u4e00-\u9fff]", translation.gettext(note)) for note in notes)


def test_the_reasons_beside_other_figures_are_translated():
    written = [
        value for module in (alt_test, components, decision, anchoring, severity) for value in vars(module).values()
    ]
    assert [note for note in MORE_NOTES if note not in written] == []
    with translation.override("zh-hans"):
        assert all(re.search(r"[\u4e00-\u9fff]", translation.gettext(note)) for note in MORE_NOTES)


def test_what_is_missing_guessed_or_mangled_is_found(tmp_path):
    catalogue = tmp_path / "django.po"
    catalogue.write_text(
        'msgid ""\nmsgstr ""\n"Language: zh_Hans\\n"\n\n'
        'msgid "untold"\nmsgstr ""\n\n'
        '#, fuzzy\nmsgid "guessed"\nmsgstr "猜"\n\n'
        '#, python-brace-format\nmsgid "{done} of {total}"\nmsgstr "{done} / {all}"\n\n'
        'msgid "long "\n"%(name)s"\nmsgstr ""\n"长 "\n"%(name)s"\n\n'
        '#, python-format\nmsgid "%(n)s file"\nmsgid_plural "%(n)s files"\nmsgstr[0] "%(n)s 个文件"\n\n'
        '#~ msgid "gone"\n#~ msgstr ""\n',
        encoding="utf-8",
    )

    messages = read(catalogue)

    assert len(messages) == 5
    assert untranslated(messages) == ["untold"]
    assert fuzzy(messages) == ["guessed"]
    assert with_other_placeholders(messages) == ["{done} of {total}"]


def labels_of(model):
    """Return what the administration calls a table and its fields."""
    yield from (model._meta.verbose_name, model._meta.verbose_name_plural)
    for column in model._meta.get_fields():
        if isinstance(column, Field) and not column.primary_key:
            yield from (column.verbose_name, column.help_text, *(label for _, label in column.flatchoices))


def test_the_administration_calls_our_tables_and_their_fields_in_chinese():
    ours = [model for model in admin.site._registry if not model.__module__.startswith("django.")]
    assert len(ours) == 8
    with translation.override("zh-hans"):
        labels = {str(label) for model in ours for label in labels_of(model)} - {""}
    assert {label for label in labels if not re.search(r"[\u4e00-\u9fff]", label)} == {"SHA-256", "JPEG", "PNG", "WebP"}
