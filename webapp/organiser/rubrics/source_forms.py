"""The form of a whole rubric as YAML."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.errors import RubricInvalid
from annotation.rubric.source import MOST_CHARACTERS, load
from webapp.wording import say


class SourceForm(forms.Form):
    """A whole rubric as YAML, typed or as a file."""

    file = forms.FileField(
        label=_("A file instead"), required=False, help_text=_("YAML in UTF-8; it goes before the text.")
    )
    source = forms.CharField(
        label=_("Source"),
        required=False,
        # YAML means something by the spaces before its first line.
        strip=False,
        widget=forms.Textarea({"rows": 32, "spellcheck": "false", "class": "source"}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Read the file or the text, and keep its data in `content` and its text in `text`."""
        values = super().clean() or self.cleaned_data
        self.text = values.get("source", "")
        try:
            if values.get("file"):
                # A character has at most four bytes: what is longer cannot be read, and is not taken into memory.
                self.text = values["file"].read(4 * MOST_CHARACTERS + 1).decode("utf-8")
            self.content = load(self.text)
        except UnicodeDecodeError as error:
            words = _("UTF-8 text is accepted; byte %(place)s is something else.")
            raise forms.ValidationError(words, params={"place": error.start}) from error
        except RubricInvalid as error:
            raise forms.ValidationError(say(error)) from error
        return values

    def keep(self, seen: str | None = None) -> None:
        """Show the text that was read, a file's included, and send it the next time on top of the draft `seen`."""
        # No browser fills a file in again, so its text goes on as if it had been typed.
        data = {**self.data.dict(), "source": self.text}  # type: ignore[attr-defined]
        self.data = data if seen is None else {**data, "seen": seen}
