"""One row for every file of weights: where it is published, under which licence, how to tell that it arrived whole.

SHA-256 and size are stated where the publisher or the Hub's own file pages state them, and are None elsewhere.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Folder:
    """A folder in which other programs keep this file.

    path: may begin with ~. variable: environment variable that names another folder instead.
    """

    path: str
    variable: str

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True)
class Hub:
    """A file in a model repository on the Hugging Face Hub, at a commit or a branch."""

    repository: str
    file: str
    revision: str = "main"

    def __str__(self) -> str:
        return f"https://huggingface.co/{self.repository}"


@dataclass(frozen=True)
class Drive:
    """A public file on Google Drive; `archive` when it is a .zip that has our file inside, in whatever folder."""

    id: str
    archive: bool = False

    def __str__(self) -> str:
        return f"https://drive.google.com/file/d/{self.id}/view"


@dataclass(frozen=True)
class Url:
    """A plain address."""

    address: str

    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True)
class Page:
    """A page with no address for the file alone: somebody has to open it and download by hand."""

    address: str

    def __str__(self) -> str:
        return self.address


Source = Folder | Hub | Drive | Url | Page


@dataclass(frozen=True)
class Checkpoint:
    """A file of weights and where it comes from.

    name: what the commands call it.
    group: "compact", the method it belongs to, or the step of the preprocessing.
    file: its name in the folder of weights.
    purpose: what it is for, in a few words.
    licence: in a few words.
    network: a name in `weights.NETWORKS`; None where the file is run by another library.
    restricted: whether the licence forbids some uses, so that somebody has to agree to it.
    sources: where it is to be had, tried in this order.
    size: bytes, where known.
    sha256: hex digest, where known.
    train: the command that makes it, where no one publishes it.
    """

    name: str
    group: str
    file: str
    purpose: str
    licence: str
    network: str | None = None
    restricted: bool = False
    sources: tuple[Source, ...] = ()
    size: int | None = None
    sha256: str | None = None
    train: str | None = None

    @property
    def command(self) -> str:
        """The command that puts the file in its place."""
        return self.train or f"python -m vton weights fetch {self.name}"


NON_COMMERCIAL = "CC BY-NC 4.0 (no commercial use)"
RESEARCH = "non-commercial research and education only"


def _compact(kind: str, network: str, purpose: str) -> Checkpoint:
    file = f"{kind.replace('-', '_')}.safetensors"
    return Checkpoint(
        f"compact-{kind}",
        "compact-pf-afn" if kind.startswith("pf-afn") else "compact",
        file,
        purpose,
        "Apache 2.0",
        network,
        train=f"python -m vton train {kind} --data DATASET -o checkpoints/{file}",
    )


COMPACT = (
    _compact("body", "body", "human parsing and body parts"),
    _compact("outline", "outline", "where a garment is in its picture"),
    _compact("lining", "lining", "what a garment's picture shows of its inside"),
    _compact("condition", "posed_condition_generator", "HR-VITON, small: warps the garment"),
    _compact("image", "light_generator", "HR-VITON, small: lights the garment and paints skin"),
    _compact("discriminator", "condition_discriminator", "the verdict: do the predicted regions look real?"),
    _compact("pf-afn-warp", "pf_afn_posed_warp", "PF-AFN, small: warps the garment without a parse"),
    _compact("pf-afn-generator", "pf_afn_generator", "PF-AFN, small: paints the person"),
)


def _published(
    group: str, part: str, file: str, network: str, purpose: str, licence: str, source: Source, extra: str = ""
) -> Checkpoint:
    """A file of a published method; all of them forbid commercial use."""
    return Checkpoint(f"{group}-{part}", group + extra, file, purpose, licence, network, True, (source,))


_VITON_HD = Page(
    "https://drive.google.com/drive/folders/0B8kXrnobEVh9fnJHX3lCZzEtd20yUVAtTk5HdWk2OVV0RGl6YXc0NWhMOTlvb1FKX3Z1OUk"
    "?resourcekey=0-OIXHrDwCX8ChjypUbJo4fQ"
)
_ACGPN = Drive("1UWT6esQIU_d4tUm8cjxDKMhB8joQbrFx", archive=True)
_PF_AFN = Drive("1_a0AiN8Y_d_9TNDhHIcRlERz3zptyYWV", archive=True)
_DOC_VTON = Drive("1yj8khxliGEcEfFLhT_NJ3zUYN1UlV1t1", archive=True)

METHODS = (
    _published(
        "hr-viton",
        "condition",
        "mtviton.pth",
        "condition_generator",
        "HR-VITON: warps the garment",
        NON_COMMERCIAL,
        Drive("1XJTCdRBOPVgVTmqzhVGFAgMm2NLkw5uQ"),
    ),
    _published(
        "hr-viton",
        "image",
        "gen.pth",
        "image_generator",
        "HR-VITON: paints the person",
        NON_COMMERCIAL,
        Drive("1T5_YDUhYSSKPC_nZMk2NeC-XXUFoYeNy"),
    ),
    _published(
        "hr-viton",
        "discriminator",
        "D_final.pth",
        "condition_discriminator",
        "HR-VITON: judges a predicted parse",
        NON_COMMERCIAL,
        Drive("1T4V3cyRlY5sHVK7Quh_EJY5dovb5FxGX"),
        "-rejection",
    ),
    *(
        _published("viton-hd", part, file, f"viton_hd_{part}", f"VITON-HD: {purpose}", NON_COMMERCIAL, _VITON_HD)
        for part, file, purpose in (
            ("segmentation", "seg_final.pth", "predicts the parse"),
            ("matching", "gmm_final.pth", "warps the garment"),
            ("alias", "alias_final.pth", "paints the person"),
        )
    ),
    *(
        _published("acgpn", part, file, f"acgpn_{part}", f"ACGPN: {purpose}", RESEARCH, _ACGPN)
        for part, file, purpose in (
            ("labels", "latest_net_G1.pth", "G1, predicts the parse"),
            ("region", "latest_net_G2.pth", "G2, predicts the garment's region"),
            ("warp", "latest_net_U.pth", "U, warps the garment"),
            ("picture", "latest_net_G.pth", "G, paints the person"),
        )
    ),
    *(
        _published("pf-afn", part, file, f"pf_afn_{part}", f"PF-AFN: {purpose}", RESEARCH, _PF_AFN)
        for part, file, purpose in (
            ("warp", "warp_model_final.pth", "warps the garment without a parse"),
            ("generator", "gen_model_final.pth", "paints the person"),
        )
    ),
    *(
        _published("doc-vton", part, file, network, f"DOC-VTON: {purpose}", RESEARCH, _DOC_VTON)
        for part, file, network, purpose in (
            ("warp", "PFAFN_warp_epoch_101.pth", "pf_afn_warp", "warps the garment"),
            ("generator", "PFAFN_gen_epoch_040.pth", "pf_afn_generator", "paints the person"),
            ("arms", "comp_sleeve_epoch_final.pth", "doc_vton_arms", "completes hidden arms"),
            ("mask", "comp_mask_epoch_081.pth", "doc_vton_mask", "decides what arms hide"),
        )
    ),
)

_OOTD = "e8364a09d42487af60185a9761b9a04d4f2a2a1c"
_LEFFA = "2c8033413aa336488eabc83abfc6537a30b5c8bc"


def _schp(kind: str, size: int, sha256: str) -> Checkpoint:
    file = f"parsing_{kind}.onnx"
    return Checkpoint(
        f"schp-{kind}",
        "schp",
        file,
        f"human parsing by SCHP, {kind.upper()} labels",
        "CC BY-NC-SA 4.0 (no commercial use)",
        restricted=True,
        sources=(
            Hub("levihsu/OOTDiffusion", f"checkpoints/humanparsing/{file}", _OOTD),
            Hub("yisol/IDM-VTON", f"humanparsing/{file}"),
            Hub("franciszzj/Leffa", f"humanparsing/{file}"),
        ),
        size=size,
        sha256=sha256,
    )


PREPROCESSORS = (
    _schp("lip", 266_863_411, "8436e1dae96e2601c373d1ace29c8f0978b16357d9038c17a8ba756cca376dbc"),
    _schp("atr", 266_859_305, "04c7d1d070d0e0ae943d86b18cb5aaaea9e278d97462e9cfb270cbbe4cd977f4"),
    Checkpoint(
        "densepose",
        "densepose",
        "model_final_162be9.pkl",
        "body parts by DensePose R-CNN (R50-FPN, s1x)",
        "CC BY-NC (no commercial use)",
        "densepose",
        restricted=True,
        sources=(
            Hub("franciszzj/Leffa", "densepose/model_final_162be9.pkl", _LEFFA),
            Hub("yisol/IDM-VTON", "densepose/model_final_162be9.pkl"),
            Hub("zhengchong/CatVTON", "DensePose/model_final_162be9.pkl"),
            Url(
                "https://dl.fbaipublicfiles.com/densepose/densepose_rcnn_R_50_FPN_s1x/165712039/model_final_162be9.pkl"
            ),
        ),
        size=255_757_821,
        sha256="b8a7382001b16e453bad95ca9dbc68ae8f2b839b304cf90eaf5c27fbdb4dae91",
    ),
    Checkpoint(
        "sam-vit-b",
        "sam",
        "sam_vit_b_01ec64.pth",
        "clicks on a garment, by Segment Anything ViT-B",
        "Apache 2.0",
        sources=(
            Hub(
                "ybelkada/segment-anything",
                "checkpoints/sam_vit_b_01ec64.pth",
                "7790786db131bcdc639f24a915d9f2c331d843ee",
            ),
            Url("https://dl.fbaipublicfiles.com/segment_anything/sam_vit_b_01ec64.pth"),
        ),
        size=375_042_383,
        sha256="ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
    ),
)

_REMBG_FOLDER = Folder("~/.u2net", "U2NET_HOME")
_REMBG_RELEASE = "https://github.com/danielgatis/rembg/releases/download/v0.0.0"


def _rembg(name: str, network: str, licence: str, mirror: Hub, size: int, sha256: str, asset: str = "") -> Checkpoint:
    """A model for rembg under rembg's own name; what rembg has fetched itself is found in its folder."""
    return Checkpoint(
        name,
        "rembg",
        f"{name}.onnx",
        f"garment mask by rembg, {network}",
        licence,
        sources=(_REMBG_FOLDER, mirror, Url(f"{_REMBG_RELEASE}/{asset or name}.onnx")),
        size=size,
        sha256=sha256,
    )


