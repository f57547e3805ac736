"""List the predictors by name and build the one that is asked for.

The table holds dotted names, so that neither the web application nor a worker loads a model it does not use.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from mlworker.contract import UnknownModel
from mlworker.predictors.base import Predictor

PREDICTORS: dict[str, str] = {
    "artimuse": "mlworker.predictors.artimuse.ArtiMuse",
    "baseline": "mlworker.predictors.baseline.Baseline",
    "fake": "mlworker.predictors.fake.Fake",
    "openai": "mlworker.predictors.openai.OpenAI",
}


def names() -> list[str]:
    """Return the names of all predictors, sorted."""
    return sorted(PREDICTORS)


@cache
def load(name: str) -> Predictor[Any, Any]:
    """Return the predictor, built once per process; raises UnknownModel, naming those accepted."""
    return predictor_class(name)()


def version_of(name: str) -> str:
    """Return the predictor's version without building it; raises UnknownModel, or PredictorError for wrong settings."""
    return predictor_class(name).version


def description_of(name: str) -> str:
    """Return in plain words what the predictor is, without building it; raises UnknownModel."""
    return predictor_class(name).description


def predictor_class(name: str) -> type[Predictor[Any, Any]]:
    """Return the class behind a name; raises UnknownModel."""
    if name not in PREDICTORS:
        raise UnknownModel(f"model {name!r} is unknown; accepted are {', '.join(names())}")
    module, _, attribute = PREDICTORS[name].rpartition(".")
    found: type[Predictor[Any, Any]] = getattr(import_module(module), attribute)
    return found
