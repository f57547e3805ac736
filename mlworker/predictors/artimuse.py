"""Ask ArtiMuse, from a checkpoint in its authors' format, for a score distribution and eight critiques of a picture.

The score is no generated text: the logits of 101 score tokens at the end of one prompt, softmax in float32, expectation
over 0 to 100 (Token As Score). The picture is encoded once; score and critiques share its features, and the critiques
decode as one batch, greedily. The published checkpoints give no scores of single attributes, so there are none here.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from mlworker import pictures
from mlworker.contract import AttributeProposal, OutOfMemory, PictureUnavailable, PredictorError, PrefillRequest

from .artimuse_checkpoint import IMAGE_TOKENS, Checkpoint, load_checkpoint, name_of
from .base import Answer, Predictor

SIDE = 448
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
MOST_NEW_TOKENS = 1024
# The authors' wording, to the byte: blanks at the ends of lines and the indentation move scores by many points.
SCORE_QUESTION = (
    "\n        Rate the aesthetics score of the image in 0-100. "
    "\n        In the output format, numbers are replaced by 2 corresponding letters, "
    "\n        and the mapping relationship is: "
    "\n        score 0 to 25: 0-aa, 1-ab, 2-ac, 3-ad, ... , 25-az,"
    "\n        score 26 to 50: 26-ca, 27-cb, 28-cc, 29-cd, ..., 50-cy,"
    "\n        score 51 to 75: 51-da, 52-db, 53-dc, 54-dd, ..., 75-dy,"
    "\n        score 76 to 100: 76-ea, 77-eb, 78-ec, 79-ed, ..., 100-ey."
    "\n"
    "\n        The answer only outputs 2 corresponding letters."
    "\n        "
)
CRITIQUE_QUESTION = "Please evaluate the aesthetic quality of this image from the aspect of {}."


@dataclass(frozen=True)
class Look:
    """Hold what the model made of one picture: 101 score logits, and for each question its new ids and its text."""

    logits: tuple[float, ...]
    critiques: dict[str, tuple[list[int], str]]


def prompt(system: str, question: str) -> str:
    """Return the whole prompt for a question about one picture."""
    picture = "<img>" + "<IMG_CONTEXT>" * IMAGE_TOKENS + "</img>"
    return (
        f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{picture}\n{question}<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def pixels(path: Path) -> Any:
    """Return the picture as the authors prepare it: float32 of 1 x 3 x 448 x 448; raises PictureUnavailable."""
    try:
        with Image.open(path) as opened:
            scaled = opened.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    except pictures.UNDECODABLE as error:
        raise PictureUnavailable(f"picture {path.name!r} cannot be decoded: {error}") from error
    values = np.asarray(scaled, dtype=np.float32) / np.float32(255)
    centred = (values - np.array(MEAN, dtype=np.float32)) / np.array(DEVIATION, dtype=np.float32)
    return np.ascontiguousarray(centred.transpose(2, 0, 1)[None])


def folder_named() -> Path:
    """Return the folder of the checkpoint (`MLWORKER_ARTIMUSE`); raises PredictorError."""
    named = os.environ.get("MLWORKER_ARTIMUSE", "")
    if not named:
        raise PredictorError("MLWORKER_ARTIMUSE: the folder of a checkpoint in the authors' format is needed")
    if not Path(named).is_dir():
        raise PredictorError(f"MLWORKER_ARTIMUSE: {named} is no folder")
    return Path(named)


class Version:
    """Be the predictor's version: what names the checkpoint in its folder."""

    def __get__(self, instance: ArtiMuse | None, owner: type[ArtiMuse]) -> str:
        """Return the version without loading the model; raises PredictorError."""
        return name_of(folder_named() if instance is None else instance.folder)


