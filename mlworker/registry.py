"""The predictors and the embedders by name; the one that is asked for is built.

The tables hold dotted names, so that neither the web application nor a worker loads a model it does not use.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from mlworker.predictors.base import Model, Predictor

from .contract import UnknownModel

PREDICTORS: dict[str, str] = {
    "artimuse": "mlworker.predictors.artimuse.predictor.ArtiMuse",
    "baseline": "mlworker.predictors.baseline.predictor.Baseline",
    "fake": "mlworker.predictors.fake.predictor.Fake",
    "openai": "mlworker.predictors.openai.predictor.OpenAI",
}

EMBEDDERS: dict[str, str] = {
    "grid": "mlworker.predictors.grid.predictor.Grid",
    "sscd": "mlworker.predictors.sscd.predictor.SSCD",
}
# Models that need torch have a queue of their own: a worker without it is never handed what it cannot do.
QUEUES = {"artimuse": "predict-gpu", "sscd": "predict-gpu"}
TABLES = {"predictor": PREDICTORS, "embedder": EMBEDDERS}  # By the `kind` of a request; no name is in both.


def names(kind: str = "predictor") -> list[str]:
    """Return the names of all models of a kind, sorted."""
    return sorted(TABLES[kind])


def queue_of(name: str) -> str:
    """Return the queue on which the workers that have this model listen."""
    return QUEUES.get(name, "predict")


def kind_of(name: str) -> str:
    """Return which kind of model has this name; an unknown one would be a predictor."""
    return "embedder" if name in EMBEDDERS else "predictor"


@cache
def load(name: str, kind: str = "predictor") -> Model[Any, Any]:
    """Return the model, built once per process; raises UnknownModel, naming those accepted."""
    return model_class(name, kind)()


def version_of(name: str, kind: str = "predictor") -> str:
    """Return the model's version without building it; raises UnknownModel, or PredictorError for wrong settings."""
    return model_class(name, kind).version


def description_of(name: str, kind: str = "predictor") -> str:
    """Return in plain words what the model is, without building it; raises UnknownModel."""
    return model_class(name, kind).description


def predictor_class(name: str) -> type[Predictor[Any, Any]]:
    """Return the predictor's class; raises UnknownModel."""
    model: type[Predictor[Any, Any]] = model_class(name, "predictor")  # type: ignore[assignment]
    return model


def model_class(name: str, kind: str) -> type[Model[Any, Any]]:
    """Return the class behind a name; raises UnknownModel."""
    if name not in TABLES[kind]:
        raise UnknownModel(f"model {name!r} is unknown; accepted are {', '.join(names(kind))}")
    module, _, attribute = TABLES[kind][name].rpartition(".")
    model: type[Model[Any, Any]] = getattr(import_module(module), attribute)
    return model
