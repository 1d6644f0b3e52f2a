"""Weights on this machine and where they are published: found, fetched, verified and loaded."""

import os
import shutil
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import torch
from torch import nn

from vton.checkpoints_table import CHECKPOINTS_BY_NAME, Checkpoint, Drive, Folder, Hub, Page, Source, Url
from vton.download import DRIVE, DownloadError, Progress, copy, download, from_hub, sha256_of, unpack
from vton.network_files import (
    NETWORKS,
    RENAMES,
    MissingWeights,
    WeightsError,
    load_densepose_file,
    load_network,
    load_notes,
    load_strictly,
    read_published,
    save_checkpoint,
)

__all__ = (
    "CHECKPOINTS_BY_NAME",
    "NETWORKS",
    "RENAMES",
    "Checkpoint",
    "MissingWeights",
    "WeightsError",
    "fetch",
    "find",
    "folders",
    "front_matter",
    "load_network",
    "load_notes",
    "load_official",
    "locate",
    "rows",
    "save_checkpoint",
    "size_text",
    "verify",
)

CHECKPOINTS = Path(__file__).resolve().parent.parent / "checkpoints"
FOLDER_VARIABLE = "VTON_CHECKPOINTS"
"""Environment variable that names one more folder to look for weights in, before `CHECKPOINTS`."""

FIRST_BYTES = {".onnx": (b"\x08",), ".pth": (b"PK", b"\x80")}
"""How a file begins: an ONNX file with its version (a protobuf field), PyTorch's as .zip or, before 1.6, as pickle."""

COMPUTING = ("viton_hd_matching",)
"""Networks whose constructors compute tensors that no file carries; the others are built empty, then filled."""


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
    """The checkpoint's file on this machine: in our folders, where other programs keep it, or in the Hub's cache.

    A Space that preloads files through its front matter finds them in that cache.
    """
    ours = (folder / row.file for folder in folders() if (folder / row.file).is_file())
    theirs = (_in_folder(row, place) for place in row.sources if isinstance(place, Folder))
    cached = (_in_hub_cache(place) for place in row.sources if isinstance(place, Hub))
    return next(filter(None, chain(ours, theirs, cached)), None)


def _in_folder(row: Checkpoint, place: Folder) -> Path | None:
    path = Path(os.environ.get(place.variable) or place.path).expanduser() / row.file
    return path if path.is_file() else None


def _in_hub_cache(place: Hub) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(place.repository, place.file, revision=place.revision)
    return Path(found) if isinstance(found, str) else None


def front_matter(names: list[str] | tuple[str, ...] = ()) -> str:
    """The lines for a Space's README that make it preload files from the Hub.

    Args:
        names: checkpoints or groups; everything that the Hub has when empty.

    Raises:
        WeightsError: no such name, or the Hub does not have it.
    """
    wanted = [row for name in names for row in rows(name)] or [
        row for row in CHECKPOINTS_BY_NAME.values() if any(isinstance(place, Hub) for place in row.sources)
    ]
    files: dict[tuple[str, str], list[str]] = {}
    for row in wanted:
        place = next((place for place in row.sources if isinstance(place, Hub)), None)
        if place is None:
            raise WeightsError(f"{row.name}: not on the Hub, so a Space cannot preload it; {row.command}")
        files.setdefault((place.repository, place.revision), []).append(place.file)
    lines = [f"- {repository} {','.join(them)} {revision}" for (repository, revision), them in files.items()]
    return "\n".join(["preload_from_hub:", *lines])


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


def verify(row: Checkpoint, path: Path) -> str | None:
    """Compare a file with what is known of it: its size, and its SHA-256 as published or as first fetched.

    Returns:
        None when all is well or nothing is known, otherwise a sentence.
    """
    size = path.stat().st_size
    if row.size and size != row.size:
        return f"{path}: it has {size:,} bytes, but {row.file} has {row.size:,}; it is cut short or another file."
    wanted = row.sha256 or _recorded(path)
    if wanted and (found := sha256_of(path)) != wanted:
        since = "" if row.sha256 else f" as recorded in {_record_of(path).name} when it was first fetched"
        return f"{path}: it is not the file expected (SHA-256 {found}, not {wanted}{since})."
    return None


def _record_of(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _record(path: Path, sha256: str) -> None:
    _record_of(path).write_text(f"{sha256}  {path.name}\n")


def _recorded(path: Path) -> str | None:
    """The hash noted beside the file, in the format of sha256sum."""
    record = _record_of(path)
    return record.read_text().split()[0] if record.is_file() else None


def fetch(
    name: str,
    destination: Path | str | None = None,
    source: str | None = None,
    confirm: Callable[[Checkpoint], bool] | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None] | None = None,
) -> Path:
    """Bring one checkpoint to this machine, from the first of its sources that has it, and check it.

    Where no SHA-256 is published, that of the first file that fits is noted beside it and holds from then on.

    Args:
        name: of the checkpoint.
        destination: folder; by default the first of `folders`.
        source: where to take it instead: a file, a .zip with it inside, a folder that holds it (a copy of a Hub
            repository, say), a URL, or a Hub repository as OWNER/NAME or OWNER/NAME/FILE.
        confirm: asked before anything is downloaded when the licence restricts use; without it the caller vouches
            for having asked.
        progress: called with bytes so far and in all.
        say: called with a sentence for every step.

    Returns:
        The file.

    Raises:
        WeightsError: no such name, not confirmed, or no source gave the right file; one sentence for each.
    """
    row, tell = rows(name)[0], say or (lambda sentence: None)
    path = Path(destination or folders()[0]) / row.file
    present = path if path.is_file() else None if destination or source else locate(row)
    if present:
        problem = verify(row, present) or (_first_look(row, path) if present == path else None)
        if problem is None:
            tell(f"{row.file}: already here, {present}")
            return present
        tell(f"{problem} Fetching it anew.")
    tell(f"{row.file}: {row.purpose}. Licence: {row.licence}. Size: {size_text(row.size)}.")
    if row.restricted and confirm and not confirm(row):
        raise WeightsError(f"{row.file}: not fetched, because its licence, {row.licence}, was not agreed to.")
    path.parent.mkdir(parents=True, exist_ok=True)
    problems = []
    for place in _places(row, source):
        tell(f"{row.file}: from {place}")
        try:
            _take(row, place, path, progress)
            return path
        except WeightsError as error:
            problems.append(str(error))
    if not problems:
        problems = [f"it is published nowhere; it ships with the project or is made by: {row.command}"]
    raise WeightsError("\n  ".join([f"{row.file}: not fetched.", *problems]))


