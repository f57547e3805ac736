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
IMAGES_TOGETHER = 2
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
        print("model: left out, as torch is not installed (requirements-tests-worker.lock)", file=sys.stderr)
        return []
    from mlworker.predictors.artimuse.batch import infer_images  # noqa: PLC0415
    from mlworker.predictors.artimuse.prompts import ARTIMUSE  # noqa: PLC0415

    checkpoint = random_checkpoint(TEXT, VISION)
    images = np.random.default_rng(1).normal(size=(IMAGES_TOGETHER, 3, 448, 448)).astype(np.float32)
    seconds_alone, nine_calls = best_of(
        lambda: infer_images(checkpoint, ARTIMUSE, images[:1], QUESTIONS, most_new_tokens=NEW_TOKENS),
        lambda: infer_one_by_one(checkpoint, ARTIMUSE, images[:1]),
        rounds=2,
    )
    start = time.perf_counter()
    infer_images(checkpoint, ARTIMUSE, images, QUESTIONS, most_new_tokens=NEW_TOKENS)
    seconds_together = (time.perf_counter() - start) / IMAGES_TOGETHER
    reference = "nine calls that each encode the image"
    return [
        Row("score and 8 critiques, an image alone", seconds_alone, nine_calls, reference, TARGET),
        Row(f"the same, {IMAGES_TOGETHER} images together, for each", seconds_together, nine_calls, reference, TARGET),
    ]


def random_checkpoint(text: dict[str, int], vision: dict[str, int], **options: Any) -> Any:
    """Return a checkpoint of these sizes with random weights, whose critiques never end by themselves."""
    from mlworker.predictors.artimuse import checkpoint as artimuse  # noqa: PLC0415
    from tests.harness.random_checkpoint import FIXTURE, Sizes, native_model  # noqa: PLC0415

    tokenizer = artimuse.load_tokenizer(FIXTURE)
    image_id, stop_id, *ids = artimuse.single_ids(tokenizer, ["<IMG_CONTEXT>", "<|im_end|>", *artimuse.score_tokens()])
    model = native_model(Sizes(text, vision, qk_norm=False), image_id=image_id, seed=1, **options)
    model.lm_head.weight[stop_id] = 0  # Never the greatest of thousands.
    return artimuse.Checkpoint(model, tokenizer, ids, image_id, stop_id, frozenset(), "None", "random")


def infer_one_by_one(checkpoint: Any, wording: Any, pixels: Any) -> None:
    """Ask as the authors' scripts do: the score by a call of its own, then a call a critique, all from the image."""
    import torch  # noqa: PLC0415

    from mlworker.predictors.artimuse.batch import prompt_ids  # noqa: PLC0415

    score_ids, question_ids = prompt_ids(checkpoint, wording, QUESTIONS)
    model = checkpoint.model
    image = {"pixel_values": torch.from_numpy(pixels).to(model.device, model.dtype)}
    with torch.inference_mode():
        model(input_ids=torch.tensor([score_ids], device=model.device), **image)
        for ids in question_ids:
            prompt = torch.tensor([ids], device=model.device)
            limits = {"max_new_tokens": NEW_TOKENS, "min_new_tokens": NEW_TOKENS, "do_sample": False}
            model.generate(input_ids=prompt, attention_mask=torch.ones_like(prompt), pad_token_id=0, **image, **limits)
