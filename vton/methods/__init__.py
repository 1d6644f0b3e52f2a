"""The methods that can dress a person: one file for each, one row in METHODS.

A method is built from its networks and called with a Person and a Garment; it returns a Composition. A sixth method is
one file, one row here, and its checkpoints' rows in `weights`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from vton import weights
from vton.methods.acgpn import ACGPN
from vton.methods.compact import CompactHRViton
from vton.methods.doc_vton import DOCVTON
from vton.methods.hr_viton import HRViton
from vton.methods.pf_afn import PFAFN
from vton.methods.pf_afn_compact import CompactPFAFN
from vton.methods.viton_hd import VITONHD
from vton.types import Composition, Garment, Person

TryOn = Callable[[Person, Garment], Composition]


@dataclass(frozen=True)
class Variant:
    """A method with one set of weights.

    checkpoints: names of the checkpoints, in the order in which `build` takes their networks.
    build: networks in evaluation mode → the method.
    maps: names of `types.MAP_NAMES` that it looks at.
    resolution: (height, width) at which its picture is painted.
    parameters: of all its networks, in millions.
    tucks: whether it heeds `Garment.tucked`.
    """

    checkpoints: tuple[str, ...]
    build: Callable[..., TryOn]
    maps: tuple[str, ...]
    resolution: tuple[int, int]
    parameters: float
    tucks: bool = False

    @property
    def megabytes(self) -> float:
        """Size of its files on this machine; of those that are not here, as float32, in which they are published."""
        files = [weights.locate(weights.CHECKPOINTS_BY_NAME[name]) for name in self.checkpoints]
        return sum(file.stat().st_size for file in files) / 1e6 if all(files) else 4 * self.parameters


@dataclass(frozen=True)
class Method:
    """A published method.

    title: how the method is called.
    paper: authors, title, venue and year.
    variants: name of a set of weights ("compact", "official") → the method with these.
    """

    title: str
    paper: str
    variants: dict[str, Variant]


METHODS: dict[str, Method] = {
    "hr-viton": Method(
        "HR-VITON",
        "Lee et al., “High-Resolution Virtual Try-On with Misalignment and Occlusion-Handled Conditions”, ECCV 2022",
        {
            "compact": Variant(
                ("compact-condition", "compact-image"),
                CompactHRViton,
                ("refocused", "pose", "parse", "densepose", "garment", "garment_mask"),
                (384, 288),
                6.1,
                tucks=True,
            ),
            "official": Variant(
                ("hr-viton-condition", "hr-viton-image"),
                HRViton,
                ("agnostic", "parse_agnostic", "densepose", "garment", "garment_mask"),
                (1024, 768),
                147.9,
            ),
        },
    ),
    "viton-hd": Method(
        "VITON-HD",
        "Choi et al., “VITON-HD: High-Resolution Virtual Try-On via Misalignment-Aware Normalization”, CVPR 2021",
        {
            "official": Variant(
                ("viton-hd-segmentation", "viton-hd-matching", "viton-hd-alias"),
                VITONHD,
                ("refocused", "pose", "parse", "parse_agnostic", "garment", "garment_mask"),
                (1024, 768),
                154.1,
            ),
        },
    ),
    "acgpn": Method(
        "ACGPN",
        "Yang et al., “Towards Photo-Realistic Virtual Try-On by Adaptively Generating↔Preserving Image Content”, "
        "CVPR 2020",
        {
            "official": Variant(
                ("acgpn-labels", "acgpn-region", "acgpn-warp", "acgpn-picture"),
                ACGPN,
                ("refocused", "pose", "parse", "garment", "garment_mask"),
                (256, 192),
                140.1,
            ),
        },
    ),
    "pf-afn": Method(
        "PF-AFN",
        "Ge et al., “Parser-Free Virtual Try-on via Distilling Appearance Flows”, CVPR 2021",
        {
            "compact": Variant(
                ("compact-pf-afn-warp", "compact-pf-afn-generator"),
                CompactPFAFN,
                ("refocused", "pose", "parse", "garment", "garment_mask"),
                (256, 192),
                5.4,
            ),
            "official": Variant(
                ("pf-afn-warp", "pf-afn-generator"),
                PFAFN,
                ("refocused", "garment", "garment_mask"),
                (256, 192),
                73.2,
            ),
        },
    ),
    "doc-vton": Method(
        "DOC-VTON",
        "Yang et al., “OccluMix: Towards De-Occlusion Virtual Try-on by Semantically-Guided Mixup”, 2023",
        {
            "official": Variant(
                ("doc-vton-warp", "doc-vton-generator", "doc-vton-arms", "doc-vton-mask"),
                DOCVTON,
                ("refocused", "pose", "parse", "garment", "garment_mask"),
                (256, 192),
                100.0,
            ),
        },
    ),
}
"""Method by the name that `method=` takes."""


def variant_here(name: str, wanted: str) -> str | None:
    """The set of weights with which a method can run on this machine: the wanted one before any other, or None."""
    variants = METHODS[name].variants
    order = [wanted] * (wanted in variants) + [other for other in variants if other != wanted]
    return next((which for which in order if not _missing_files(variants[which])), None)


def what_is_missing(name: str, wanted: str) -> str:
    """The sentence that says which files a method lacks, the commands that get them, and where they are published."""
    variants = METHODS[name].variants
    rows = _missing_files(variants.get(wanted) or next(iter(variants.values())))
    files = ", ".join(row.file for row in rows)
    commands = dict.fromkeys(row.train or f"python -m vton weights fetch {row.group}" for row in rows)
    places = dict.fromkeys(str(source) for row in rows for source in row.sources)
    published = f" (published at {' and '.join(places)})" if places else ""
    lacks = f"{METHODS[name].title} needs weights that are not on this machine: {files}."
    return f"{lacks} Get them with: {' and '.join(commands)}{published}."


def load_method(name: str, which: str, device: torch.device) -> TryOn:
    """Build a method with one of its sets of weights.

    Raises:
        weights.MissingWeights: files are not on this machine; the message lists them and how to get each.
        weights.WeightsError: a file cannot be used.
    """
    variant = METHODS[name].variants[which]
    files = weights.find(*variant.checkpoints)
    networks: list[nn.Module] = []
    for checkpoint, file in zip(variant.checkpoints, files, strict=True):
        network = weights.load_network(file) if which == "compact" else weights.load_official(checkpoint)
        networks.append(network.to(device))
    return variant.build(*networks)


def _missing_files(variant: Variant) -> list[weights.Checkpoint]:
    rows = [weights.CHECKPOINTS_BY_NAME[checkpoint] for checkpoint in variant.checkpoints]
    return [row for row in rows if weights.locate(row) is None]
