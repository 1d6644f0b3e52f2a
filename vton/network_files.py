"""Networks and the files that hold them: saved with their configuration, loaded strictly, and only tensors."""

import json
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from vton.checkpoints_table import CHECKPOINTS_BY_NAME
from vton.networks.acgpn import GarmentWarp, label_generator, picture_generator, region_generator
from vton.networks.body import BodyNet
from vton.networks.discriminators import ConditionDiscriminator, ImageDiscriminator
from vton.networks.doc_vton import CompletionUNet
from vton.networks.garment_field import GarmentField
from vton.networks.hr_viton import ConditionGenerator, ImageGenerator, current_key
from vton.networks.hr_viton_posed import PosedConditionGenerator
from vton.networks.light import LightNet
from vton.networks.lining import LiningNet
from vton.networks.misfits import misfits
from vton.networks.outline import OutlineNet
from vton.networks.pf_afn import AppearanceFlow, ResidualUNet
from vton.networks.pf_afn_posed import FlowGuess, PosedAppearanceFlow
from vton.networks.viton_hd import AliasGenerator, GeometricMatching, segmentation_generator

NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "body": BodyNet,
    "lining": LiningNet,
    "outline": OutlineNet,
    "condition_generator": ConditionGenerator,
    "posed_condition_generator": PosedConditionGenerator,
    "garment_field": GarmentField,
    "image_generator": ImageGenerator,
    "light_generator": LightNet,
    "condition_discriminator": ConditionDiscriminator,
    "image_discriminator": ImageDiscriminator,
    "pf_afn_warp": AppearanceFlow,
    "pf_afn_generator": ResidualUNet,
    "pf_afn_posed_warp": PosedAppearanceFlow,
    "pf_afn_guess": FlowGuess,
    "viton_hd_segmentation": segmentation_generator,
    "viton_hd_matching": GeometricMatching,
    "viton_hd_alias": AliasGenerator,
    "acgpn_labels": label_generator,
    "acgpn_region": region_generator,
    "acgpn_warp": GarmentWarp,
    "acgpn_picture": picture_generator,
    "doc_vton_arms": partial(CompletionUNet, 32, 14),
    "doc_vton_mask": partial(CompletionUNet, 22, 3),
}
"""Network by the name that a checkpoint carries. Without arguments they have the published sizes."""

RENAMES: dict[str, Callable[[str], str | None]] = {
    "image_generator": current_key,
    # The authors' training makes a parameter of the filter of its smoothness loss, and saves it.
    "pf_afn_warp": lambda key: None if key == "aflow_net.weight" else key,
}
"""How keys of published files become those of our networks, for the networks where they differ; None: not needed."""


class WeightsError(Exception):
    """Weights that cannot be used; the message names the file and what is wrong with it."""


class MissingWeights(WeightsError):
    """Weights that are not on this machine; the message lists each file and the command that gets it."""


def save_checkpoint(path: Path | str, network: str, config: dict, state_dict: dict[str, Tensor], notes: dict) -> None:
    """Write a compact checkpoint that carries its own configuration.

    Args:
        path: a .safetensors file; its folder is made.
        network: a name in NETWORKS.
        config: arguments of that class.
        state_dict: of such a network. Matrices and kernels are stored in float16; vectors (biases, statistics of
            normalisation layers), which are small and of any range, in float32.
        notes: anything JSON can hold, for people.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for key, tensor in state_dict.items():
        tensor = tensor.detach().cpu()
        if tensor.is_floating_point():
            tensor = tensor.to(torch.float16 if tensor.dim() > 1 else torch.float32)
        tensors[key] = tensor.contiguous()
    metadata = {"network": network, "config": json.dumps(config), "notes": json.dumps(notes)}
    partial = path.with_name(path.name + ".part")
    save_file(tensors, partial, metadata)
    partial.replace(path)


def load_network(path: Path | str) -> nn.Module:
    """Build the network that a compact checkpoint describes and load it.

    Returns:
        The module in evaluation mode, float32, on the CPU.

    Raises:
        MissingWeights: no such file.
        WeightsError: not such a checkpoint, or its tensors do not fit its configuration.
    """
    path = Path(path)
    metadata, state_dict = _read_safetensors(path)
    try:
        network = NETWORKS[metadata["network"]](**json.loads(metadata["config"]))
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path}: it does not describe one of our networks ({error!r}).") from None
    return load_strictly(network, state_dict, path)


def load_notes(path: Path | str) -> dict:
    """The notes that `save_checkpoint` stored.

    Raises:
        MissingWeights, WeightsError: as `load_network`.
    """
    return json.loads(_read_safetensors(Path(path))[0].get("notes", "{}"))


def load_densepose_file(path: Path) -> nn.Module:
    """DensePose from the published pickle, or from the .safetensors that its first use writes beside it.

    Raises:
        MissingWeights, WeightsError: as `load_network`.
    """
    from vton.networks.densepose_weights import DensePoseWeightsError, load_densepose

    demand(path)
    try:
        return load_densepose(path)
    except DensePoseWeightsError as error:
        raise WeightsError(str(error)) from None


def _read_safetensors(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    demand(path)
    try:
        with safe_open(path, "pt") as file:
            return file.metadata() or {}, {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise WeightsError(f"{path}: not a whole .safetensors file ({_first_line(error)}).") from None


def read_published(path: Path, network: str) -> dict[str, Tensor]:
    """The tensors of a published file under the keys of our network.

    Args:
        network: a name in NETWORKS.

    Raises:
        MissingWeights, WeightsError: as `load_network`.
    """
    demand(path)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        raise WeightsError(f"{path}: not a file of tensors that PyTorch can read ({_first_line(error)}).") from None
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise WeightsError(f"{path}: not a plain state dict (keys to tensors).")
    rename = RENAMES.get(network, str)
    renamed = {rename(key.removeprefix("module.")): value for key, value in content.items()}
    return {key: value for key, value in renamed.items() if key is not None}


def load_strictly(network: nn.Module, state_dict: dict[str, Tensor], path: Path) -> nn.Module:
    """Give a network exactly its tensors, and return it in evaluation mode.

    Raises:
        WeightsError: names the file and the first keys that differ.
    """
    wanted = network.state_dict()
    problems = misfits(network, state_dict)
    if problems:
        more = f", and {len(problems) - 4} more" if len(problems) > 4 else ""
        raise WeightsError(f"{path}: does not fit {type(network).__name__}: it {'; '.join(problems[:4])}{more}.")
    tensors = {key: state_dict[key].to(value.dtype) for key, value in wanted.items()}
    network.load_state_dict(tensors, assign=True)
    return network.eval()


def demand(path: Path) -> None:
    """Raise MissingWeights, with the command that gets it, where there is no such file."""
    if not path.is_file():
        known = [row for row in CHECKPOINTS_BY_NAME.values() if row.file == path.name]
        hint = f"; get it with: {known[0].command}" if known else ""
        raise MissingWeights(f"{path}: this file is missing{hint}.")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
