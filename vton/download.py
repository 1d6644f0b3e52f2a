"""Files by HTTP: resumable, checked, and never under their final name before they are whole."""

import hashlib
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

CHUNK = 1 << 20
TRIES = 4
TIMEOUT = 30
Progress = Callable[[int, int | None], None]
"""Called with the bytes so far and, where it is known, the bytes in all."""


class DownloadError(Exception):
    """A file that did not arrive, or not as it should be; the message is a sentence."""


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def download(url: str, path: Path, sha256: str | None = None, progress: Progress | None = None) -> None:
    """Download to `path` by way of `path`.part, from where an earlier attempt stopped.

    Args:
        sha256: expected hex digest, where it is known.
        progress: told about every megabyte.

    Raises:
        DownloadError: unreachable or refused; cut short several times (what came stays as .part for the next attempt);
            or another content than expected (which is deleted).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    for attempt in range(TRIES):
        try:
            whole = _continue(url, partial, progress)
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


def _continue(url: str, partial: Path, progress: Progress | None) -> bool:
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
        resumed = response.status == 206
        have = have if resumed else 0
        length = response.headers.get("Content-Length")
        total = have + int(length) if length else None
        with partial.open("ab" if resumed else "wb") as file:
            while chunk := response.read(CHUNK):
                file.write(chunk)
                have += len(chunk)
                if progress:
                    progress(have, total)
    return total is None or have == total