REMBG = (
    _rembg(
        "u2net",
        "U²-Net",
        "Apache 2.0",
        Hub("fofr/comfyui", "rembg/u2net.onnx", "69bcbc4b0b55a1c5c12563695a825e59b62fa097"),
        175_997_641,
        "8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
    ),
    _rembg(
        "u2netp",
        "U²-Net small",
        "Apache 2.0",
        Hub("fofr/comfyui", "rembg/u2netp.onnx", "69bcbc4b0b55a1c5c12563695a825e59b62fa097"),
        4_574_861,
        "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
    ),
    _rembg(
        "isnet-general-use",
        "IS-Net",
        "Apache 2.0",
        Hub("jellybox/isnet-general-use", "isnet-general-use_1024.onnx", "bc3706ce4ee38a3db2c3c58082a92582fcdfcfdc"),
        178_648_008,
        "60920e99c45464f2ba57bee2ad08c919a52bbf852739e96947fbb4358c0d964a",
    ),
    _rembg(
        "birefnet-general",
        "BiRefNet",
        "MIT",
        Hub("Jay0515/BiRefNet", "BiRefNet-general-epoch_244.onnx", "25675cb086a3ceafd6530444a4229aee950809e3"),
        972_666_916,
        "58f621f00f5d756097615970a88a791584600dcf7c45b18a0a6267535a1ebd3c",
        "BiRefNet-general-epoch_244",
    ),
)

CHECKPOINTS_BY_NAME: dict[str, Checkpoint] = {row.name: row for row in (*COMPACT, *METHODS, *PREPROCESSORS, *REMBG)}
"""Every checkpoint that the project knows, by name."""
