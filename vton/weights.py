"""Where weights are published, and how they are fetched, saved and loaded: strictly, and only tensors."""

import json
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from vton.download import DownloadError, Progress, download, sha256_of
from vton.networks.body import BodyNet
from vton.networks.discriminators import ConditionDiscriminator, ImageDiscriminator
from vton.networks.hr_viton import ConditionGenerator, ImageGenerator, current_key

CHECKPOINTS = Path(__file__).resolve().parent.parent / "checkpoints"
FOLDER_VARIABLE = "VTON_CHECKPOINTS"
"""Environment variable that names one more folder to look for weights in, before `CHECKPOINTS`."""

NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "body": BodyNet,
    "condition_generator": ConditionGenerator,
    "image_generator": ImageGenerator,
    "condition_discriminator": ConditionDiscriminator,
    "image_discriminator": ImageDiscriminator,
}
"""Network by the name that a checkpoint carries. Without arguments they have the published sizes."""

RENAMES: dict[str, Callable[[str], str]] = {"image_generator": current_key}
"""How keys of published files become those of our networks, for the networks where they differ."""


class WeightsError(Exception):
    """Weights that cannot be used; the message names the file and what is wrong with it."""


class MissingWeights(WeightsError):
    """Weights that are not on this machine; the message lists each file and the command that gets it."""


@dataclass(frozen=True)
class Checkpoint:
    """A file of weights and where it comes from.

    name: what the commands call it.
    group: "compact", or the method it belongs to.
    file: its name in the folder of weights.
    network: a name in NETWORKS.
    licence: in a few words.
    restricted: whether the licence forbids some uses, so that somebody has to agree to it.
    size: bytes, where known.
    sha256: hex digest, where known.
    hub: repository and file on the Hugging Face Hub.
    drive: id on Google Drive.
    url: plain address.
    train: the command that makes it, where no one publishes it.
    """

    name: str
    group: str
    file: str
    network: str
    licence: str
    restricted: bool = False
    size: int | None = None
    sha256: str | None = None
    hub: tuple[str, str] | None = None
    drive: str | None = None
    url: str | None = None
    train: str | None = None

    @property
    def command(self) -> str:
        """The command that puts the file in its place."""
        return self.train or f"python -m vton weights fetch {self.name}"


def _compact(kind: str, network: str) -> Checkpoint:
    return Checkpoint(
        name=f"compact-{kind}",
        group="compact",
        file=f"{kind}.safetensors",
        network=network,
        licence="Apache 2.0",
        train=f"python -m vton train {kind} --data DATASET -o checkpoints/{kind}.safetensors",
    )


_NON_COMMERCIAL = "CC BY-NC 4.0 (no commercial use)"
CHECKPOINTS_BY_NAME: dict[str, Checkpoint] = {
    row.name: row
    for row in (
        _compact("body", "body"),
        _compact("condition", "condition_generator"),
        _compact("image", "image_generator"),
        Checkpoint(
            name="hr-viton-condition",
            group="hr-viton",
            file="mtviton.pth",
            network="condition_generator",
            licence=_NON_COMMERCIAL,
            restricted=True,
            drive="1XJTCdRBOPVgVTmqzhVGFAgMm2NLkw5uQ",
        ),
        Checkpoint(
            name="hr-viton-image",
            group="hr-viton",
            file="gen.pth",
            network="image_generator",
            licence=_NON_COMMERCIAL,
            restricted=True,
            drive="1T5_YDUhYSSKPC_nZMk2NeC-XXUFoYeNy",
        ),
        Checkpoint(
            name="hr-viton-discriminator",
            group="hr-viton-rejection",
            file="D_final.pth",
            network="condition_discriminator",
            licence=_NON_COMMERCIAL,
            restricted=True,
            drive="1T4V3cyRlY5sHVK7Quh_EJY5dovb5FxGX",
        ),
    )
}
"""Every checkpoint that the project knows, by name."""


