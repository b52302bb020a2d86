"""Parameters of a model: `type`, hyperparameters and callbacks.

A `type` with a dot is a module of the project with a model of its own: its class `Parameters`
validates the section, and its class `Backend` (a detector) or `Model` (any task) is the model.
"""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from types import ModuleType
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from ..edge import Contract

Scaling = Literal["standard", "minmax", "robust", "none"]
Seed = Annotated[int, Field(ge=0, lt=2**32, description="Random seed.")]
Contamination = Annotated[
    float, Field(gt=0, le=0.5, description="Share of the training windows to call anomalous.")
]
Epochs = Annotated[int, Field(ge=1, le=100_000)]
MOST_WEIGHTS = 50_000_000  # 400 MB, of which a training needs several copies


def _fits_into_memory(layers: tuple[int, ...]) -> tuple[int, ...]:
    if sum(before * after for before, after in pairwise(layers)) > MOST_WEIGHTS:
        raise PydanticCustomError(
            "too_large", "must have at most {most} weights between them", {"most": MOST_WEIGHTS}
        )
    return layers


Layers = Annotated[
    tuple[Annotated[int, Field(ge=1, le=65_536)], ...],
    Field(min_length=1, strict=False),
    AfterValidator(_fits_into_memory),
]


class Autoencoder(Contract):
    """Parameters of every autoencoder. The narrowest layer is the code."""

    layers: Layers = Field(default=(16, 4, 16), description="Sizes of the hidden layers.")
    activation: Literal["relu", "tanh"] = Field(
        default="tanh", description="Activation of the hidden layers; the output layer is linear."
    )
    learning_rate: float = Field(
        default=0.01, gt=0, le=1, description="Initial learning rate of Adam."
    )
    weight_decay: float = Field(
        default=0.0001, ge=0, le=1, description="Strength of the L2 penalty."
    )
    batch_size: int = Field(default=64, ge=1, le=65_536, description="Batch size.")
    epochs: Epochs = Field(default=200, description="Maximum number of epochs.")


class MlpAutoencoder(Autoencoder):
    """An autoencoder by scikit-learn."""

    type: Literal["mlp_autoencoder"] = "mlp_autoencoder"


class TorchAutoencoder(Autoencoder):
    """The same autoencoder by PyTorch; needs the optional dependency `torch`."""

    type: Literal["torch_autoencoder"] = "torch_autoencoder"
    device: str = Field(
        default="cpu",
        pattern=r"^(cpu|cuda(:\d+)?)$",
        description="Device to train on; only `cpu` is reproducible to the last digit.",
    )


class Pca(Contract):
    """Reconstruction from principal components, the linear autoencoder."""

    type: Literal["pca"] = "pca"
    components: int = Field(
        default=4, ge=1, le=65_536, description="Maximum number of components to keep."
    )


class IsolationForest(Contract):
    """Isolation forest: anomalies are separated by few random splits."""

    type: Literal["isolation_forest"] = "isolation_forest"
    trees: int = Field(default=100, ge=1, le=10_000, description="Number of trees.")
    sample: int = Field(default=256, ge=2, description="Maximum number of windows per tree.")


class LocalOutlierFactor(Contract):
    """Local outlier factor: anomalies have a lower density than their neighbours."""

    type: Literal["local_outlier_factor"] = "local_outlier_factor"
    neighbours: int = Field(default=20, ge=1, description="Maximum number of neighbours.")


PACKAGE = __name__.partition(".")[0]


def own_module(name: str) -> ModuleType:
    """Return a module of the project with a model.

    Raises:
        PydanticCustomError: It is not of this project, does not exist, or has no `Parameters`.
    """
    # A file of a model names it, so only code of the project may be imported.
    if name.partition(".")[0] != PACKAGE:
        raise PydanticCustomError("own_model", f"names a module outside of {PACKAGE}")
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        raise PydanticCustomError("own_model", f"cannot be imported ({error})") from error
    if not isinstance(getattr(module, "Parameters", None), type):
        raise PydanticCustomError("own_model", f"{name} has no class `Parameters`")
    return module


