"""What the configuration may say about a model: its kind, its hyperparameters, its callbacks."""

from importlib.util import find_spec
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from ..edge import Contract

Scaling = Literal["standard", "minmax", "robust", "none"]
Seed = Annotated[int, Field(ge=0, lt=2**32, description="Where chance begins.")]
Contamination = Annotated[
    float, Field(gt=0, le=0.5, description="Share of the training windows to call anomalous.")
]
Epochs = Annotated[int, Field(ge=1, le=100_000)]
Layers = Annotated[
    tuple[Annotated[int, Field(ge=1, le=65_536)], ...], Field(min_length=1, strict=False)
]


class Autoencoder(Contract):
    """What every autoencoder states. The narrowest of its layers is the code."""

    layers: Layers = Field(default=(16, 4, 16), description="Sizes of the hidden layers.")
    activation: Literal["relu", "tanh"] = Field(
        default="tanh", description="Of the hidden layers; the output is linear."
    )
    learning_rate: float = Field(default=0.01, gt=0, le=1, description="Of Adam, at the start.")
    weight_decay: float = Field(default=0.0001, ge=0, le=1, description="Strength of L2.")
    batch_size: int = Field(default=64, ge=1, le=65_536, description="Windows in a step.")
    epochs: Epochs = Field(default=200, description="Most passes over the data.")


class MlpAutoencoder(Autoencoder):
    """An autoencoder by scikit-learn."""

    kind: Literal["mlp_autoencoder"] = "mlp_autoencoder"


class TorchAutoencoder(Autoencoder):
    """The same autoencoder by PyTorch; needs the optional dependency `torch`."""

    kind: Literal["torch_autoencoder"] = "torch_autoencoder"
    device: str = Field(
        default="cpu",
        pattern=r"^(cpu|cuda(:\d+)?)$",
        description="Where it is trained; only `cpu` repeats a run to the last digit.",
    )


class Pca(Contract):
    """Reconstruction from principal components, the linear autoencoder."""

    kind: Literal["pca"] = "pca"
    components: int = Field(default=4, ge=1, le=65_536, description="Kept, if there are as many.")


class IsolationForest(Contract):
    """How soon random cuts set a window apart."""

    kind: Literal["isolation_forest"] = "isolation_forest"
    trees: int = Field(default=100, ge=1, le=10_000, description="Number of trees.")
    sample: int = Field(default=256, ge=2, description="Windows that a tree sees, at most.")


class LocalOutlierFactor(Contract):
    """How thin the data is around a window, compared with its neighbours."""

    kind: Literal["local_outlier_factor"] = "local_outlier_factor"
    neighbours: int = Field(default=20, ge=1, description="Looked at, if there are as many.")


Model = MlpAutoencoder | TorchAutoencoder | Pca | IsolationForest | LocalOutlierFactor
NO_TORCH = "needs PyTorch, which is not installed: uv sync --inexact --extra torch"


def installed(model: Model, info: ValidationInfo) -> Model:
    """Return a model that can be trained here, which is known before anything is imported.

    Raises:
        PydanticCustomError: The context says `training`, and the library is not installed.
    """
    training = bool(info.context and info.context["training"])
    if training and isinstance(model, TorchAutoencoder) and find_spec("torch") is None:
        raise PydanticCustomError("not_installed", NO_TORCH)
    return model


ModelParameters = Annotated[Model, Field(discriminator="kind"), AfterValidator(installed)]


class EarlyStopping(Contract):
    """Stop when the loss has come to a plateau."""

    patience: Epochs = Field(default=10, description="Epochs without improvement to wait.")
    min_delta: float = Field(default=1e-4, ge=0, description="Least fall that is an improvement.")


class Checkpoint(Contract):
    """Keep the state of the training, so that it can go on after it was killed."""

    every: Epochs = Field(default=10, description="Epochs between two checkpoints.")


class StepDecay(Contract):
    """Lower the learning rate after every so many epochs."""

    kind: Literal["step"] = "step"
    every: Epochs = Field(default=50, description="Epochs between two steps.")
    factor: float = Field(default=0.5, gt=0, lt=1, description="What a step multiplies it by.")


class ExponentialDecay(Contract):
    """Lower the learning rate a little after each epoch."""

    kind: Literal["exponential"] = "exponential"
    factor: float = Field(default=0.99, gt=0, lt=1, description="What it is multiplied by.")


class CosineDecay(Contract):
    """Lower the learning rate along half a cosine, down to a share at the last epoch."""

    kind: Literal["cosine"] = "cosine"
    lowest: float = Field(default=0.01, ge=0, lt=1, description="Share left at the end.")


class ReduceOnPlateau(Contract):
    """Lower the learning rate when the loss has come to a plateau."""

    kind: Literal["plateau"] = "plateau"
    patience: Epochs = Field(default=5, description="Epochs without improvement to wait.")
    min_delta: float = Field(default=1e-4, ge=0, description="Least fall that is an improvement.")
    factor: float = Field(default=0.5, gt=0, lt=1, description="What it is multiplied by.")
    lowest: float = Field(default=0.01, ge=0, lt=1, description="Share that is always left.")


LearningRate = Annotated[
    StepDecay | ExponentialDecay | CosineDecay | ReduceOnPlateau, Field(discriminator="kind")
]


class Callbacks(Contract):
    """What happens between two epochs. Kinds that have no epochs have no use for it."""

    early_stopping: EarlyStopping | None = EarlyStopping()
    checkpoint: Checkpoint | None = Checkpoint()
    learning_rate: LearningRate | None = None