def rows(name: str) -> list[Checkpoint]:
    """The checkpoint of that name, or all of that group.

    Raises:
        WeightsError: no such name; the message lists the names there are.
    """
    found = [row for row in CHECKPOINTS_BY_NAME.values() if name in (row.name, row.group)]
    if not found:
        known = ", ".join(CHECKPOINTS_BY_NAME)
        raise WeightsError(f"{name}: there are no weights of this name; known are {known}.")
    return found


def folders() -> list[Path]:
    """Where weights are looked for, in this order."""
    extra = os.environ.get(FOLDER_VARIABLE)
    return [Path(extra), CHECKPOINTS] if extra else [CHECKPOINTS]


def locate(row: Checkpoint) -> Path | None:
    """The checkpoint's file on this machine, or None."""
    return next((folder / row.file for folder in folders() if (folder / row.file).is_file()), None)


def find(*names: str) -> list[Path]:
    """The files of checkpoints or groups on this machine, in order.

    Raises:
        MissingWeights: at least one is not here; the message lists every one and how to get it.
    """
    wanted = [row for name in names for row in rows(name)]
    missing = [row for row in wanted if locate(row) is None]
    if missing:
        lines = [f"  {row.file} ({row.licence}): {row.command}" for row in missing]
        places = " or ".join(str(folder) for folder in folders())
        raise MissingWeights("\n".join([f"These weights are missing in {places}:", *lines]))
    return [locate(row) for row in wanted]


def fetch(
    name: str,
    destination: Path | str | None = None,
    source: str | None = None,
    confirm: Callable[[Checkpoint], bool] | None = None,
    progress: Progress | None = None,
) -> Path:
    """Bring one checkpoint to this machine and check that it fits its network.

    Args:
        name: of the checkpoint.
        destination: folder; by default the first of `folders`.
        source: where to take it instead of from where it is published: a file, a folder that holds it, a URL, or a
            Hub repository as OWNER/NAME or OWNER/NAME/FILE.
        confirm: asked when the licence restricts use; without it the caller vouches for having asked.
        progress: called with bytes so far and in all.

    Returns:
        The file.

    Raises:
        WeightsError: no such name or source, not confirmed, or the file is broken or another one.
    """
    row = CHECKPOINTS_BY_NAME.get(name) or rows(name)[0]
    path = Path(destination or folders()[0]) / row.file
    if path.is_file() and (not row.sha256 or sha256_of(path) == row.sha256):
        return path
    if row.restricted and confirm and not confirm(row):
        raise WeightsError(f"{row.file}: not fetched, because its licence, {row.licence}, was not agreed to.")
    path.parent.mkdir(parents=True, exist_ok=True)
    arrived = path.with_name(path.name + ".new")
    try:
        _bring(row, source, arrived, progress)
        if row.sha256 and (found := sha256_of(arrived)) != row.sha256:
            raise WeightsError(f"{row.file}: not the file expected (SHA-256 {found}, not {row.sha256}); deleted.")
        _check_fit(row, arrived)
        arrived.replace(path)
    except DownloadError as error:
        raise WeightsError(f"{row.file}: {error}") from None
    finally:
        arrived.unlink(missing_ok=True)
    return path


def _bring(row: Checkpoint, source: str | None, path: Path, progress: Progress | None) -> None:
    """Put the file at `path` from the source given, or else from the first place where it is published."""
    if source and Path(source).exists():
        local = Path(source) / row.file if Path(source).is_dir() else Path(source)
        if not local.is_file():
            raise WeightsError(f"{local}: there is no such file.")
        shutil.copyfile(local, path)
    elif source and source.startswith(("http://", "https://")):
        download(source, path, row.sha256, progress)
    elif source and source.count("/") >= 1 and not source.startswith((".", "/")):
        owner, repository, *file = source.split("/", 2)
        _from_hub(f"{owner}/{repository}", file[0] if file else row.file, path)
    elif source:
        raise WeightsError(f"{source}: neither a file, a folder, a URL nor a Hub repository (OWNER/NAME).")
    elif row.hub:
        _from_hub(*row.hub, path)
    elif row.url:
        download(row.url, path, row.sha256, progress)
    elif row.drive:
        _from_drive(row, path)
    else:
        raise WeightsError(f"{row.file}: published nowhere; it ships with the project or is made by: {row.command}")


