"""Measure ArtiMuse at its published sizes with random bfloat16 weights, made on the device: `python -m bench.gpu`.

Not part of `make bench`, as it wants a GPU with 24 GB or more. Decoding is bound by memory: each step reads all weights
of the language model once, and the keys and values of every row. The bound is what the device's bandwidth, measured by
copying, would allow; what is reached is told as a share of it. With `--tiny` it runs anywhere, and its figures mean
nothing.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from mlworker.__main__ import positive_number

from .model import QUESTIONS, random_checkpoint

# InternVL3-8B: InternViT-300M and Qwen2.5-7B.
TEXT = {
    "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28,
    "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 151_674,
}  # fmt: skip
VISION = {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16}
TINY_TEXT = TEXT | {
    "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "vocab_size": 640,
}  # fmt: skip
TINY_VISION = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}


def main(arguments: list[str] | None = None) -> None:
    """Print one JSON object for the device, and one for each number of images at once."""
    import torch  # noqa: PLC0415

    options = parse(arguments)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu" and not options.tiny:
        raise SystemExit("no GPU is at hand; --tiny tries the command without one")
    sizes = (TINY_TEXT, TINY_VISION) if options.tiny else (TEXT, VISION)
    checkpoint = random_checkpoint(*sizes, device=device, dtype=torch.bfloat16)
    bandwidth = bytes_a_second(device, 1 << (24 if options.tiny else 31))
    parameters = sum(tensor.numel() for tensor in checkpoint.model.parameters())
    name = torch.cuda.get_device_name() if device == "cuda" else "cpu"
    print(json.dumps({"device": name, "parameters": parameters, "copied_gb_a_second": round(bandwidth / 1e9, 1)}))
    for images in options.images:
        print(json.dumps(measure_batch(checkpoint, images, options.tokens, bandwidth)), flush=True)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Return the parsed command line; leaves with status 2 on wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m bench.gpu", description="Time ArtiMuse at its published sizes.")
    parser.add_argument("--images", type=positive_number, nargs="+", default=[1, 8, 32], help="how many at once")
    parser.add_argument("--tokens", type=positive_number, default=128, help="length of each of the eight critiques")
    parser.add_argument("--tiny", action="store_true", help="a tiny model, to try the command on any machine")
    return parser.parse_args(arguments)


def measure_batch(checkpoint: Any, images: int, tokens: int, bandwidth: float) -> dict[str, Any]:
    """Return images and tokens a second, the bound of the memory's bandwidth, and the most memory taken."""
    import torch  # noqa: PLC0415

    from mlworker.contract import OutOfMemory  # noqa: PLC0415
    from mlworker.predictors.artimuse.batch import infer_images  # noqa: PLC0415
    from mlworker.predictors.artimuse.prompts import ARTIMUSE  # noqa: PLC0415

    pixels = np.random.default_rng(1).normal(size=(images, 3, 448, 448)).astype(np.float32)
    on_gpu = checkpoint.model.device.type == "cuda"

    def seconds(length: int) -> float:
        return time_call(
            lambda: infer_images(checkpoint, ARTIMUSE, pixels, QUESTIONS, most_new_tokens=length), on_gpu=on_gpu
        )

    try:
        seconds(2)  # The kernels are chosen, and memory is laid out.
        if on_gpu:
            torch.cuda.reset_peak_memory_stats()
        first_token_seconds, all_seconds = seconds(1), seconds(tokens)
    except OutOfMemory as error:
        return {"images": images, "error": str(error)}
    token_count = images * len(QUESTIONS) * (tokens - 1)
    rate = token_count / (all_seconds - first_token_seconds) if all_seconds > first_token_seconds else float("nan")
    bound_rate = bandwidth * images * len(QUESTIONS) / bytes_a_step(checkpoint, images, tokens)
    return {
        "images": images,
        "images_a_second": round(images / all_seconds, 3),
        "seconds_before_the_first_token": round(first_token_seconds, 3),
        "tokens_a_second": round(rate, 1),
        "bound_tokens_a_second": round(bound_rate, 1),
        "share_of_bound": round(rate / bound_rate, 3),
        "peak_gb": round(torch.cuda.max_memory_allocated() / 1e9, 2) if on_gpu else None,
    }


def time_call(call: Callable[[], object], *, on_gpu: bool) -> float:
    """Return how long a call takes, all it started on the GPU included."""
    import torch  # noqa: PLC0415

    start = time.perf_counter()
    call()
    if on_gpu:
        torch.cuda.synchronize()
    return time.perf_counter() - start


def bytes_a_second(device: str, size: int) -> float:
    """Return how fast the device's memory is: bytes read and written by copying, at best."""
    import torch  # noqa: PLC0415

    source = torch.zeros(size, dtype=torch.uint8, device=device)
    target = torch.zeros_like(source)
    return 2 * size / min(time_call(lambda: target.copy_(source), on_gpu=device == "cuda") for _ in range(5))


def bytes_a_step(checkpoint: Any, images: int, tokens: int) -> float:
    """Return what one step of decoding must read at least: the language model, and all rows' keys and values."""
    from mlworker.predictors.artimuse.batch import prompt_ids  # noqa: PLC0415
    from mlworker.predictors.artimuse.prompts import ARTIMUSE  # noqa: PLC0415

    model, text = checkpoint.model, checkpoint.model.config.text_config
    layers = sum(tensor.numel() for tensor in model.model.language_model.layers.parameters())
    weights = (layers + model.lm_head.weight.numel()) * model.dtype.itemsize
    head = text.hidden_size // text.num_attention_heads
    a_token = 2 * text.num_hidden_layers * text.num_key_value_heads * head * model.dtype.itemsize
    _score_ids, question_ids = prompt_ids(checkpoint, ARTIMUSE, QUESTIONS)
    return float(weights + images * sum(len(ids) + tokens / 2 for ids in question_ids) * a_token)


if __name__ == "__main__":
    main()
