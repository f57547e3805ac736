"""Find what a person could read that was never given to the translators: in templates, scripts, forms and choices."""

import importlib
import re
from html.parser import HTMLParser

from django import forms
from django.db import models
from django.utils import translation

from tests.harness.installation import ROOT

TEMPLATES = sorted(ROOT.glob("webapp/**/templates/**/*.html"))
SCRIPTS = sorted(ROOT.glob("webapp/**/static/**/*.js"))
TEXTS = ROOT / "webapp" / "workspace" / "templates" / "workspace" / "parts.html"

LOGIC = re.compile(
    r"\{%\s*(?:blocktranslate|comment).*?\{%\s*end\w+\s*%\}"
    r"|\{%\s*block \w+_class\s*%\}.*?\{%\s*endblock\s*%\}"  # Names of classes, for nobody to read.
    r"|\{%.*?%\}|\{#.*?#\}|\{\{.*?\}\}|\{\w+\}",
    re.DOTALL,
)
READ = {"title", "alt", "aria-label", "aria-description", "aria-valuetext", "placeholder"}
NEVER_READ = {"script", "style", "code", "kbd"}
EMPTY = {"input", "br", "img", "meta", "link", "hr"}
# The name of the program, the languages by their own names, a unit.
SAME_EVERYWHERE = {"Connoisseur", "English", "中文", "SD"}
WORD = re.compile(r"[^\W\d_]{2,}")

COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
LITERAL = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`")
SENTENCE = re.compile(r"^[A-Z“][^\[\]<>{}=#]*[a-z]{2,} [^\[\]<>{}=#]*[a-z]{2,}|[\u4e00-\u9fff]")
CALLED = re.compile(r"\b(?:wording|hasWording)\(\s*\"([\w-]+)\"")
HAN = re.compile(r"[\u4e00-\u9fff]")
# Names of formats are names.
NAMES = {"JPEG", "PNG", "WebP", "TIFF", "GIF", "BMP", "AVIF", "JPEG XL", "YAML", "ICC"}


class Words(HTMLParser):
    """Collect what a page lets one read or hear."""

    def __init__(self):
        super().__init__()
        self.found = []
        self.inside = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            self.note(value or "" if name in READ else "")
        if tag not in EMPTY:
            self.inside.append(tag)

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if not NEVER_READ & set(self.inside):
            self.note(data)

    def note(self, words):
        self.found += [word for word in WORD.findall(words) if word not in SAME_EVERYWHERE]


def bare_words(template):
    """Return the words of a template that stand outside every tag that translates."""
    words = Words()
    words.feed(LOGIC.sub(" ", template))
    return words.found


def sentences(script):
    """Return the literals of a script that read like something said to a person."""
    literals = ("".join(groups) for groups in LITERAL.findall(COMMENT.sub("", script)))
    return [literal for literal in literals if SENTENCE.search(literal)]


def choices():
    """Return every choice of the models, named."""
    modules = [importlib.import_module(name) for name in ("annotation.models", "webapp.accounts.models")]
    kinds = {value for module in modules for value in vars(module).values() if isinstance(value, type)}
    kinds |= {value for kind in kinds for value in vars(kind).values() if isinstance(value, type)}
    return [choice for kind in kinds if issubclass(kind, models.TextChoices) for choice in kind]


def form_texts():
    """Return the labels and hints of all forms, each with the form and field it is of."""
    for path in sorted(ROOT.glob("webapp/**/*forms.py")):
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for form in vars(module).values():
            if isinstance(form, type) and issubclass(form, forms.BaseForm):
                for name, field in form.base_fields.items():
                    yield from ((f"{form.__name__}.{name}", said) for said in (field.label, field.help_text) if said)


def found(paths, find):
    """Return what is found in files, with their names."""
    said = {path.name: find(path.read_text(encoding="utf-8")) for path in paths}
    return {name: words for name, words in said.items() if words}


def test_no_template_says_anything_that_is_not_translated():
    assert len(TEMPLATES) > 50
    assert found(TEMPLATES, bare_words) == {}


def test_no_script_has_words_of_its_own():
    assert len(SCRIPTS) > 30
    assert found(SCRIPTS, sentences) == {}


def test_a_script_asks_only_for_texts_that_the_page_has():
    there = set(re.findall(r'data-text="([\w-]+)"', TEXTS.read_text(encoding="utf-8")))
    asked = {key for path in SCRIPTS for key in CALLED.findall(path.read_text(encoding="utf-8"))}
    assert asked - there == set()
    assert len(asked) > 30


def test_every_choice_has_a_chinese_name():
    with translation.override("zh-hans"):
        english = [str(choice.label) for choice in choices() if not HAN.search(str(choice.label))]
    assert [name for name in english if name not in NAMES] == []
    assert len(choices()) > 40


def test_every_field_of_a_form_has_a_chinese_label_and_hint():
    with translation.override("zh-hans"):
        english = [(of, str(said)) for of, said in form_texts() if not HAN.search(str(said))]
    assert english == []


def test_words_that_were_forgotten_are_found():
    template = (
        '{% block main_class %}narrow{% endblock %}<p title="Hint">Hello <code>go</code>{% translate "yes" %}</p>'
    )
    assert bare_words(template) == ["Hint", "Hello"]
    assert bare_words("{% blocktranslate %}fine{% endblocktranslate %}<b>{{ name }} {when}</b>Connoisseur") == []
    script = 'say("Nothing is left.");\n// Not this one.\none(root, "[data-x] button");\nsay(`Wait for ${name}`);'
    assert sentences(script) == ["Nothing is left.", "Wait for ${name}"]
