"""Files from elsewhere: resumable, checked, and never under their final name before they are whole."""

import hashlib
import os
import shutil
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

CHUNK = 1 << 20
TRIES = 4
TIMEOUT = 30
DRIVE = "https://drive.usercontent.google.com/download?id={}&export=download&confirm=t"
"""Where Google Drive gives public files, large ones too (`confirm` answers its question about the virus scan)."""
Progress = Callable[[int, int | None], None]
"""Called with the bytes so far and, where it is known, the bytes in all."""


class DownloadError(Exception):
    """A file that did not arrive, or not as it should be; the message is a sentence."""


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def download(
    url: str, path: Path, sha256: str | None = None, progress: Progress | None = None, size: int | None = None
) -> None:
    """Download to `path` by way of `path`.part, from where an earlier attempt stopped.

    Args:
        sha256: expected hex digest, where it is known.
        progress: told about every megabyte.
        size: expected bytes, where known; a server that offers another number is refused before anything is fetched.

    Raises:
        DownloadError: unreachable or refused; a web page instead of a file; cut short several times (what came stays
            as .part for the next attempt); or another content than expected (which is deleted).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    for attempt in range(TRIES):
        try:
            whole = _continue(url, partial, progress, size)
        except urllib.error.HTTPError as error:
            raise DownloadError(f"{url}: the server answers {error.code} {error.reason}.") from None
        except (OSError, urllib.error.URLError) as error:
            if attempt == TRIES - 1:
                raise DownloadError(f"{url}: {getattr(error, 'reason', error)}.") from None
            whole = False
        if whole:
            break
    else:
        raise DownloadError(f"{url}: the download was cut short {TRIES} times; run the command again to go on.")
    if sha256 and (found := sha256_of(partial)) != sha256:
        partial.unlink()
        raise DownloadError(f"{url}: the file is not the one expected (SHA-256 {found}, not {sha256}); deleted.")
    partial.replace(path)


def _continue(url: str, partial: Path, progress: Progress | None, size: int | None) -> bool:
    """Append to the partial file what is missing; whether it is whole now."""
    have = partial.stat().st_size if partial.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code != 416 or not have:
            raise
        # Nothing beyond what is here: either it is whole already, or it belongs to another file.
        if error.headers.get("Content-Range") == f"bytes */{have}":
            return True
        partial.unlink()
        return False
    with response:
        if response.headers.get_content_type() == "text/html":
            raise DownloadError(
                f"{url}: a web page came instead of the file, as it does when somebody has to sign in or too many "
                "people have fetched it today; open the address in a browser."
            )
        resumed = response.status == 206
        have = have if resumed else 0
        length = response.headers.get("Content-Length")
        total = have + int(length) if length else None
        if size and total and total != size:
            partial.unlink(missing_ok=True)
            raise DownloadError(f"{url}: the server offers {total:,} bytes, but the file has {size:,}.")
        with partial.open("ab" if resumed else "wb") as file:
            while chunk := response.read(CHUNK):
                file.write(chunk)
                have += len(chunk)
                if progress:
                    progress(have, total)
    return total is None or have == total


def from_hub(repository: str, file: str, revision: str, path: Path) -> None:
    """Take a file from the Hugging Face Hub, or from its cache on this machine, to `path`.

    Progress is shown and interrupted downloads are resumed by huggingface_hub.

    Raises:
        DownloadError: the Hub does not give it.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        cached = Path(hf_hub_download(repository, file, revision=revision))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise DownloadError(f"{repository}, {file}: the Hub does not give this file ({reason}).") from None
    copy(cached.resolve(), path)


def copy(original: Path, path: Path) -> None:
    """Copy a file, without taking its space twice where the disk can do that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    try:
        os.link(original, path)
    except OSError:
        shutil.copyfile(original, path)


def unpack(archive: Path, name: str, path: Path) -> None:
    """Take the file called `name`, in whatever folder of a .zip archive, to `path`.

    Raises:
        DownloadError: not a whole archive, or it has no such file.
    """
    try:
        with zipfile.ZipFile(archive) as files:
            # Archives made on macOS carry a shadow of every file in a folder of that name.
            names = [member for member in files.namelist() if "__MACOSX" not in member]
            found = next((member for member in names if PurePosixPath(member).name == name), None)
            if found is None:
                raise DownloadError(f"{archive.name}: this archive has no file called {name}.")
            with files.open(found) as packed, path.open("wb") as file:
                shutil.copyfileobj(packed, file, CHUNK)
    except zipfile.BadZipFile as error:
        raise DownloadError(f"{archive.name}: not a whole .zip archive ({str(error).rstrip('.')}).") from None
