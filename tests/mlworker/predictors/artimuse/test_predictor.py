"""The authors' own outputs on a tiny checkpoint in their format are met; what is not such a checkpoint is refused."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from mlworker import registry
from mlworker.__main__ import main
from mlworker.contract import PredictorError, PrefillRequest
from mlworker.predictors.artimuse.batch import critique_text, prompt_ids
from mlworker.predictors.artimuse.checkpoint import score_tokens
from mlworker.predictors.artimuse.predictor import ArtiMuse, image_pixels
from mlworker.predictors.artimuse.prompts import IMAGE_TOKENS

FIXTURE = Path(__file__).parents[4] / "fixtures" / "parity"
REFERENCE = json.loads((FIXTURE / "reference.json").read_text(encoding="utf-8"))
NAMES = tuple(REFERENCE["attributes"])


@pytest.fixture(scope="module")
def artimuse():
    """The fixture's model, read once; critiques as long as the recorded ones."""
    return ArtiMuse(FIXTURE / "checkpoint", most_new_tokens=REFERENCE["max_new_tokens"])


def expected_score(logits):
    weights = np.exp(np.array(logits) - max(logits))
    return float(weights / weights.sum() @ np.arange(101))


@pytest.mark.parametrize("name", REFERENCE["images"])
def test_scores_logits_and_chats_are_the_authors_own(artimuse, name):
    reference = REFERENCE["images"][name]
    values = image_pixels(FIXTURE / "images" / name)
    assert hashlib.sha256(values.astype("<f4").tobytes()).hexdigest() == reference["pixel_values"]["sha256_le_c_order"]
    output = artimuse.infer((values, NAMES))
    assert expected_score(output.logits) == pytest.approx(reference["score"], abs=1e-4)
    assert output.logits == pytest.approx(reference["score_logits"], abs=1e-4)
    for attribute, chat in reference["chat"].items():
        assert output.critiques[attribute] == (chat["ids"], chat["text"]), attribute


def test_all_images_at_once_get_the_same_answers_as_one_at_a_time(artimuse):
    values = [image_pixels(FIXTURE / "images" / name) for name in REFERENCE["images"]]
    outputs = artimuse.infer_together([(pixels, NAMES) for pixels in values])
    for output, reference in zip(outputs, REFERENCE["images"].values(), strict=True):
        assert output.logits == pytest.approx(reference["score_logits"], abs=1e-4)
        assert output.critiques == {name: (chat["ids"], chat["text"]) for name, chat in reference["chat"].items()}


def test_what_produced_an_answer_is_kept_with_it(artimuse):
    path = FIXTURE / "images" / "landscape.png"
    provenance = artimuse.predict(PrefillRequest(path.name, "0", "artimuse", ()), path).provenance
    digest = hashlib.sha256()
    for shard in sorted((FIXTURE / "checkpoint").glob("*.safetensors")):
        digest.update(hashlib.sha256(shard.read_bytes()).digest())
    assert provenance["checkpoint_sha256"] == digest.hexdigest()
    assert provenance["prompt_sha256"] == artimuse.wording.sha256("None")
    assert (provenance["torch"], provenance["transformers"]) == (torch.__version__, transformers.__version__)
    device_and_dtype = ("cuda", "bfloat16") if torch.cuda.is_available() else ("cpu", "float32")
    assert (provenance["device"].partition(" ")[0], provenance["dtype"]) == device_and_dtype


def test_prompts_are_sent_to_the_byte(artimuse):
    text = artimuse.wording.score_prompt(artimuse.checkpoint.system_message)
    reference = REFERENCE["prompts"]["score"]
    assert text.replace("<IMG_CONTEXT>" * IMAGE_TOKENS, f"<IMG_CONTEXT>*{IMAGE_TOKENS}") == reference["text"]
    ids = json.dumps(prompt_ids(artimuse.checkpoint, artimuse.wording, ())[0], separators=(",", ":"))
    assert hashlib.sha256(ids.encode()).hexdigest() == reference["input_ids_sha256"]
    assert score_tokens() == REFERENCE["score_tokens"]
    assert artimuse.checkpoint.score_ids == REFERENCE["score_token_ids"]


def checkpoint_copy(tmp_path, name="config.json", **fields):
    """Copy the checkpoint with some fields of a JSON file changed; None takes a field away."""
    folder = tmp_path / "checkpoint"
    shutil.copytree(FIXTURE / "checkpoint", folder)
    content = json.loads((folder / name).read_text())
    content = {key: value for key, value in {**content, **fields}.items() if value != "away"}
    (folder / name).write_text(json.dumps(content))
    return folder


VARIANTS = REFERENCE["system_message_variants"]


def test_without_a_system_message_the_authors_default_is_sent(tmp_path):
    folder = checkpoint_copy(tmp_path, system_message="away")
    scores = VARIANTS["key absent (template default)"]["scores"]
    output = ArtiMuse(folder).infer((image_pixels(FIXTURE / "images" / "landscape.png"), ()))
    assert expected_score(output.logits) == pytest.approx(scores["landscape.png"], abs=1e-4)


