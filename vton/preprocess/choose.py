"""Which program makes which map: the compact one that ships, or the published one when its files are here."""

from pathlib import Path

import torch
from torch import nn

from vton import weights
from vton.preprocess.garment_mask import GarmentNetworks
from vton.preprocess.parsing import BodyParser
from vton.preprocess.pose import PoseEstimator
from vton.preprocess.prepare import Preparer

PREPROCESSORS: dict[str, tuple[str, ...]] = {
    "parsing": ("compact", "schp"),
    "parts": ("compact", "densepose"),
    "garment_mask": ("classical", "rembg"),
    "clicks": ("grabcut", "sam"),
}
"""Step → what can do it: first what needs no download, then the published model."""

FILES = {"schp": "schp-lip", "densepose": "densepose", "sam": "sam-vit-b"}
"""Published preprocessor → the checkpoint without which it cannot run. SCHP uses schp-atr too where that is here."""


def choose(weights_name: str = "compact", steps: dict[str, str] | None = None) -> dict[str, str]:
    """Decide for every step.

    Args:
        weights_name: "compact" takes the compact one everywhere, "official" the published one of every step whose
            files are on this machine.
        steps: step → a name of PREPROCESSORS, for the steps that are to be done by just this one. For garment_mask,
            "rembg:FILE" names a model in rembg's ONNX format.

    Returns:
        Step → name, in the order of PREPROCESSORS.

    Raises:
        ValueError: no such step or name.
        weights.MissingWeights: a step is to be done by a model whose file is not here; says which command gets it.
    """
    wanted = dict(steps or {})
    for step, name in wanted.items():
        if step not in PREPROCESSORS:
            raise ValueError(f"there is no step {step}; the steps are {', '.join(PREPROCESSORS)}")
        kind = name.partition(":")[0] if step == "garment_mask" else name
        if kind not in PREPROCESSORS[step]:
            raise ValueError(f"{step} is done by {' or '.join(PREPROCESSORS[step])}, not by {name}")
        _demand(name)
    choice = {}
    for step, (compact, published) in PREPROCESSORS.items():
        choice[step] = published if weights_name == "official" and is_here(published) else compact
    return {**choice, **wanted}


def is_here(name: str) -> bool:
    """Whether everything that a preprocessor needs is on this machine."""
    if name == "rembg":
        from vton.preprocess.garment_rembg import find_model

        return find_model() is not None
    return name not in FILES or weights.locate(weights.rows(FILES[name])[0]) is not None


def build_preparer(choice: dict[str, str] | None = None, device: torch.device | str = "cpu") -> Preparer:
    """Load what a choice needs, and nothing else.

    Args:
        choice: what `choose` returns; everything compact by default.
        device: where the networks run.

    Raises:
        weights.MissingWeights: a file is not on this machine; says which command gets it.
        weights.WeightsError: a file cannot be used.
    """
    choice = choice or choose()
    place = torch.device(device)
    body = None
    if "compact" in (choice["parsing"], choice["parts"]):
        body = BodyParser(weights.load_network(weights.find("compact-body")[0]).to(place))
    return Preparer(
        PoseEstimator(),
        body,
        published_parser=_schp() if choice["parsing"] == "schp" else None,
        published_parts=_densepose(place) if choice["parts"] == "densepose" else None,
        cut_out=_rembg(choice["garment_mask"]) if choice["garment_mask"] != "classical" else None,
        segmenter=_sam() if choice["clicks"] == "sam" else None,
        in_use=choice,
        networks=GarmentNetworks(_looking("outline", place), _looking("lining", place)),
    )


def _looking(kind: str, device: torch.device) -> nn.Module | None:
    """One of the compact networks that look at garments, if it is on this machine."""
    file = weights.locate(weights.rows(f"compact-{kind}")[0])
    return weights.load_network(file).to(device, memory_format=torch.channels_last) if file else None


# Each of these imports a runtime that takes seconds and that the compact preprocessors do without.


def _schp():
    from vton.preprocess.schp import SchpParser

    return SchpParser(weights.find("schp-lip")[0], weights.locate(weights.rows("schp-atr")[0]))


def _densepose(device: torch.device):
    from vton.preprocess.densepose import DensePoseParts

    return DensePoseParts(weights.load_official("densepose").to(device))


def _rembg(name: str):
    from vton.preprocess.garment_rembg import Rembg, find_model

    file = name.partition(":")[2]
    return Rembg(Path(file) if file else find_model() or weights.find("u2net")[0])


def _sam():
    from vton.preprocess.garment_clicks import SamSegmenter

    return SamSegmenter(weights.find("sam-vit-b")[0])


def _demand(name: str) -> None:
    kind, _, file = name.partition(":")
    if file:
        if not Path(file).is_file():
            raise weights.MissingWeights(f"{file}: there is no such file; give the path of a model for rembg.")
    elif kind in FILES:
        weights.find(FILES[kind])
    elif kind == "rembg" and not is_here(kind):
        weights.find("u2net")
