"""The prompts of ArtiMuse and UniPercept as their authors wrote them, to the byte.

Blanks at the ends of lines, indentation and even the slips of the pen were there when the models were trained; without
them scores move by many points.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

IMAGE_TOKENS = 256
IMAGE = "<img>" + "<IMG_CONTEXT>" * IMAGE_TOKENS + "</img>"


@dataclass(frozen=True)
class Wording:
    """How one family of checkpoints is asked: the whole turns of the user, the image in its place."""

    name: str
    score: str
    critique: str  # With {} for the attribute's name.

    def score_prompt(self, system: str) -> str:
        return prompt(system, self.score)

    def critique_prompt(self, system: str, attribute: str) -> str:
        return prompt(system, self.critique.format(attribute))

    def sha256(self, system: str) -> str:
        """Return what names the prompts: the hash of the score's and the critique's, the attribute left open."""
        return hashlib.sha256((self.score_prompt(system) + prompt(system, self.critique)).encode()).hexdigest()


ARTIMUSE = Wording(
    "artimuse",
    IMAGE + "\n"
    "\n        Rate the aesthetics score of the image in 0-100. "
    "\n        In the output format, numbers are replaced by 2 corresponding letters, "
    "\n        and the mapping relationship is: "
    "\n        score 0 to 25: 0-aa, 1-ab, 2-ac, 3-ad, ... , 25-az,"
    "\n        score 26 to 50: 26-ca, 27-cb, 28-cc, 29-cd, ..., 50-cy,"
    "\n        score 51 to 75: 51-da, 52-db, 53-dc, 54-dd, ..., 75-dy,"
    "\n        score 76 to 100: 76-ea, 77-eb, 78-ec, 79-ed, ..., 100-ey."
    "\n"
    "\n        The answer only outputs 2 corresponding letters."
    "\n        ",
    IMAGE + "\nPlease evaluate the aesthetic quality of this image from the aspect of {}.",
)
# Read in two public copies of its authors' code, of which the score question is the same to the byte; not tried on its
# weights. No line break follows the image, and the last line of letters has a slip that is the authors' own.
UNIPERCEPT = Wording(
    "unipercept",
    IMAGE + "Rate the aesthetics score of the image in 0-100. In the output format, numbers are replaced by 2 "
    "corresponding letters, and the mapping relationship is: score 0 to 25: 0-aa, 1-ab, 2-ac, 3-ad, ... , 25-az, "
    "\nscore 26 to 50: 26-ca, 27-cb, 28-cc, 29-cd, ..., 50-cy, "
    "\nscore 51 to 75: 51-da, 52-db, 53-dc, 54-dd, ..., 75-dy, "
    "\nscore 76 to 100: 76-ea, 77-eb, 73-ec, 74-ed, ..., 100-ey. "
    "\nThe answer only outputs 2 corresponding letters.",
    IMAGE + "\nPlease evaluate the aesthetic quality of this image from the attribute of {}.",
)


def wording_for(name: str) -> Wording:
    """Return the wording for a checkpoint by the last part of its name: UniPercept's has it in there."""
    return UNIPERCEPT if "unipercept" in name.rpartition("/")[2].lower() else ARTIMUSE


def prompt(system: str, user_message: str) -> str:
    """Return a whole prompt: the system's words, the user's, and the start of the answer."""
    return (
        f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{user_message}<|im_end|>\n<|im_start|>assistant\n"
    )
