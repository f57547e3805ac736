"""A checkpoint in the ArtiMuse authors' format: its configuration, its tokenizer, and the model they describe.

The format is that of InternVL3's remote code (`model_type: internvl_chat`); no remote code is run, and a variant that
this predictor does not know is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlworker.contract import PredictorError
from mlworker.predictors.torch_memory import report_out_of_memory

from .prompts import IMAGE_TOKENS
from .weights import load_model, read_json, sha256_of_weights

# What the configuration must say; anything else is a model this predictor does not know.
REQUIRED_CONFIG: Mapping[str, Any] = {
    "model_type": "internvl_chat",
    "template": "internvl2_5",
    "ps_version": "v2",
    "select_layer": -1,
    "use_llm_lora": 0,
    "use_backbone_lora": 0,
    "downsample_ratio": 0.5,
}
LLM_FIELDS = (
    "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
    "rms_norm_eps", "hidden_act", "max_position_embeddings", "vocab_size",
)  # fmt: skip
VISION_FIELDS = (
    "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "hidden_act", "image_size",
    "patch_size", "norm_type", "layer_norm_eps",
)  # fmt: skip


# The largest that a field may say: ten times the published checkpoints, and far from what would take hours to lay out.
HIGHEST: Mapping[str, int] = {
    "num_hidden_layers": 500, "num_attention_heads": 1000, "num_key_value_heads": 1000, "hidden_size": 100_000,
    "intermediate_size": 500_000, "vocab_size": 2_000_000, "max_position_embeddings": 10_000_000, "image_size": 448,
    "patch_size": 448,
}  # fmt: skip


def score_tokens() -> list[str]:
    """Return the 101 two-letter tokens that stand for the scores 0 to 100."""
    rows = (("a", "abcdefghijklmnopqrstuvwxyz"), *((first, "abcdefghijklmnopqrstuvwxy") for first in "cde"))
    return [first + second for first, seconds in rows for second in seconds]


@dataclass(frozen=True)
class Checkpoint:
    """A loaded model with its tokenizer, the ids of the score tokens, and what names the weights."""

    model: Any
    tokenizer: Any
    score_ids: list[int]
    image_id: int
    stop_id: int
    dropped_ids: frozenset[int]
    system_message: str
    sha256: str


def load_checkpoint(folder: Path, *, device: str, dtype: Any) -> Checkpoint:
    """Return the model in `folder`, ready on a device; raises PredictorError naming file and field."""
    authors_config = read_json(folder / "config.json")
    check_config(authors_config)
    with report_other_form(folder):
        tokenizer = load_tokenizer(folder)
    # Before the weights, which take minutes to read.
    ids = single_ids(tokenizer, ["<IMG_CONTEXT>", "<|im_end|>", *score_tokens()])
    if len(set(ids)) < len(ids):
        raise PredictorError(f"{folder}/vocab.json: two score tokens have the same id; 101 different ones are needed")
    with report_other_form(folder):
        config = native_config(authors_config, image_id=ids[0], stop_id=ids[1])
        dropped_ids = dropped_token_ids(folder, tokenizer)
    with report_other_form(folder), report_out_of_memory("the weights"):
        model = load_model(folder, config, device=device, dtype=dtype)
    return Checkpoint(
        model,
        tokenizer,
        ids[2:],
        ids[0],
        ids[1],
        dropped_ids,
        system_message_of(authors_config),
        sha256_of_weights(folder),
    )


@contextmanager
def report_other_form(folder: Path) -> Iterator[None]:
    """Say in one sentence that a file is not as these checkpoints have it; raises PredictorError."""
    try:
        yield
    except (PredictorError, MemoryError):
        raise
    except Exception as error:  # What a stranger's file makes other people's readers raise has no list.
        reason = f"{type(error).__name__}: {str(error)[:200]}"
        raise PredictorError(f"{folder}: configuration and tokenizer are of another form: {reason}") from error


def check_config(authors_config: Mapping[str, Any]) -> None:
    """Raise PredictorError for a configuration of another model, or of a variant this predictor does not know."""
    for name, value in REQUIRED_CONFIG.items():
        if authors_config.get(name) != value:
            given = repr(authors_config.get(name))[:50]
            raise PredictorError(f"config.json: {name} is {given}; {value!r} is accepted")
    language, vision = authors_config.get("llm_config") or {}, authors_config.get("vision_config") or {}
    if not isinstance(language, dict) or not isinstance(vision, dict):
        raise PredictorError("config.json: llm_config and vision_config: an object is accepted")
    if language.get("model_type") != "qwen2":
        model_type = language.get("model_type")
        raise PredictorError(f"config.json: llm_config.model_type is {model_type!r}; 'qwen2' is accepted")
    for part, fields, section in (("llm_config", LLM_FIELDS, language), ("vision_config", VISION_FIELDS, vision)):
        for name in fields:
            if section.get(name) is None:
                raise PredictorError(f"config.json: {part}.{name} is missing")
            if name in HIGHEST and not (type(section[name]) is int and 0 < section[name] <= HIGHEST[name]):
                given = str(section[name])[:50]
                raise PredictorError(f"config.json: {part}.{name} is {given}; 1 to {HIGHEST[name]} is accepted")
    tokens = (vision["image_size"] // vision["patch_size"]) ** 2 * authors_config["downsample_ratio"] ** 2
    if vision["image_size"] != 448 or tokens != IMAGE_TOKENS:
        raise PredictorError(
            f"config.json: images of 448 pixels in {IMAGE_TOKENS} tokens are accepted, "
            f"not {vision['image_size']} in {tokens:g}"
        )


def native_config(authors_config: Mapping[str, Any], *, image_id: int, stop_id: int) -> Any:
    """Return transformers' configuration for the authors' one."""
    from transformers import InternVLConfig, InternVLVisionConfig, Qwen2Config  # noqa: PLC0415  heavy

    language, vision = authors_config["llm_config"], authors_config["vision_config"]
    text = Qwen2Config(
        **{name: language[name] for name in LLM_FIELDS},
        # Without the authors' dynamic scaling, which acts beyond 32,768 positions only; no prompt is that long.
        rope_parameters={"rope_theta": language.get("rope_theta", 1e6), "rope_type": "default"},
        use_cache=True,  # InternVL3 ships false; all is decoded from the cache here.
        eos_token_id=stop_id,  # It ships <|endoftext|>, where the authors' scripts go on.
        tie_word_embeddings=False,
    )
    tower = InternVLVisionConfig(
        **{name: vision[name] for name in VISION_FIELDS},
        # Renamed here: under the authors' names transformers would swallow them and keep its defaults.
        attention_bias=vision.get("qkv_bias", True),
        use_qk_norm=vision.get("qk_normalization", False),
        use_mean_pooling=True,  # Means "no final norm": there are no weights for one.
    )
    return InternVLConfig(
        vision_config=tower,
        text_config=text,
        image_token_id=image_id,
        image_seq_length=IMAGE_TOKENS,
        downsample_ratio=authors_config["downsample_ratio"],
        vision_feature_layer=-1,
        vision_feature_select_strategy="default",
        # True by default, and the head would silently be that of the embeddings: thirty points off.
        tie_word_embeddings=False,
    )


def system_message_of(authors_config: Mapping[str, Any]) -> str:
    """Return the system message as the authors' code comes by it: a null in the file is the word None."""
    if "system_message" in authors_config:
        return str(authors_config["system_message"])
    return "你是书生·万象，英文名是InternVL，是由上海人工智能实验室、清华大学及多家合作单位联合开发的多模态大语言模型。"


