"""Several images at once, each read only once: one pass over image and system message for all questions.

What stands before the first word in which the prompts differ (the system message and the image's 256 vectors) goes
through the language model once an image. Its keys and values are then shared by the score, which is read off the end
of one prompt, and by the critiques, which decode greedily side by side; a critique that is done leaves the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from mlworker.predictors.torch_memory import memory_named

from .checkpoint import Checkpoint
from .prompts import Wording

Ids = list[int]


@dataclass(frozen=True)
class Look:
    """What the model made of one image: 101 score logits, and for each question its new ids and its text."""

    logits: tuple[float, ...]
    critiques: dict[str, tuple[Ids, str]]


def look(
    checkpoint: Checkpoint, wording: Wording, pixels: Any, questions: Sequence[str], *, most_new_tokens: int
) -> list[Look]:
    """Return what the model makes of each image (N x 3 x 448 x 448); raises OutOfMemory."""
    import torch  # noqa: PLC0415  heavy

    score, asked = prompts(checkpoint, wording, questions)
    prefix, (score, *asked) = parted([score, *asked])
    with memory_named("the images"), torch.inference_mode():
        shared = read_prefix(checkpoint, prefix, features_of(checkpoint, torch.from_numpy(pixels)))
        logits = score_logits(checkpoint, shared, score)
        written = decode(checkpoint, shared, len(prefix), asked, most_new_tokens) if asked else [()] * len(pixels)
    return [
        Look(tuple(points), {name: text_of(checkpoint, ids) for name, ids in zip(questions, answers, strict=True)})
        for points, answers in zip(logits, written, strict=True)
    ]


def prompts(checkpoint: Checkpoint, wording: Wording, questions: Sequence[str]) -> tuple[Ids, list[Ids]]:
    """Return the ids of the score's prompt and of each question's."""
    system = checkpoint.system_message
    texts = [wording.score_prompt(system), *(wording.critique_prompt(system, name) for name in questions)]
    first, *others = (list(checkpoint.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts)
    return first, others


def parted(whole: Sequence[Ids]) -> tuple[Ids, list[Ids]]:
    """Return the ids all prompts begin with, and what follows in each: at least one id."""
    longest = min(map(len, whole)) - 1
    shared = len(list(takewhile(lambda ids: len(set(ids)) == 1, zip(*(ids[:longest] for ids in whole), strict=True))))
    return whole[0][:shared], [ids[shared:] for ids in whole]


def features_of(checkpoint: Checkpoint, pixels: Any) -> Any:
    """Return each image's 256 vectors in the language model's space."""
    model = checkpoint.model
    found = model.model.get_image_features(
        pixel_values=pixels.to(model.device, model.dtype),
        vision_feature_layer=-1,
        vision_feature_select_strategy="default",
    )
    return getattr(found, "pooler_output", found)


def read_prefix(checkpoint: Checkpoint, prefix: Ids, features: Any) -> list[tuple[Any, Any]]:
    """Return the keys and values, layer by layer, of what all prompts begin with; one row an image."""
    import torch  # noqa: PLC0415  heavy
    from transformers import DynamicCache  # noqa: PLC0415  heavy

    model = checkpoint.model
    ids = torch.tensor([prefix], device=model.device)
    vectors = model.get_input_embeddings()(ids).repeat(len(features), 1, 1)
    vectors[:, ids[0] == checkpoint.image_id] = features.to(vectors.dtype)
    cache = DynamicCache()
    model.model.language_model(inputs_embeds=vectors, past_key_values=cache, use_cache=True)
    return [(layer.keys, layer.values) for layer in cache.layers]


def score_logits(checkpoint: Checkpoint, shared: list[tuple[Any, Any]], rest: Ids) -> list[list[float]]:
    """Return for each image the logits of the 101 score tokens at the end of the prompt, in float32."""
    import torch  # noqa: PLC0415  heavy
    from transformers import DynamicCache  # noqa: PLC0415  heavy

    rows = shared[0][0].shape[0]
    ids = torch.tensor([rest] * rows, device=checkpoint.model.device)
    said = checkpoint.model(input_ids=ids, past_key_values=DynamicCache(shared), logits_to_keep=1)
    found: list[list[float]] = said.logits[:, -1].float()[:, checkpoint.score_ids].tolist()
    return found


def decode(
    checkpoint: Checkpoint, shared: list[tuple[Any, Any]], behind: int, asked: Sequence[Ids], most_new_tokens: int
) -> list[list[Ids]]:
    """Return for each image the new ids of each critique, the stop included; all decode side by side."""
    import torch  # noqa: PLC0415  heavy
    from transformers import DynamicCache  # noqa: PLC0415  heavy

    device, images, stop = checkpoint.model.device, shared[0][0].shape[0], checkpoint.stop_id
    longest = max(map(len, asked))
    padding = torch.tensor([longest - len(ids) for ids in asked], device=device).repeat(images)
    ids = torch.tensor([[stop] * (longest - len(ids)) + list(ids) for ids in asked], device=device)
    ids = ids.repeat(images, 1)
    cache = DynamicCache([[held.repeat_interleave(len(asked), dim=0) for held in pair] for pair in shared])
    # Between the shared beginning and a shorter question lies padding: nobody looks at it, and it takes no position.
    places = torch.arange(longest, device=device) - padding[:, None]
    seen = torch.cat([places.new_ones(len(ids), behind), (places >= 0).long()], dim=1)
    places = behind + places.clamp(min=0)
    rows = list(range(len(ids)))
    written: list[Ids] = [[] for _ in rows]
    for _ in range(most_new_tokens):
        said = checkpoint.model(
            input_ids=ids, attention_mask=seen, position_ids=places, past_key_values=cache, logits_to_keep=1
        )
        ids = said.logits[:, -1].float().argmax(dim=-1, keepdim=True)
        for row, new in zip(rows, ids[:, 0].tolist(), strict=True):
            written[row].append(new)
        going = [place for place, row in enumerate(rows) if written[row][-1] != stop]
        if not going:
            break
        places = places[:, -1:] + 1
        seen = torch.cat([seen, seen.new_ones(len(seen), 1)], dim=1)
        if len(going) < len(rows):
            rows, kept = [rows[place] for place in going], torch.tensor(going, device=device)
            ids, places, seen = ids[kept], places[kept], seen[kept]
            cache.batch_select_indices(kept)
    return [written[start : start + len(asked)] for start in range(0, len(written), len(asked))]


def text_of(checkpoint: Checkpoint, ids: Ids) -> tuple[Ids, str]:
    """Return an answer's ids with its text as the authors' decoder writes it."""
    words = [one for one in ids if one not in checkpoint.dropped_ids]
    text = checkpoint.tokenizer.decode(words, skip_special_tokens=False, clean_up_tokenization_spaces=False)
    return ids, str(text).strip()