def own_parameters(value: object) -> Any:  # an instance of the class of the module
    """Validate the section of a model of the project, by its own class.

    Raises:
        PydanticCustomError: `type` is not such a module, or the section is invalid.
    """
    if not isinstance(value, Mapping):
        return value
    if not isinstance(name := value.get("type"), str):
        raise PydanticCustomError("own_model", "has no `type`, the name of a module with a model")
    try:
        return own_module(name).Parameters.model_validate(dict(value), strict=False)
    except ValidationError as error:
        reasons = [
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
            for each in error.errors(include_url=False, include_context=False)
        ]
        raise PydanticCustomError("own_model", f"is invalid: {'; '.join(reasons)}") from None


def _own_or_registered(value: object, handler: ValidatorFunctionWrapHandler) -> Any:
    name = value.get("type") if isinstance(value, Mapping) else getattr(value, "type", None)
    return own_parameters(value) if isinstance(name, str) and "." in name else handler(value)


OwnModel = Annotated[SerializeAsAny[Contract], BeforeValidator(own_parameters)]
Model = MlpAutoencoder | TorchAutoencoder | Pca | IsolationForest | LocalOutlierFactor
NO_TORCH = "needs PyTorch, which is not installed: uv sync --inexact --extra torch"


def installed(model: Model, info: ValidationInfo) -> Model:
    """Return the model, if the library that it needs for training is installed.

    Raises:
        PydanticCustomError: The context has `training`, and the library is not installed.
    """
    training = bool(info.context and info.context["training"])
    if training and isinstance(model, TorchAutoencoder) and find_spec("torch") is None:
        raise PydanticCustomError("not_installed", NO_TORCH)
    return model


ModelParameters = Annotated[
    SerializeAsAny[Model],
    Field(discriminator="type"),
    WrapValidator(_own_or_registered),
    AfterValidator(installed),
]


class EarlyStopping(Contract):
    """Stop when the loss has reached a plateau."""

    patience: Epochs = Field(default=10, description="Epochs to wait without improvement.")
    min_delta: float = Field(
        default=1e-4, ge=0, description="Smallest decrease that is an improvement."
    )


class Checkpoint(Contract):
    """Save the state of the training, so that it can resume after a kill."""

    every: Epochs = Field(default=10, description="Number of epochs between checkpoints.")


class StepDecay(Contract):
    """Multiply the learning rate by a factor after every `every` epochs."""

    type: Literal["step"] = "step"
    every: Epochs = Field(default=50, description="Number of epochs between steps.")
    factor: float = Field(default=0.5, gt=0, lt=1, description="Factor of a step.")


class ExponentialDecay(Contract):
    """Multiply the learning rate by a factor after each epoch."""

    type: Literal["exponential"] = "exponential"
    factor: float = Field(default=0.99, gt=0, lt=1, description="Factor of a step.")


class CosineDecay(Contract):
    """Lower the learning rate along half a cosine, to a share of the initial rate."""

    type: Literal["cosine"] = "cosine"
    lowest: float = Field(
        default=0.01, ge=0, lt=1, description="Share of the initial rate at the end."
    )


class ReduceOnPlateau(Contract):
    """Lower the learning rate when the loss has reached a plateau."""

    type: Literal["plateau"] = "plateau"
    patience: Epochs = Field(default=5, description="Epochs to wait without improvement.")
    min_delta: float = Field(
        default=1e-4, ge=0, description="Smallest decrease that is an improvement."
    )
    factor: float = Field(default=0.5, gt=0, lt=1, description="Factor of a step.")
    lowest: float = Field(
        default=0.01, ge=0, lt=1, description="Smallest share of the initial rate."
    )


LearningRate = Annotated[
    StepDecay | ExponentialDecay | CosineDecay | ReduceOnPlateau, Field(discriminator="type")
]


class Callbacks(Contract):
    """What to do between epochs. A model without epochs ignores it."""

    early_stopping: EarlyStopping | None = EarlyStopping()
    checkpoint: Checkpoint | None = Checkpoint()
    learning_rate: LearningRate | None = None
