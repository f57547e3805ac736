"""Make checkpoints of any size with random weights, in the ArtiMuse authors' format, and the native model they mean.

The model is made from transformers' own classes and written under the authors' names by a table of its own, so that
what reads such a folder can be held to a model that was never read from one.
"""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FIXTURE = Path(__file__).parents[2] / "fixtures" / "parity" / "checkpoint"
NAMES = (
    ("lm_head.", "language_model.lm_head."),
    ("model.language_model.", "language_model.model."),
    ("model.multi_modal_projector.layer_norm.", "mlp1.0."),
    ("model.multi_modal_projector.linear_1.", "mlp1.1."),
    ("model.multi_modal_projector.linear_2.", "mlp1.3."),
    ("model.vision_tower.embeddings.cls_token", "vision_model.embeddings.class_embedding"),
    ("model.vision_tower.embeddings.position_embeddings", "vision_model.embeddings.position_embedding"),
    ("model.vision_tower.embeddings.patch_embeddings.projection.", "vision_model.embeddings.patch_embedding."),
    ("model.vision_tower.encoder.layer.", "vision_model.encoder.layers."),
    (".attention.projection_layer.", ".attn.proj."),
    (".attention.q_norm.", ".attn.q_norm."),
    (".attention.k_norm.", ".attn.k_norm."),
    (".layernorm_before.", ".norm1."),
    (".layernorm_after.", ".norm2."),
    (".lambda_", ".ls"),
)


@dataclass
class Sizes:
    """The sizes of a model; the defaults are small, and unlike the fixture's."""

    text: dict[str, int] = field(
        default_factory=lambda: {
            "hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 3,
            "num_attention_heads": 4, "num_key_value_heads": 1, "vocab_size": 640,
        }
    )  # fmt: skip
    vision: dict[str, int] = field(
        default_factory=lambda: {
            "hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 3,
        }
    )  # fmt: skip
    qk_norm: bool = True


def native_model(sizes: Sizes, *, image_id: int, seed: int, device: str = "cpu", dtype: Any = None) -> Any:
    """Return transformers' model with random weights, every tensor away from its default."""
    import torch  # noqa: PLC0415  heavy
    from transformers import InternVLConfig, InternVLForConditionalGeneration, InternVLVisionConfig, Qwen2Config  # noqa: PLC0415  heavy

    text = Qwen2Config(
        **sizes.text, rope_parameters={"rope_theta": 1e6, "rope_type": "default"}, tie_word_embeddings=False
    )
    tower = InternVLVisionConfig(
        **sizes.vision, image_size=448, patch_size=14, attention_bias=True, use_qk_norm=sizes.qk_norm,
        norm_type="layer_norm", layer_norm_eps=1e-6, hidden_act="gelu", use_mean_pooling=True,
    )  # fmt: skip
    config = InternVLConfig(
        vision_config=tower, text_config=text, image_token_id=image_id, image_seq_length=256, downsample_ratio=0.5,
        vision_feature_layer=-1, vision_feature_select_strategy="default", tie_word_embeddings=False,
    )  # fmt: skip
    torch.manual_seed(seed)
    with torch.device("meta"):
        model = InternVLForConditionalGeneration(config)
    model.to_empty(device=device).to(dtype or torch.float32)
    language = model.model.language_model
    with torch.device(device):
        language.rotary_emb = type(language.rotary_emb)(config=text)
    for name, tensor in model.state_dict().items():
        wide = tensor.ndim > 1 and tensor.shape[-1] > 1
        centre = 0.0 if wide or name.endswith("bias") else 1.0
        tensor.normal_(centre, 1.0 if "embed_tokens" in name else tensor.shape[-1] ** -0.5 if wide else 0.1)
    return model.eval().requires_grad_(False)


def write(folder: Path, sizes: Sizes, *, seed: int = 1, **config: Any) -> Any:
    """Write a checkpoint with a tokenizer of its own, and return the native model; `config` goes into config.json."""
    from safetensors.torch import save_file  # noqa: PLC0415  heavy

    folder.mkdir(parents=True, exist_ok=True)
    ids = write_tokenizer(folder, seed)
    model = native_model(sizes, image_id=ids["<IMG_CONTEXT>"], seed=seed)
    for tensor in model.state_dict().values():
        tensor.copy_(tensor.bfloat16())
    tensors = {name: tensor.bfloat16().contiguous() for name, tensor in authors(model.state_dict()).items()}
    shards = [dict(list(tensors.items())[number::2]) for number in range(2)]
    names = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    for name, shard in zip(names, shards, strict=True):
        save_file(shard, folder / name)
    index = {tensor: name for name, shard in zip(names, shards, strict=True) for tensor in shard}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))
    (folder / "config.json").write_text(json.dumps(authors_config(sizes) | config))
    return model


def authors(state: dict[str, Any]) -> dict[str, Any]:
    """Return tensors under the authors' names, query, key and value joined."""
    import torch  # noqa: PLC0415  heavy

    tensors: dict[str, Any] = {}
    for native, tensor in state.items():
        name = native
        for own_name, authors_name in NAMES:
            if own_name.startswith(".") or name.startswith(own_name):
                name = name.replace(own_name, authors_name, 1)
        if ".attention.q_proj." in name:
            parts = [state[native.replace("q_proj", f"{letter}_proj")] for letter in "qkv"]
            tensors[name.replace(".attention.q_proj.", ".attn.qkv.")] = torch.cat(parts)
        elif ".attention.k_proj." not in name and ".attention.v_proj." not in name:
            tensors[name] = tensor
    return tensors


def authors_config(sizes: Sizes) -> dict[str, Any]:
    """Return config.json as the authors write it."""
    config: dict[str, Any] = json.loads((FIXTURE / "config.json").read_text())
    config.pop("system_message")
    config["llm_config"] |= sizes.text
    config["vision_config"] |= sizes.vision | {"qkv_bias": True, "qk_normalization": sizes.qk_norm}
    return config


def write_tokenizer(folder: Path, seed: int) -> dict[str, int]:
    """Write the fixture's tokenizer with fewer merges and other ids; return the ids of the tokens that were added."""
    merges = (FIXTURE / "merges.txt").read_text(encoding="utf-8").splitlines()
    short_merges = [line for line in merges if line.startswith("#") or len(line.replace(" ", "")) == 2]
    vocabulary = json.loads((FIXTURE / "vocab.json").read_text(encoding="utf-8"))
    merged_words = {line.replace(" ", "") for line in short_merges}
    words = [word for word in vocabulary if len(word) == 1 or word in merged_words]
    random.Random(seed).shuffle(words)
    (folder / "merges.txt").write_text("\n".join(short_merges) + "\n", encoding="utf-8")
    (folder / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(words)}))
    added_tokens = json.loads((FIXTURE / "added_tokens.json").read_text(encoding="utf-8"))
    token_ids = {word: len(words) + place for place, word in enumerate(sorted(added_tokens))}
    (folder / "added_tokens.json").write_text(json.dumps(token_ids))
    config = json.loads((FIXTURE / "tokenizer_config.json").read_text(encoding="utf-8"))
    config["added_tokens_decoder"] = {
        str(token_ids[token["content"]]): token for token in config["added_tokens_decoder"].values()
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    shutil.copy(FIXTURE / "special_tokens_map.json", folder)
    return token_ids
