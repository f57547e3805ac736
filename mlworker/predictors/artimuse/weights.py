"""Weights in the ArtiMuse authors' format, read into transformers' own InternVL classes one tensor at a time.

The model is laid out without memory; each tensor is mapped from its file, brought to the device and number format, and
put in place, so that no second copy of the weights is ever held. Weights are renamed, and the joint query, key and
value matrix of the vision tower is cut in three. Whatever is missing, left over or of another shape is refused:
transformers alone would fill it with random numbers and say so in a warning only.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlworker.contract import PredictorError

RENAMED_PREFIXES = (
    (r"^language_model\.model\.", "model.language_model."),
    (r"^language_model\.lm_head\.", "lm_head."),
    (r"^mlp1\.0\.", "model.multi_modal_projector.layer_norm."),
    (r"^mlp1\.1\.", "model.multi_modal_projector.linear_1."),
    (r"^mlp1\.3\.", "model.multi_modal_projector.linear_2."),
    (r"^vision_model\.embeddings\.class_embedding$", "model.vision_tower.embeddings.cls_token"),
    (r"^vision_model\.embeddings\.position_embedding$", "model.vision_tower.embeddings.position_embeddings"),
    (
        r"^vision_model\.embeddings\.patch_embedding\.",
        "model.vision_tower.embeddings.patch_embeddings.projection.",
    ),
    (r"^vision_model\.encoder\.layers\.", "model.vision_tower.encoder.layer."),
)
SHARD_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.safetensors")
LAYER_PARTS = (
    (".attn.proj.", ".attention.projection_layer."),
    (".attn.q_norm.", ".attention.q_norm."),
    (".attn.k_norm.", ".attention.k_norm."),
    (".norm1.", ".layernorm_before."),
    (".norm2.", ".layernorm_after."),
    (".ls1", ".lambda_1"),
    (".ls2", ".lambda_2"),
)


def checkpoint_digest(folder: Path) -> str:
    """Return twelve digits that name the checkpoint without reading all of it; raises PredictorError.

    They cover the configuration, and the size, first and last megabyte of each shard: siblings differ in their weights
    only.
    """
    digest = hashlib.sha256((folder / "config.json").read_bytes() if (folder / "config.json").is_file() else b"")
    # Not all of them: the web application asks for the version while somebody waits for a page.
    for name in shards_of(folder):
        try:
            with (folder / name).open("rb") as file:
                size = file.seek(0, 2)
                digest.update(str(size).encode())
                for place in (0, max(0, size - 1_000_000)):
                    file.seek(place)
                    digest.update(file.read(1_000_000))
        except OSError as error:
            raise PredictorError(f"{folder / name}: the weights cannot be read: {error.strerror}") from error
    return digest.hexdigest()[:12]


def shards_of(folder: Path) -> list[str]:
    """Return the names of the files with weights, sorted; raises PredictorError for an index without any."""
    index = folder / "model.safetensors.index.json"
    shard_of_weight = read_json(index).get("weight_map", {}) if index.is_file() else {"": "model.safetensors"}
    if not shard_of_weight or not isinstance(shard_of_weight, dict):
        raise PredictorError(f"{index}: weight_map is missing, or no object")
    # A name with a path in it would lead out of the folder.
    wrong = [name for name in shard_of_weight.values() if not isinstance(name, str) or not SHARD_NAME.fullmatch(name)]
    if wrong:
        raise PredictorError(f"{index}: weight_map: {str(wrong[0])[:100]!r} is no file of weights beside it")
    return sorted(set(shard_of_weight.values()))


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file; raises PredictorError for a file that is missing, broken or no object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise PredictorError(f"{path}: cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise PredictorError(f"{path}: a JSON object is accepted")
    return content


def load_model(folder: Path, config: Any, *, device: str, dtype: Any) -> Any:
    """Return transformers' InternVL with the weights of `folder`; raises PredictorError naming file and tensor."""
    import torch  # noqa: PLC0415  heavy
    from transformers import InternVLForConditionalGeneration  # noqa: PLC0415  heavy

    # Not from_pretrained: it does not refuse such a folder, but starts a default model of many billion weights.
    with torch.device("meta"):
        model = InternVLForConditionalGeneration(config)
    missing_shapes = {name: tensor.shape for name, tensor in model.state_dict().items()}
    for name, tensor in native_tensors(folder):
        if name not in missing_shapes:
            raise PredictorError(f"{folder}: unexpected weight {name}; is it a checkpoint of another model?")
        if tensor.shape != (shape := missing_shapes.pop(name)):
            raise PredictorError(f"{folder}: weight {name} has shape {[*tensor.shape]}; {[*shape]} is accepted")
        # A copy, as the mapped file may change or go.
        copy = torch.empty(tensor.shape, device=device, dtype=dtype).copy_(tensor)
        put_tensor(model, name, copy)
    if missing_shapes:
        raise PredictorError(f"{folder}: missing weights: {min(missing_shapes)} and {len(missing_shapes) - 1} more")
    language = model.model.language_model
    # Computed from the configuration and in no file, so still without memory; in float32, as rounding it moves scores.
    with torch.device(device):
        language.rotary_emb = type(language.rotary_emb)(config=config.text_config)
    return model.eval().requires_grad_(False)


def put_tensor(model: Any, name: str, tensor: Any) -> None:
    """Give the model a tensor in the place of one without memory."""
    from torch.nn import Parameter  # noqa: PLC0415  heavy

    path, _, last = name.rpartition(".")
    module = model.get_submodule(path)
    setattr(module, last, Parameter(tensor, requires_grad=False) if last in module._parameters else tensor)


def native_tensors(folder: Path) -> Iterator[tuple[str, Any]]:
    """Yield each tensor of the shards under its name, or names, in transformers; raises PredictorError."""
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415  heavy

    for shard in shards_of(folder):
        try:
            with safe_open(folder / shard, framework="pt") as file:
                for name in file.keys():  # noqa: SIM118  no dictionary
                    yield from renamed_tensors(name, file.get_tensor(name))
        except (OSError, SafetensorError) as error:
            raise PredictorError(f"{folder / shard}: the weights cannot be read: {error}") from error


def renamed_tensors(old: str, tensor: Any) -> Iterator[tuple[str, Any]]:
    """Yield a tensor under its name in transformers; a joint query, key and value as three."""
    name = old
    for pattern, replacement in RENAMED_PREFIXES:
        name = re.sub(pattern, replacement, name)
    # Only there: names as short as these may mean something else in the language model.
    if ".vision_tower." in name:
        for part, replacement in LAYER_PARTS:
            name = name.replace(part, replacement)
    if ".attn.qkv." not in name:
        yield name, tensor
    elif tensor.shape[0] % 3:
        raise PredictorError(f"weight {old} has {tensor.shape[0]} rows, which cannot be cut in three")
    else:
        for letter, third in zip("qkv", tensor.chunk(3, dim=0), strict=True):
            yield name.replace(".attn.qkv.", f".attention.{letter}_proj."), third


def sha256_of_weights(folder: Path) -> str:
    """Return one SHA-256 over those of all shards, in order of their names; raises PredictorError."""
    digest = hashlib.sha256()
    for name in shards_of(folder):
        try:
            with (folder / name).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise PredictorError(f"{folder / name}: the weights cannot be read: {error.strerror}") from error
    return digest.hexdigest()
