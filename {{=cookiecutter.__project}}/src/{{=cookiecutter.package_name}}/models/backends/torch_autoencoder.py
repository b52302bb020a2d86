"""The autoencoder by PyTorch: first weights, order of windows and loss are as by scikit-learn."""

from itertools import pairwise

import numpy as np

from ..checkpoints import State
from ..parameters import NO_TORCH, TorchAutoencoder
from . import Floats, closeness

try:
    import torch
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(f"torch_autoencoder {NO_TORCH}", name=error.name) from None

ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh}


def available(device: str) -> bool:
    """Say whether PyTorch can compute on a device of this machine."""
    return device == "cpu" or (torch.device(device).index or 0) < torch.cuda.device_count()


class Backend:
    """Scores a window by what the network cannot rebuild of it.

    All that it keeps is numpy's, so that a saved detector holds nothing of PyTorch.
    """

    def __init__(self, parameters: TorchAutoencoder, seed: int) -> None:
        """Take the parameters, and where chance begins; the weights come with the first epoch.

        Raises:
            OSError: The device is not there.
        """
        if not available(parameters.device):
            raise OSError(f"PyTorch finds no {parameters.device} here: say `device: cpu`")
        self.parameters = parameters
        self.chance = np.random.RandomState(seed)
        self.weights: list[Floats] = []
        self.moments: list[list[Floats]] = []  # of Adam: step, mean and variance for each weight

    def epoch(self, windows: Floats, rate: float) -> float:
        """Pass over the windows once, and return the mean loss."""
        if not self.weights:
            self.weights = self._first(windows.shape[1])
        device = self.parameters.device
        weights = [
            torch.tensor(weight, device=device, requires_grad=True) for weight in self.weights
        ]
        optimizer = self._optimizer(weights, rate, min(self.parameters.batch_size, len(windows)))
        order = np.arange(len(windows))
        self.chance.shuffle(order)
        lost = 0.0
        shuffled = torch.tensor(windows[order], device=device)
        for batch in torch.split(shuffled, self.parameters.batch_size):
            loss = ((self._rebuild(batch, weights) - batch) ** 2).sum() / 2
            optimizer.zero_grad()
            torch.autograd.backward(loss / len(batch))
            optimizer.step()
            lost += loss.item()
        self.weights = [weight.detach().cpu().numpy() for weight in weights]
        self.moments = [
            [value.cpu().numpy() for value in optimizer.state[weight].values()]
            for weight in weights
        ]
        return lost / windows.size

    def state(self) -> State:
        """Return weights, moments and chance."""
        return {"weights": self.weights, "moments": self.moments, "chance": self.chance}

    def restore(self, state: State) -> None:
        """Take what `state` returned."""
        self.weights, self.moments = state["weights"], state["moments"]
        self.chance = state["chance"]

    def normality(self, windows: Floats) -> Floats:
        """Return the negative mean squared error of each window, on the CPU wherever it trained."""
        rebuilt = self._rebuild(torch.tensor(windows), [torch.tensor(w) for w in self.weights])
        return closeness(windows, rebuilt.numpy())

    def _first(self, features: int) -> list[Floats]:
        """Draw weights and intercepts in turn, within Glorot's bounds."""
        drawn = []
        for before, after in pairwise([features, *self.parameters.layers, features]):
            bound = np.sqrt(6 / (before + after))
            drawn.append(self.chance.uniform(-bound, bound, (before, after)))
            drawn.append(self.chance.uniform(-bound, bound, after))
        return drawn

    def _optimizer(self, weights: list[torch.Tensor], rate: float, batch: int) -> torch.optim.Adam:
        """Make the optimizer as the epoch before left it; L2 is for weights, not intercepts."""
        decay = self.parameters.weight_decay / batch
        groups = [
            {"params": weights[::2], "weight_decay": decay},
            {"params": weights[1::2], "weight_decay": 0.0},
        ]
        optimizer = torch.optim.Adam(groups, lr=rate)
        for weight, kept in zip(weights, self.moments, strict=False):
            names = ("step", "exp_avg", "exp_avg_sq")
            optimizer.state[weight] = {
                # Adam counts its steps on the CPU.
                name: torch.tensor(value, device=None if name == "step" else weight.device)
                for name, value in zip(names, kept, strict=True)
            }
        return optimizer

    def _rebuild(self, windows: torch.Tensor, weights: list[torch.Tensor]) -> torch.Tensor:
        activation = ACTIVATIONS[self.parameters.activation]
        for weight, intercept in zip(weights[:-2:2], weights[1:-2:2], strict=True):
            windows = activation(windows @ weight + intercept)
        return windows @ weights[-2] + weights[-1]
