"""How many images a model can look at together in the memory that is free."""

from __future__ import annotations

from typing import Any

from mlworker import environment, memory

from .prompts import IMAGE_TOKENS

CRITIQUES = 8  # Of each image, decoded side by side.
PROMPT_TOKENS = IMAGE_TOKENS + 300  # The longest prompt, the score's, has about 200 beside the image.
VISION_TOKENS = 1025  # 32 x 32 patches and the class token.
USABLE_SHARE = 0.8  # Of the free memory: allocators leave gaps.
MOST_IMAGES = 32


def images_at_once(model: Any, device: str, most_new_tokens: int) -> int:
    """Return how many images fit, at least 1; reckoned from the free memory and the longest critiques allowed."""
    size = bytes_for_an_image(model.config, model.dtype.itemsize, most_new_tokens)
    return max(1, min(MOST_IMAGES, int(budget(device) * USABLE_SHARE) // size))


def budget(device: str) -> int:
    """Return the bytes that inference may take: as set, else what is free once the weights are loaded."""
    if limit_mib := environment.memory_mib():
        return limit_mib << 20
    if device == "cuda":
        import torch  # noqa: PLC0415  heavy

        free, _total = torch.cuda.mem_get_info()
        return int(free)
    return memory.free_ram()


def bytes_for_an_image(config: Any, itemsize: int, most_new_tokens: int) -> int:
    """Return the bytes an image takes at most: keys and values of its critiques, and the widest layers' values."""
    text, vision = config.text_config, config.vision_config
    heads = text.num_attention_heads
    layer_bytes = 2 * text.num_key_value_heads * (text.hidden_size // heads) * itemsize
    tokens = CRITIQUES * (PROMPT_TOKENS + most_new_tokens)
    # One layer more while it grows by a token, and one spread over all heads while it is looked at.
    cache_bytes = tokens * layer_bytes * (text.num_hidden_layers + 1 + heads // text.num_key_value_heads)
    prompt_bytes = PROMPT_TOKENS * (4 * text.intermediate_size + 8 * text.hidden_size) * itemsize
    vision_bytes = VISION_TOKENS * (2 * vision.intermediate_size + 8 * vision.hidden_size) * itemsize
    logit_bytes = CRITIQUES * text.vocab_size * (itemsize + 4)
    return int(cache_bytes + prompt_bytes + vision_bytes + logit_bytes)