def _from_hub(repository: str, file: str, path: Path) -> None:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        shutil.copyfile(hf_hub_download(repository, file), path)
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as error:
        raise WeightsError(f"{repository}, {file}: the Hub does not give this file ({_first_line(error)}).") from None


def _from_drive(row: Checkpoint, path: Path) -> None:
    address = f"https://drive.google.com/file/d/{row.drive}/view"
    try:
        import gdown
    except ImportError:
        raise WeightsError(
            f"{row.file}: published on Google Drive, which needs the package gdown (pip install gdown); or download "
            f"{address} in a browser and pass the file with --source."
        ) from None
    try:
        arrived = gdown.download(id=row.drive, output=str(path), resume=True)
    except Exception as error:  # gdown raises its own, requests' and plain exceptions alike
        raise WeightsError(f"{row.file}: Google Drive does not give it ({_first_line(error)}); try {address}") from None
    if arrived is None:
        raise WeightsError(f"{row.file}: Google Drive does not give it now; try {address} in a browser.")


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
    return _loaded(network, state_dict, path)


def load_notes(path: Path | str) -> dict:
    """The notes that `save_checkpoint` stored.

    Raises:
        MissingWeights, WeightsError: as `load_network`.
    """
    return json.loads(_read_safetensors(Path(path))[0].get("notes", "{}"))


def load_official(name: str, path: Path | str | None = None) -> nn.Module:
    """Load a published checkpoint into the network of the published size.

    Prefixes of DataParallel and older key names are understood.

    Args:
        name: of the checkpoint, such as "hr-viton-image".
        path: its file; by default where `find` finds it.

    Returns:
        The module in evaluation mode, float32, on the CPU.

    Raises:
        MissingWeights: no such file.
        WeightsError: not a file of tensors, or not the tensors of this network; names the first keys that differ.
    """
    path = Path(path) if path else find(name)[0]
    row = rows(name)[0]
    with torch.device("meta"):
        network = NETWORKS[row.network]()
    return _loaded(network, _read_published(path, row), path)


def _check_fit(row: Checkpoint, path: Path) -> None:
    if row.group == "compact":
        load_network(path)
    else:
        load_official(row.name, path)


def _read_safetensors(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    _demand(path)
    try:
        with safe_open(path, "pt") as file:
            return file.metadata() or {}, {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise WeightsError(f"{path}: not a whole .safetensors file ({_first_line(error)}).") from None


def _read_published(path: Path, row: Checkpoint) -> dict[str, Tensor]:
    """The tensors of a published file under the keys of our network."""
    _demand(path)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        raise WeightsError(f"{path}: not a file of tensors that PyTorch can read ({_first_line(error)}).") from None
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise WeightsError(f"{path}: not a plain state dict (keys to tensors).")
    rename = RENAMES.get(row.network, str)
    return {rename(key.removeprefix("module.")): value for key, value in content.items()}


def _loaded(network: nn.Module, state_dict: dict[str, Tensor], path: Path) -> nn.Module:
    """Load strictly, with an error that names the first keys that differ."""
    wanted = network.state_dict()
    problems = [f"lacks {key}" for key in wanted if key not in state_dict]
    problems += [f"has {key} too many" for key in state_dict if key not in wanted]
    problems += [
        f"has {key} of shape {tuple(state_dict[key].shape)} instead of {tuple(value.shape)}"
        for key, value in wanted.items()
        if key in state_dict and state_dict[key].shape != value.shape
    ]
    if problems:
        more = f", and {len(problems) - 4} more" if len(problems) > 4 else ""
        raise WeightsError(f"{path}: does not fit {type(network).__name__}: it {'; '.join(problems[:4])}{more}.")
    tensors = {key: state_dict[key].to(value.dtype) for key, value in wanted.items()}
    network.load_state_dict(tensors, assign=True)
    return network.eval()


def _demand(path: Path) -> None:
    if not path.is_file():
        known = [row for row in CHECKPOINTS_BY_NAME.values() if row.file == path.name]
        hint = f"; get it with: {known[0].command}" if known else ""
        raise MissingWeights(f"{path}: this file is missing{hint}.")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