class ArtiMuse(Predictor[Any, Look]):
    """Answer with a checkpoint of the ArtiMuse family; the folder is named by MLWORKER_ARTIMUSE."""

    name: ClassVar[str] = "artimuse"
    description: ClassVar[str] = "ArtiMuse or a sibling, from a folder in its authors' format (MLWORKER_ARTIMUSE)"

    version = Version()

    def __init__(self, folder: Path | None = None, *, most_new_tokens: int = MOST_NEW_TOKENS) -> None:
        self.folder = folder or folder_named()
        self.most_new_tokens = most_new_tokens

    @cached_property
    def device(self) -> str:
        """Return where the model runs."""
        import torch  # noqa: PLC0415  heavy

        return "cuda" if torch.cuda.is_available() else "cpu"

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """Return the model, read once: bfloat16 on a GPU, float32 on a CPU."""
        import torch  # noqa: PLC0415  heavy

        dtype = torch.bfloat16 if self.device == "cuda" else torch.float32
        return load_checkpoint(self.folder, device=self.device, dtype=dtype)

    def prepare(self, request: PrefillRequest, path: Path) -> Any:
        """Return the picture's pixels with the questions asked."""
        return pixels(path), tuple(question.name for question in request.attributes)

    def infer(self, prepared: Any) -> Look:
        """Look at the picture once, score it and criticise it; raises OutOfMemory."""
        import torch  # noqa: PLC0415  heavy

        values, questions = prepared
        try:
            with torch.inference_mode():
                features = self.features(values)
                return Look(tuple(self.score_logits(features)), self.critiques(features, questions))
        except torch.OutOfMemoryError as error:
            raise OutOfMemory("the picture did not fit into the GPU's memory") from error

    def features(self, values: Any) -> Any:
        """Return the picture's 256 vectors in the language model's space."""
        import torch  # noqa: PLC0415  heavy

        model = self.checkpoint.model
        tensor = torch.from_numpy(values).to(self.device, model.dtype)
        found = model.model.get_image_features(
            pixel_values=tensor, vision_feature_layer=-1, vision_feature_select_strategy="default"
        )
        return getattr(found, "pooler_output", found).reshape(IMAGE_TOKENS, -1)

    def embedded(self, ids: Any, features: Any) -> Any:
        """Return the prompt's embeddings with the picture in its place."""
        vectors = self.checkpoint.model.get_input_embeddings()(ids).clone()
        vectors[ids == self.checkpoint.image_id] = features.repeat(len(ids), 1).to(vectors.dtype)
        return vectors

    def ids(self, question: str) -> list[int]:
        """Return the prompt of a question as ids."""
        text = prompt(self.checkpoint.system_message, question)
        return list(self.checkpoint.tokenizer(text, add_special_tokens=False)["input_ids"])

    def score_logits(self, features: Any) -> list[float]:
        """Return the logits of the 101 score tokens, in float32."""
        import torch  # noqa: PLC0415  heavy

        ids = torch.tensor([self.ids(SCORE_QUESTION)], device=self.device)
        said = self.checkpoint.model(inputs_embeds=self.embedded(ids, features), logits_to_keep=1, use_cache=False)
        return [float(logit) for logit in said.logits[0, -1].float()[self.checkpoint.score_ids]]

    def critiques(self, features: Any, questions: Sequence[str]) -> dict[str, tuple[list[int], str]]:
        """Return for each question the new ids and the text; all decode together, padded on the left."""
        import torch  # noqa: PLC0415  heavy

        if not questions:
            return {}
        stop = self.checkpoint.stop_id
        asked = [self.ids(CRITIQUE_QUESTION.format(question)) for question in questions]
        longest = max(map(len, asked))
        ids = torch.tensor([[stop] * (longest - len(one)) + one for one in asked], device=self.device)
        mask = torch.tensor([[0] * (longest - len(one)) + [1] * len(one) for one in asked], device=self.device)
        new = self.checkpoint.model.generate(
            inputs_embeds=self.embedded(ids, features),
            attention_mask=mask,
            max_new_tokens=self.most_new_tokens,
            do_sample=False,
            eos_token_id=stop,
            pad_token_id=stop,
        )
        return {question: self.text(row.tolist()) for question, row in zip(questions, new, strict=True)}

    def text(self, ids: list[int]) -> tuple[list[int], str]:
        """Cut an answer behind its stop and return its ids and its text as the authors' decoder writes it."""
        stop = self.checkpoint.stop_id
        kept = ids[: ids.index(stop) + 1] if stop in ids else ids
        words = [one for one in kept if one not in self.checkpoint.dropped_ids]
        text = self.checkpoint.tokenizer.decode(words, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        return kept, str(text).strip()

    def read(self, request: PrefillRequest, inferred: Look) -> Answer:
        """Return the expected score, its distribution and the critiques."""
        logits = np.array(inferred.logits, dtype=np.float64)
        weights = np.exp(logits - logits.max())
        distribution = weights / weights.sum()
        return Answer(
            score=float(distribution @ np.arange(101)),
            distribution=tuple(float(probability) for probability in distribution),
            attributes={
                question.key: AttributeProposal(critique=inferred.critiques[question.name][1])
                for question in request.attributes
            },
            provenance={
                "checkpoint_sha256": self.checkpoint.sha256,
                "prompt_sha256": hashlib.sha256(
                    prompt(self.checkpoint.system_message, SCORE_QUESTION).encode()
                ).hexdigest(),
                "device": self.device,
                "dtype": str(self.checkpoint.model.dtype).removeprefix("torch."),
                "torch": installed("torch"),
                "transformers": installed("transformers"),
            },
        )
