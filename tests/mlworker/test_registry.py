"""The registry names predictors and builds one when it is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

from mlworker import registry
from mlworker.contract import UnknownModel


@pytest.fixture
def set_up(monkeypatch):
    """Give the predictors that need settings theirs, and forget them afterwards."""
    monkeypatch.setenv("MLWORKER_OPENAI_URL", "https://example.org/v1")
    monkeypatch.setenv("MLWORKER_OPENAI_MODEL", "critic")
    monkeypatch.setenv("MLWORKER_ARTIMUSE", str(Path(__file__).parents[2] / "fixtures" / "parity" / "checkpoint"))
    monkeypatch.setenv("MLWORKER_SSCD", __file__)  # Read when it is loaded, not when it is built.
    yield
    registry.load.cache_clear()


@pytest.mark.usefixtures("set_up")
def test_every_registered_predictor_loads_under_its_own_name():
    for name in registry.names():
        assert registry.load(name).name == name
        assert registry.version_of(name) == registry.load(name).version
        assert registry.description_of(name)


@pytest.mark.usefixtures("set_up")
def test_every_registered_embedder_loads_under_its_own_name_and_shares_it_with_no_predictor():
    for name in registry.names("embedder"):
        assert (registry.load(name, "embedder").name, registry.kind_of(name)) == (name, "embedder")
        assert registry.version_of(name, "embedder") == registry.load(name, "embedder").version
        assert registry.description_of(name, "embedder")
    assert not {*registry.names()} & {*registry.names("embedder")}
    assert registry.kind_of("baseline") == "predictor"


@pytest.mark.parametrize("ask", [registry.load, registry.version_of, registry.description_of])
def test_a_predictor_is_no_embedder(ask):
    with pytest.raises(UnknownModel, match=r"model 'baseline' is unknown; accepted are grid, sscd"):
        ask("baseline", "embedder")


def test_a_predictor_is_built_once_per_process():
    assert registry.load("baseline") is registry.load("baseline")


@pytest.mark.parametrize("ask", [registry.load, registry.version_of, registry.description_of])
def test_an_unknown_name_is_refused_with_the_names_that_are_known(ask):
    with pytest.raises(
        UnknownModel, match=r"model 'artimuze' is unknown; accepted are artimuse, baseline, fake, openai"
    ):
        ask("artimuze")


def test_listing_the_names_loads_no_predictor():
    code = (
        "import sys; from mlworker import registry; registry.names();"
        "assert 'mlworker.predictors.baseline.predictor' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