def size_text(size: int | None) -> str:
    """Bytes for people."""
    return "not known" if size is None else f"{size / 1e6:,.0f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} kB"


def _places(row: Checkpoint, given: str | None) -> list[Source | Path]:
    """Where to look, in order."""
    if given is None:
        return [place for place in row.sources if not isinstance(place, Folder) or _in_folder(row, place)]
    if Path(given).exists():
        return [Path(given)]
    if given.startswith(("http://", "https://")):
        return [Url(given)]
    if "/" in given and not given.startswith((".", "/", "~")):
        owner, repository, *file = given.split("/", 2)
        return [Hub(f"{owner}/{repository}", file[0] if file else row.file)]
    raise WeightsError(f"{given}: neither a file, a folder, a URL nor a Hub repository (OWNER/NAME).")


def _take(row: Checkpoint, place: Source | Path, path: Path, progress: Progress | None) -> None:
    """Bring the file from one place to `path`, if it is the right one."""
    arrived = path.with_name(path.name + ".new")
    try:
        _bring(row, place, arrived, progress)
        if row.size and (size := arrived.stat().st_size) != row.size:
            raise WeightsError(f"{place}: the file has {size:,} bytes instead of {row.size:,}: cut short, or another.")
        wanted, found = row.sha256 or _recorded(path), sha256_of(arrived)
        if wanted and found != wanted:
            hint = "" if row.sha256 else f" If its publisher replaced it, delete {_record_of(path)} and fetch again."
            raise WeightsError(f"{place}: not the file expected (SHA-256 {found}, not {wanted}); deleted.{hint}")
        _check_fit(row, arrived)
        arrived.replace(path)
    except (WeightsError, DownloadError) as error:
        if isinstance(place, Drive):
            _archive(place, path).unlink(missing_ok=True)
        raise WeightsError(str(error).replace(str(arrived), f"{row.file} from {place}")) from None
    finally:
        arrived.unlink(missing_ok=True)
    if not row.sha256:
        _record(path, found)


def _first_look(row: Checkpoint, path: Path) -> str | None:
    """Check a file that somebody put in its place by hand, and note its hash like that of one that was fetched."""
    if row.sha256 or row.train or _recorded(path):
        return None
    try:
        _check_fit(row, path)
    except WeightsError as error:
        return str(error)
    _record(path, sha256_of(path))
    return None


def _bring(row: Checkpoint, place: Source | Path, path: Path, progress: Progress | None) -> None:
    match place:
        case Path():
            _from_disk(row, place, path)
        case Folder():
            copy(_in_folder(row, place), path)
        case Hub():
            from_hub(place.repository, place.file, place.revision, path)
        case Drive(archive=False):
            download(DRIVE.format(place.id), path, row.sha256, progress, row.size)
        case Drive():
            archive = _archive(place, path)
            if not archive.is_file():
                download(DRIVE.format(place.id), archive, progress=progress)
            unpack(archive, row.file, path)
            others = (other for other in CHECKPOINTS_BY_NAME.values() if other != row and place in other.sources)
            if all(locate(other) for other in others):
                archive.unlink()
        case Url():
            download(place.address, path, row.sha256, progress, row.size)
        case Page():
            raise WeightsError(
                f"Open {place} in a browser, download {row.file} there, and run: "
                f"python -m vton weights fetch {row.name} --source FILE"
            )


def _archive(place: Drive, path: Path) -> Path:
    """Where an archive stays until everything has been taken out of it."""
    return path.with_name(f"{place.id}.zip")


def _from_disk(row: Checkpoint, place: Path, path: Path) -> None:
    if place.suffix == ".zip":
        return unpack(place, row.file, path)
    if place.is_dir():
        names = [row.file, *(hub.file for hub in row.sources if isinstance(hub, Hub))]
        found = next((place / name for name in names if (place / name).is_file()), None)
        place = found or next(place.rglob(row.file), place / row.file)
    if not place.is_file():
        raise WeightsError(f"{place}: there is no such file.")
    shutil.copyfile(place, path)


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
    row = rows(name)[0]
    path = Path(path) if path else find(name)[0]
    if row.network == "densepose":
        return load_densepose_file(path)
    if row.network is None:
        raise WeightsError(f"{row.name}: another library runs this file; it is none of our networks.")
    state_dict = read_published(path, row.network)
    with torch.device("cpu" if row.network in COMPUTING else "meta"):
        network = NETWORKS[row.network]()
    return load_strictly(network, state_dict, path)


def _check_fit(row: Checkpoint, path: Path) -> None:
    """Whether a file is what its row says, as far as that can be told without running it."""
    if row.network is None:
        with path.open("rb") as file:
            if not file.read(2).startswith(FIRST_BYTES[Path(row.file).suffix]):
                raise WeightsError(f"{path}: not a {Path(row.file).suffix} file.")
    elif row.group.startswith("compact"):
        load_network(path)
    else:
        load_official(row.name, path)
