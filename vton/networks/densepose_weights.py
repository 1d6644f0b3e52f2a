"""Reads the published DensePose weights, a pickle of numpy arrays, and keeps them as safetensors."""

import os
import shutil
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from vton.networks.densepose import DensePoseRCNN
from vton.networks.misfits import misfits
from vton.restricted_pickle import RefusedPickle, read_pickle

UNUSED_PREFIXES = ("pixel_mean", "pixel_std", "proposal_generator.anchor_generator.")
"""Constants that older files carry beside the weights."""
PICKLE_SUFFIX = ".pkl"


class DensePoseWeightsError(ValueError):
    """A file that does not hold this network's weights; the message is a sentence that names it."""


def load_densepose(path: Path | str) -> DensePoseRCNN:
    """Load the published DensePose network.

    A pickle is read without running anything from it; what it holds is kept beside it as .safetensors, which later
    calls read as long as the pickle stays as it was.

    Args:
        path: `model_final_162be9.pkl`, or the .safetensors made of it.

    Returns:
        The network of the published size in evaluation mode, float32, on the CPU.

    Raises:
        FileNotFoundError: no such file.
        DensePoseWeightsError: not these weights; names the first keys that differ, or what the pickle wanted to run.
    """
    with torch.device("meta"):
        network = DensePoseRCNN()
    return load_into(network, path)


def load_into(network: DensePoseRCNN, path: Path | str) -> DensePoseRCNN:
    """Load a network of any size; otherwise as `load_densepose`."""
    path = Path(path)
    tensors = read_tensors(path)
    problems = misfits(network, tensors)
    if problems:
        more = f", and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise DensePoseWeightsError(f"{path}: not the weights of this network: it {'; '.join(problems[:3])}{more}.")
    network.load_state_dict({key: value.float() for key, value in tensors.items()}, assign=True)
    return network.eval()


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a pickle, or of the .safetensors made of it, by key; constants of UNUSED_PREFIXES left out.

    Raises:
        FileNotFoundError, DensePoseWeightsError: as `load_densepose`.
    """
    with path.open("rb") as file:
        start = file.read(9)
    if start[8:] == b"{":
        return _read_safetensors(path)[0]
    state = path.stat()
    # A pickle that was replaced differs in one of these, whichever way its date has moved.
    origin = {"bytes": str(state.st_size), "modified": str(state.st_mtime_ns)}
    converted = path.with_suffix(".safetensors")
    if converted.is_file():
        try:
            tensors, made_from = _read_safetensors(converted)
        except (DensePoseWeightsError, OSError):
            made_from = None
        if made_from == origin:
            return tensors
    tensors = _read_pickle(path)
    if path.suffix == PICKLE_SUFFIX:
        _keep(tensors, path, converted, origin)
    return tensors


def _read_safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, "pt") as file:
            return {key: file.get_tensor(key) for key in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except SafetensorError as error:
        raise DensePoseWeightsError(f"{path}: not a whole .safetensors file ({error}); delete it.") from None


def _read_pickle(path: Path) -> dict[str, Tensor]:
    try:
        content = read_pickle(path)
    except RefusedPickle as error:
        raise DensePoseWeightsError(str(error)) from None
    arrays = content.get("model") if isinstance(content, dict) else None
    if not isinstance(arrays, dict) or not all(_is_array(value) for value in arrays.values()):
        raise DensePoseWeightsError(
            f'{path}: not a file of detectron2\'s model zoo (a dict whose "model" holds arrays by name).'
        )
    named = ((key, value) for key, value in arrays.items() if not str(key).startswith(UNUSED_PREFIXES))
    return {str(key): torch.from_numpy(np.asarray(value, order="C")) for key, value in named}


def _is_array(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiu"


def _keep(tensors: dict[str, Tensor], source: Path, path: Path, origin: dict[str, str]) -> None:
    """Write the converted file whole or not at all; a folder that cannot be written to is no reason to fail."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        save_file(tensors, partial, origin)
        # save_file lets nobody else read it.
        shutil.copymode(source, partial)
        partial.replace(path)
    except (OSError, SafetensorError):
        partial.unlink(missing_ok=True)
