"""Time score and eight critiques of an image against the authors' way: nine calls, each encoding the image.

The model is a mid-size InternVL with random weights, in float32 on the CPU; both ways write the same number of tokens.
"""

from __future__ import annotations

import sys
import time
from importlib.util import find_spec
from typing import Any

import numpy as np

from mlworker.attributes import ATTRIBUTES

from .__main__ import Row, best_of

NEW_TOKENS = 32
TOGETHER = 2
TARGET = 0.333  # At least three times as fast.
TEXT = {
    "hidden_size": 384, "intermediate_size": 1024, "num_hidden_layers": 6,
    "num_attention_heads": 6, "num_key_value_heads": 2, "vocab_size": 8192,
}  # fmt: skip
VISION = {"hidden_size": 192, "intermediate_size": 768, "num_hidden_layers": 3, "num_attention_heads": 3}
QUESTIONS = [attribute.name for attribute in ATTRIBUTES]


def run() -> list[Row]:
    """Return two rows: one image alone, and one of several that are looked at together; none without torch."""
    if not find_spec("torch"):
        print("model: left out, as torch is not installed (requirements-worker.lock)", file=sys.stderr)
        return []
    from mlworker.predictors.artimuse.batch import look  # noqa: PLC0415
    from mlworker.predictors.artimuse.prompts import ARTIMUSE  # noqa: PLC0415

    checkpoint = random_checkpoint(TEXT, VISION)
    images = np.random.default_rng(1).normal(size=(TOGETHER, 3, 448, 448)).astype(np.float32)
    alone, theirs = best_of(
        lambda: look(checkpoint, ARTIMUSE, images[:1], QUESTIONS, most_new_tokens=NEW_TOKENS),
        lambda: one_by_one(checkpoint, ARTIMUSE, images[:1]),
        rounds=2,
    )
    start = time.perf_counter()
    look(checkpoint, ARTIMUSE, images, QUESTIONS, most_new_tokens=NEW_TOKENS)
    each = (time.perf_counter() - start) / TOGETHER
    against = "nine calls that each encode the image"
    return [
        Row("score and 8 critiques, an image alone", alone, theirs, against, TARGET),
        Row(f"the same, {TOGETHER} images together, for each", each, theirs, against, TARGET),
    ]


def random_checkpoint(text: dict[str, int], vision: dict[str, int], **options: Any) -> Any:
    """Return a checkpoint of these sizes with random weights, whose critiques never end by themselves."""
    from mlworker.predictors.artimuse import checkpoint as reading  # noqa: PLC0415
    from tests.harness.random_checkpoint import FIXTURE, Sizes, native_model  # noqa: PLC0415

    tokenizer = reading.load_tokenizer(FIXTURE)
    image_id, stop_id, *ids = reading.single_ids(tokenizer, ["<IMG_CONTEXT>", "<|im_end|>", *reading.score_tokens()])
    model = native_model(Sizes(text, vision, qk_norm=False), image_id=image_id, seed=1, **options)
    model.lm_head.weight[stop_id] = 0  # Never the greatest of thousands.
    return reading.Checkpoint(model, tokenizer, ids, image_id, stop_id, frozenset(), "None", "random")


def one_by_one(checkpoint: Any, wording: Any, image: Any) -> None:
    """Ask as the authors' scripts do: the score by a call of its own, then a call a critique, all from the image."""
    import torch  # noqa: PLC0415

    from mlworker.predictors.artimuse.batch import prompts  # noqa: PLC0415

    score, asked = prompts(checkpoint, wording, QUESTIONS)
    model = checkpoint.model
    given = {"pixel_values": torch.from_numpy(image).to(model.device, model.dtype)}
    with torch.inference_mode():
        model(input_ids=torch.tensor([score], device=model.device), **given)
        for ids in asked:
            prompt = torch.tensor([ids], device=model.device)
            limits = {"max_new_tokens": NEW_TOKENS, "min_new_tokens": NEW_TOKENS, "do_sample": False}
            model.generate(input_ids=prompt, attention_mask=torch.ones_like(prompt), pad_token_id=0, **given, **limits)
