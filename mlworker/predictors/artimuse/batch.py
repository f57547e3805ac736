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

from mlworker.predictors.torch_memory import report_out_of_memory

from .checkpoint import Checkpoint
from .prompts import Wording

Ids = list[int]
LayerCache = tuple[Any, Any]  # Keys and values of one layer: images x heads x tokens x head size.


@dataclass(frozen=True)
class ImageOutput:
    """What the model made of one image: 101 score logits, and for each question its new ids and its text."""

    logits: tuple[float, ...]
    critiques: dict[str, tuple[Ids, str]]


def infer_images(
    checkpoint: Checkpoint, wording: Wording, pixels: Any, questions: Sequence[str], *, most_new_tokens: int
) -> list[ImageOutput]:
    """Return what the model makes of each image (N x 3 x 448 x 448); raises OutOfMemory."""
    import torch  # noqa: PLC0415  heavy

    score_ids, question_ids = prompt_ids(checkpoint, wording, questions)
    prefix, (score_rest, *question_rests) = split_shared_prefix([score_ids, *question_ids])
    with report_out_of_memory("the images"), torch.inference_mode():
        prefix_cache = read_prefix(checkpoint, prefix, image_vectors(checkpoint, torch.from_numpy(pixels)))
        logits = score_logits(checkpoint, prefix_cache, score_rest)
        critiques: Sequence[Sequence[Ids]] = [()] * len(pixels)
        if question_rests:  # The command line may ask for the score only.
            critiques = decode_critiques(checkpoint, prefix_cache, len(prefix), question_rests, most_new_tokens)
    return [
        ImageOutput(
            tuple(image_logits),
            {name: (ids, critique_text(checkpoint, ids)) for name, ids in zip(questions, image_critiques, strict=True)},
        )
        for image_logits, image_critiques in zip(logits, critiques, strict=True)
    ]