def load_tokenizer(folder: Path) -> Any:
    """Return the tokenizer; raises PredictorError naming a file that is missing."""
    from transformers import Qwen2Tokenizer  # noqa: PLC0415  heavy

    for name in ("vocab.json", "merges.txt"):
        if not (folder / name).is_file():
            raise PredictorError(f"{folder}: {name} is missing")
    # Its class by name: AutoTokenizer would stop at such a folder and ask on stdin whether to run code.
    return Qwen2Tokenizer.from_pretrained(str(folder), local_files_only=True)


def single_ids(tokenizer: Any, tokens: list[str]) -> list[int]:
    """Return the id of each token; raises PredictorError for one that is not a single token of the vocabulary."""
    # A missing token would give the unknown one's id without an error, and the score would be wrong.
    vocabulary = tokenizer.get_vocab()
    for token in tokens:
        if token not in vocabulary or tokenizer(token, add_special_tokens=False)["input_ids"] != [vocabulary[token]]:
            raise PredictorError(f"the tokenizer has no single token {token!r}; all 101 score tokens are needed")
    return [int(vocabulary[token]) for token in tokens]


def dropped_token_ids(folder: Path, tokenizer: Any) -> frozenset[int]:
    """Return the ids that the authors' decoder leaves out of a text: those their special-token map lists."""
    token_map = read_json(folder / "special_tokens_map.json")
    singles = (value for name, value in token_map.items() if name.endswith("_token"))
    entries = [*token_map.get("additional_special_tokens", []), *singles]
    texts = [entry["content"] if isinstance(entry, dict) else entry for entry in entries]
    return frozenset(tokenizer.convert_tokens_to_ids(texts))