LLM = json.loads((FIXTURE / "checkpoint" / "config.json").read_text())["llm_config"]
WRONG_CONFIGS = [
    ({"model_type": "llava"}, "model_type is 'llava'; 'internvl_chat' is accepted"),
    ({"template": "internvl3"}, "template is 'internvl3'; 'internvl2_5' is accepted"),
    ({"ps_version": "v1"}, "ps_version is 'v1'; 'v2' is accepted"),
    ({"use_llm_lora": 16}, "use_llm_lora is 16; 0 is accepted"),
    ({"llm_config": {"model_type": "llama"}}, "llm_config.model_type is 'llama'; 'qwen2' is accepted"),
    ({"vision_config": {}}, "vision_config.hidden_size is missing"),
    ({"llm_config": LLM | {"intermediate_size": 40}}, "down_proj.weight has shape .96, 192.; .96, 40. is accepted"),
    ({"llm_config": LLM | {"num_hidden_layers": 1}}, "unexpected weight model.language_model.layers.1"),
    ({"llm_config": LLM | {"num_hidden_layers": 3}}, "missing weights: model.language_model.layers.2"),
]


@pytest.mark.parametrize(("fields", "complaint"), WRONG_CONFIGS)
def test_another_configuration_is_refused(tmp_path, fields, complaint):
    with pytest.raises(PredictorError, match=complaint):
        _ = ArtiMuse(checkpoint_copy(tmp_path, **fields)).checkpoint


def test_weights_that_are_missing_cut_off_or_too_many_are_refused(tmp_path):
    folder = checkpoint_copy(tmp_path)
    last = folder / "model-00004-of-00004.safetensors"
    data = last.read_bytes()
    last.write_bytes(data[:-1000])
    with pytest.raises(PredictorError, match="the weights cannot be read"):
        _ = ArtiMuse(folder).checkpoint
    last.unlink()
    with pytest.raises(PredictorError, match="model-00004"):
        _ = ArtiMuse(folder).version
    index = json.loads((folder / "model.safetensors.index.json").read_text())
    index["weight_map"] = {k: v for k, v in index["weight_map"].items() if v != last.name}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(PredictorError, match="missing weights"):
        _ = ArtiMuse(folder).checkpoint


def test_a_tokenizer_without_a_score_token_is_refused(tmp_path):
    folder = checkpoint_copy(tmp_path)
    merges = (folder / "merges.txt").read_text().splitlines()
    (folder / "merges.txt").write_text("\n".join(line for line in merges if line != "e y") + "\n")
    with pytest.raises(PredictorError, match="no single token 'ey'"):
        _ = ArtiMuse(folder).checkpoint


def test_two_score_tokens_of_one_id_are_refused(tmp_path):
    folder = checkpoint_copy(tmp_path)
    words = json.loads((folder / "vocab.json").read_text())
    (folder / "vocab.json").write_text(json.dumps(words | {"ab": words["aa"]}))
    with pytest.raises(PredictorError, match=r"two score tokens have the same id|no single token 'a[ab]'"):
        _ = ArtiMuse(folder).checkpoint


def test_the_version_names_the_weights_without_reading_them_all(tmp_path, monkeypatch):
    folder = checkpoint_copy(tmp_path)
    before = ArtiMuse(folder).version
    shard = folder / "model-00001-of-00004.safetensors"
    shard.write_bytes(shard.read_bytes()[:-1] + b"\x01")
    assert ArtiMuse(folder).version != before
    monkeypatch.setenv("MLWORKER_ARTIMUSE", str(FIXTURE / "checkpoint"))
    assert registry.version_of("artimuse") == ArtiMuse(FIXTURE / "checkpoint").version
    monkeypatch.setenv("MLWORKER_ARTIMUSE", "")
    with pytest.raises(PredictorError, match="MLWORKER_ARTIMUSE"):
        registry.version_of("artimuse")


def test_the_command_scores_with_a_folder_and_a_bad_image_goes_by(tmp_path):
    (tmp_path / "no.png").write_text("no image")
    command = [sys.executable, "-m", "mlworker", "score", "--model", str(FIXTURE / "checkpoint"), "--json"]
    more = ["--no-critiques", str(tmp_path / "no.png"), str(FIXTURE / "images" / "landscape.png")]
    process = subprocess.run(command + more, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    failure, result = (json.loads(line) for line in process.stdout.splitlines())
    assert (process.returncode, "is no image" in failure["error"]) == (0, True)
    assert result["score"] == pytest.approx(REFERENCE["images"]["landscape.png"]["score"], abs=1e-4)
    assert (len(result["distribution"]), result["critiques"], result["dtype"]) == (101, {}, "float32")
    assert sum(result["distribution"]) == pytest.approx(1)


def test_the_command_prints_critiques_by_name_no_longer_than_asked_for(artimuse, capsys):
    path = FIXTURE / "images" / "landscape.png"
    assert main(["score", "--model", str(FIXTURE / "checkpoint"), "--json", "--max-new-tokens", "3", str(path)]) == 0
    result = json.loads(capsys.readouterr().out)
    chats = REFERENCE["images"]["landscape.png"]["chat"]
    beginnings = {name: critique_text(artimuse.checkpoint, chat["ids"][:3]) for name, chat in chats.items()}
    assert (result["critiques"], result["model"]) == (beginnings, str(FIXTURE / "checkpoint"))


def test_the_web_application_starts_without_torch_and_without_statistics():
    code = (
        "import django, os, sys; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'tests.harness.settings');"
        "django.setup();"
        "import webapp.urls; from mlworker import registry; registry.names();"
        "[registry.description_of(name) for name in registry.names()];"
        "assert not {'torch', 'transformers', 'scipy.stats'} & set(sys.modules)"  # Each takes seconds to load.
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
