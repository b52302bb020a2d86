"""One epoch of the autoencoder by PyTorch: numpy's arrays in, numpy's arrays out."""

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
MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # what Adam keeps of each weight


def require(device: str) -> None:
    """Be sure of a device.

    Raises:
        OSError: It is not there.
    """
    if device != "cpu" and (torch.device(device).index or 0) >= torch.cuda.device_count():
        raise OSError(f"PyTorch finds no {device} here: say `device: cpu`")


def epoch(
    parameters: TorchAutoencoder,
    windows: Floats,
    weights: list[Floats],
    moments: list[list[Floats]],
    rate: float,
) -> tuple[float, list[Floats], list[list[Floats]]]:
    """Pass over windows once, in their order.

    Args:
        parameters: What is trained, and on which device.
        windows: Of shape (n, d).
        weights: Of each layer in turn, its weights and its intercepts.
        moments: What Adam kept of each of them; empty before the first epoch.
        rate: Learning rate.

    Returns:
        The sum of the losses, the weights and the moments.
    """
    device = parameters.device
    tensors = [torch.tensor(weight, device=device, requires_grad=True) for weight in weights]
    decay = parameters.weight_decay / min(parameters.batch_size, len(windows))
    optimizer = _optimizer(tensors, moments, rate, decay)
    lost = 0.0
    for batch in torch.split(torch.tensor(windows, device=device), parameters.batch_size):
        loss = ((_rebuild(batch, tensors, parameters.activation) - batch) ** 2).sum() / 2
        optimizer.zero_grad()
        torch.autograd.backward(loss / len(batch))
        optimizer.step()
        lost += loss.item()
    kept = [[optimizer.state[tensor][name].cpu().numpy() for name in MOMENTS] for tensor in tensors]
    return lost, [tensor.detach().cpu().numpy() for tensor in tensors], kept


def _optimizer(
    weights: list[torch.Tensor], moments: list[list[Floats]], rate: float, decay: float
) -> torch.optim.Adam:
    """Make the optimizer as the epoch before left it; L2 is for weights, not intercepts."""
    groups: list[dict[str, Any]] = [{"params": weights[::2]}, {"params": weights[1::2]}]
    groups[0]["weight_decay"] = decay
    optimizer = torch.optim.Adam(groups, lr=rate)
    for weight, kept in zip(weights, moments, strict=False):
        optimizer.state[weight] = {
            # Adam counts its steps on the CPU.
            name: torch.tensor(value, device="cpu" if name == "step" else weight.device)
            for name, value in zip(MOMENTS, kept, strict=True)
        }
    return optimizer


def _rebuild(windows: torch.Tensor, weights: list[torch.Tensor], activation: str) -> torch.Tensor:
    for weight, intercept in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        windows = ACTIVATIONS[activation](windows @ weight + intercept)
    return windows @ weights[-2] + weights[-1]
