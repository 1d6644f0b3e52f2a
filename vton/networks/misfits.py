"""What keeps tensors from being loaded into a network."""

from torch import Tensor, nn


def misfits(network: nn.Module, state_dict: dict[str, Tensor]) -> list[str]:
    """Every key that a network lacks, that it has no place for, or whose shape differs, each as a few words."""
    wanted = network.state_dict()
    problems = [f"lacks {key}" for key in wanted if key not in state_dict]
    problems += [f"has {key} too many" for key in state_dict if key not in wanted]
    problems += [
        f"has {key} of shape {tuple(state_dict[key].shape)} instead of {tuple(value.shape)}"
        for key, value in wanted.items()
        if key in state_dict and state_dict[key].shape != value.shape
    ]
    return problems