def prompt_ids(checkpoint: Checkpoint, wording: Wording, questions: Sequence[str]) -> tuple[Ids, list[Ids]]:
    """Return the ids of the score's prompt and of each question's."""
    system = checkpoint.system_message
    texts = [wording.score_prompt(system), *(wording.critique_prompt(system, name) for name in questions)]
    # The prompts hold their special tokens as text already; the tokenizer would add further ones.
    score_ids, *question_ids = (
        list(checkpoint.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts
    )
    return score_ids, question_ids


def split_shared_prefix(prompts: Sequence[Ids]) -> tuple[Ids, list[Ids]]:
    """Return the ids all prompts begin with, and what follows in each: at least one id."""
    # An empty rest would have no position to read logits from.
    limit = min(map(len, prompts)) - 1
    columns = zip(*(ids[:limit] for ids in prompts), strict=True)
    length = len(list(takewhile(lambda column: len(set(column)) == 1, columns)))
    return prompts[0][:length], [ids[length:] for ids in prompts]


def image_vectors(checkpoint: Checkpoint, pixels: Any) -> Any:
    """Return each image's 256 vectors in the language model's space: N x 256 x hidden size."""
    model = checkpoint.model
    features = model.model.get_image_features(
        pixel_values=pixels.to(model.device, model.dtype),
        vision_feature_layer=-1,
        vision_feature_select_strategy="default",
    )
    # Some releases of transformers wrap the vectors in an output object.
    return getattr(features, "pooler_output", features)


def read_prefix(checkpoint: Checkpoint, prefix: Ids, vectors: Any) -> list[LayerCache]:
    """Return the keys and values, layer by layer, of what all prompts begin with; one row an image."""
    import torch  # noqa: PLC0415  heavy
    from transformers import DynamicCache  # noqa: PLC0415  heavy

    model = checkpoint.model
    ids = torch.tensor([prefix], device=model.device)
    inputs = model.get_input_embeddings()(ids).repeat(len(vectors), 1, 1)
    inputs[:, ids[0] == checkpoint.image_id] = vectors.to(inputs.dtype)
    cache = DynamicCache()
    # Not through the head: nobody needs logits of the whole vocabulary at every position.
    model.model.language_model(inputs_embeds=inputs, past_key_values=cache, use_cache=True)
    return [(layer.keys, layer.values) for layer in cache.layers]


def score_logits(checkpoint: Checkpoint, prefix_cache: list[LayerCache], rest: Ids) -> list[list[float]]:
    """Return for each image the logits of the 101 score tokens at the end of the prompt, in float32."""
    import torch  # noqa: PLC0415  heavy
    from transformers import DynamicCache  # noqa: PLC0415  heavy

    images = prefix_cache[0][0].shape[0]
    ids = torch.tensor([rest] * images, device=checkpoint.model.device)
    output = checkpoint.model(input_ids=ids, past_key_values=DynamicCache(prefix_cache), logits_to_keep=1)
    # A softmax in bfloat16 would snap the upper scores to steps of half a point.
    logits: list[list[float]] = output.logits[:, -1].float()[:, checkpoint.score_ids].tolist()
    return logits


def decode_critiques(
    checkpoint: Checkpoint,
    prefix_cache: list[LayerCache],
    prefix_length: int,
    question_rests: Sequence[Ids],
    most_new_tokens: int,
) -> list[list[Ids]]:
    """Return for each image the new ids of each critique, the stop included; all decode side by side."""
    import torch  # noqa: PLC0415  heavy
    from transformers import DynamicCache  # noqa: PLC0415  heavy

    device, images, stop = checkpoint.model.device, prefix_cache[0][0].shape[0], checkpoint.stop_id
    longest = max(map(len, question_rests))
    # Padded on the left, so that the last column holds the last word of every question.
    padding = torch.tensor([longest - len(ids) for ids in question_rests], device=device).repeat(images)
    ids = torch.tensor([[stop] * (longest - len(ids)) + list(ids) for ids in question_rests], device=device)
    ids = ids.repeat(images, 1)
    cache = DynamicCache([[t.repeat_interleave(len(question_rests), dim=0) for t in layer] for layer in prefix_cache])
    # Between the shared beginning and a shorter question lies padding: nobody looks at it, and it takes no position.
    positions = torch.arange(longest, device=device) - padding[:, None]
    mask = torch.cat([positions.new_ones(len(ids), prefix_length), (positions >= 0).long()], dim=1)
    positions = prefix_length + positions.clamp(min=0)
    rows = list(range(len(ids)))
    new_ids: list[Ids] = [[] for _ in rows]
    for _ in range(most_new_tokens):
        output = checkpoint.model(
            input_ids=ids, attention_mask=mask, position_ids=positions, past_key_values=cache, logits_to_keep=1
        )
        ids = output.logits[:, -1].float().argmax(dim=-1, keepdim=True)
        for row, new_id in zip(rows, ids[:, 0].tolist(), strict=True):
            new_ids[row].append(new_id)
        open_places = [place for place, row in enumerate(rows) if new_ids[row][-1] != stop]
        if not open_places:
            break
        positions = positions[:, -1:] + 1
        mask = torch.cat([mask, mask.new_ones(len(mask), 1)], dim=1)
        # Each step costs by the row, and critiques end at very different lengths.
        if len(open_places) < len(rows):
            rows, selection = [rows[place] for place in open_places], torch.tensor(open_places, device=device)
            ids, positions, mask = ids[selection], positions[selection], mask[selection]
            cache.batch_select_indices(selection)
    questions = len(question_rests)
    return [new_ids[start : start + questions] for start in range(0, len(new_ids), questions)]


def critique_text(checkpoint: Checkpoint, ids: Ids) -> str:
    """Return a critique's text as the authors' decoder writes it."""
    # Theirs drops a list of its own and tidies nothing up; the tokenizer's defaults would differ by blanks.
    words = [token_id for token_id in ids if token_id not in checkpoint.dropped_ids]
    text = checkpoint.tokenizer.decode(words, skip_special_tokens=False, clean_up_tokenization_spaces=False)
    return str(text).strip()
