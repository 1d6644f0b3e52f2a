"""Downloads arrive whole or not at all."""

import hashlib
import zipfile

import pytest
from file_server import serving

from vton.download import DownloadError, copy, download, from_hub, unpack

PAYLOAD = bytes(range(256)) * 20_000
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def server():
    with serving({"file": PAYLOAD}) as running:
        yield running


def test_arrives_and_reports_progress(server, tmp_path):
    seen = []
    path = tmp_path / "deep" / "file.bin"
    digest = hashlib.sha256(PAYLOAD).hexdigest()
    download(f"{server.address}/file", path, digest, lambda *so_far: seen.append(so_far), len(PAYLOAD))
    assert path.read_bytes() == PAYLOAD
    assert seen[-1] == (len(PAYLOAD), len(PAYLOAD))
    assert [file.name for file in path.parent.iterdir()] == ["file.bin"]


def test_resumes_an_earlier_attempt(server, tmp_path):
    (tmp_path / "file.bin.part").write_bytes(PAYLOAD[:1000])
    download(f"{server.address}/file", tmp_path / "file.bin", size=len(PAYLOAD))
    assert server.requests == ["bytes=1000-"]
    assert (tmp_path / "file.bin").read_bytes() == PAYLOAD


def test_goes_on_after_a_cut(server, tmp_path):
    download(f"{server.address}/short/file", tmp_path / "file.bin")
    assert (tmp_path / "file.bin").read_bytes() == PAYLOAD
    assert len(server.requests) == 2


def test_server_without_ranges_starts_over(server, tmp_path):
    (tmp_path / "file.bin.part").write_bytes(b"something else")
    download(f"{server.address}/plain/file", tmp_path / "file.bin")
    assert (tmp_path / "file.bin").read_bytes() == PAYLOAD


def test_whole_partial_file_is_taken(server, tmp_path):
    (tmp_path / "file.bin.part").write_bytes(PAYLOAD)
    download(f"{server.address}/file", tmp_path / "file.bin")
    assert (tmp_path / "file.bin").read_bytes() == PAYLOAD


def test_partial_file_of_something_larger_is_dropped(server, tmp_path):
    (tmp_path / "file.bin.part").write_bytes(PAYLOAD + b"more")
    download(f"{server.address}/file", tmp_path / "file.bin")
    assert (tmp_path / "file.bin").read_bytes() == PAYLOAD


def test_truncated_file_never_gets_its_name(server, tmp_path):
    with pytest.raises(DownloadError, match=r"cut short.*run the command again"):
        download(f"{server.address}/always-short/file", tmp_path / "file.bin")
    assert not (tmp_path / "file.bin").exists()
    assert (tmp_path / "file.bin.part").stat().st_size > 0


def test_tampered_file_is_deleted(server, tmp_path):
    with pytest.raises(DownloadError, match="not the one expected"):
        download(f"{server.address}/file", tmp_path / "file.bin", "0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_another_size_is_refused_before_it_is_fetched(server, tmp_path):
    with pytest.raises(DownloadError, match=r"offers 5,120,000 bytes, but the file has 77"):
        download(f"{server.address}/file", tmp_path / "file.bin", size=77)
    assert list(tmp_path.iterdir()) == []


def test_web_page_is_not_a_file(server, tmp_path):
    with pytest.raises(DownloadError, match="web page"):
        download(f"{server.address}/page/file", tmp_path / "file.bin")
    assert list(tmp_path.iterdir()) == []


def test_missing_file_and_dead_server(server, tmp_path):
    with pytest.raises(DownloadError, match="404"):
        download(f"{server.address}/nothing", tmp_path / "file.bin")
    with pytest.raises(DownloadError, match="refused"):
        download("http://127.0.0.1:9/file", tmp_path / "file.bin")


def test_unpacks_from_whatever_folder(tmp_path):
    archive, path = tmp_path / "archive.zip", tmp_path / "net.pth"
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("__MACOSX/checkpoints/net.pth", "shadow")
        files.writestr("checkpoints/net.pth", PAYLOAD)
    unpack(archive, "net.pth", path)
    assert path.read_bytes() == PAYLOAD
    with pytest.raises(DownloadError, match=r"no file called other\.pth"):
        unpack(archive, "other.pth", path)
    archive.write_bytes(archive.read_bytes()[:-50])
    with pytest.raises(DownloadError, match=r"archive\.zip: not a whole"):
        unpack(archive, "net.pth", path)


def hub_cache(folder, repository, revision, files, branch=None):
    """Lay files out as huggingface_hub keeps them."""
    root = folder / f"models--{repository.replace('/', '--')}"
    for name, content in files.items():
        blob, link = root / "blobs" / hashlib.sha256(content).hexdigest(), root / "snapshots" / revision / name
        blob.parent.mkdir(parents=True, exist_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(content)
        link.symlink_to(blob)
    if branch:
        (root / "refs").mkdir(exist_ok=True)
        (root / "refs" / branch).write_text(revision)


def test_from_the_hub(server, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.address)
    template = server.address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
    from_hub("owner/name", "deep/file", "main", tmp_path / "file.bin")
    assert (tmp_path / "file.bin").read_bytes() == PAYLOAD
    with pytest.raises(DownloadError, match=r"owner/name, nothing\.onnx: the Hub does not give this file \(.*404"):
        from_hub("owner/name", "nothing.onnx", "main", tmp_path / "file.bin")


def test_hub_cache_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    hub_cache(tmp_path / "hub", "owner/name", COMMIT, {"deep/net.onnx": b"weights"})
    from_hub("owner/name", "deep/net.onnx", COMMIT, tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").read_bytes() == b"weights"
    assert not (tmp_path / "net.onnx").is_symlink()


def test_hub_that_cannot_be_reached_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadError, match=r"owner/name, net\.onnx: the Hub does not give this file"):
        from_hub("owner/name", "net.onnx", "main", tmp_path / "net.onnx")
    with pytest.raises(DownloadError, match="does not give this file"):
        from_hub("no such repository!", "net.onnx", "main", tmp_path / "net.onnx")


def test_copy_leaves_the_original_alone(tmp_path):
    (tmp_path / "original").write_bytes(b"weights")
    copy(tmp_path / "original", tmp_path / "copy")
    (tmp_path / "copy").unlink()
    assert (tmp_path / "original").read_bytes() == b"weights"
