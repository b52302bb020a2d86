"""One epoch of the autoencoder in PyTorch, with NumPy arrays as input and output."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .parameters import NO_TORCH, TorchAutoencoder

try:
    import torch
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(f"torch_autoencoder {NO_TORCH}", name=error.name) from None

Floats = NDArray[np.float64]
ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh}
MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # state of Adam for each weight


def require(device: str) -> None:
    """Check that a device exists.

    Raises:
        OSError: The device does not exist.
    """
    if device != "cpu" and (torch.device(device).index or 0) >= torch.cuda.device_count():
        raise OSError(f"PyTorch does not find {device} on this machine: set `device: cpu`")


def epoch(
    parameters: TorchAutoencoder,
    windows: Floats,
    weights: list[Floats],
    moments: list[list[Floats]],
    rate: float,
) -> tuple[float, list[Floats], list[list[Floats]]]:
    """Train for one epoch on windows, in the given order.

    Args:
        parameters: Parameters of the model, including the device.
        windows: Windows of shape (n, d).
        weights: Weights and intercepts of each layer in turn.
        moments: State of Adam for each of them; empty before the first epoch.
        rate: Learning rate.

    Returns:
        The sum of the losses, the weights and the moments.
    """
    device = parameters.device
    tensors = [torch.tensor(weight, device=device, requires_grad=True) for weight in weights]
    decay = parameters.weight_decay / min(parameters.batch_size, len(windows))
    optimizer = _optimizer(tensors, moments, rate, decay)
    total_loss = 0.0
    for batch in torch.split(torch.tensor(windows, device=device), parameters.batch_size):
        loss = ((_reconstruct(batch, tensors, parameters.activation) - batch) ** 2).sum() / 2
        optimizer.zero_grad()
        torch.autograd.backward(loss / len(batch))
        optimizer.step()
        total_loss += loss.item()
    state = [
        [optimizer.state[tensor][name].cpu().numpy() for name in MOMENTS] for tensor in tensors
    ]
    return total_loss, [tensor.detach().cpu().numpy() for tensor in tensors], state


def _optimizer(
    weights: list[torch.Tensor], moments: list[list[Floats]], rate: float, decay: float
) -> torch.optim.Adam:
    """Return the optimizer in the state after the previous epoch; intercepts have no L2 penalty."""
    groups: list[dict[str, Any]] = [{"params": weights[::2]}, {"params": weights[1::2]}]
    groups[0]["weight_decay"] = decay
    optimizer = torch.optim.Adam(groups, lr=rate)
    for weight, values in zip(weights, moments, strict=False):
        optimizer.state[weight] = {
            # Adam counts its steps on the CPU.
            name: torch.tensor(value, device="cpu" if name == "step" else weight.device)
            for name, value in zip(MOMENTS, values, strict=True)
        }
    return optimizer


def _reconstruct(
    windows: torch.Tensor, weights: list[torch.Tensor], activation: str
) -> torch.Tensor:
    for weight, intercept in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        windows = ACTIVATIONS[activation](windows @ weight + intercept)
    return windows @ weights[-2] + weights[-1]
