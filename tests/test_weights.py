"""Weights are fetched whole, saved with their configuration, and loaded strictly."""

import argparse
import functools
import hashlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch

from vton import weights
from vton.__main__ import main
from vton.download import DownloadError, download
from vton.networks.body import BodyNet
from vton.networks.hr_viton import ConditionGenerator, ImageGenerator
from vton.weights import MissingWeights, WeightsError, fetch, load_network, load_notes, load_official, save_checkpoint

PAYLOAD = bytes(range(256)) * 20_000


@pytest.fixture
def server():
    """A server of PAYLOAD at /file. /short cuts off after a megabyte unless resumed, /plain ignores ranges."""
    requests = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked = self.headers.get("Range")
            requests.append(asked)
            if self.path not in ("/file", "/short", "/always-short", "/plain"):
                return self.send_error(404)
            start = int(re.match(r"bytes=(\d+)-", asked)[1]) if asked and self.path != "/plain" else 0
            if start >= len(PAYLOAD):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(PAYLOAD)}")
                return self.end_headers()
            body = PAYLOAD[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            cut = self.path == "/always-short" or (self.path == "/short" and not start)
            self.wfile.write(body[: 1 << 18] if cut else body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.address = f"http://127.0.0.1:{server.server_port}"
    server.requests = requests
    yield server
    server.shutdown()
    server.server_close()


class TestDownload:
    def test_arrives_and_reports_progress(self, server, tmp_path):
        seen = []
        path = tmp_path / "deep" / "file.bin"
        download(
            f"{server.address}/file", path, hashlib.sha256(PAYLOAD).hexdigest(), lambda *so_far: seen.append(so_far)
        )
        assert path.read_bytes() == PAYLOAD
        assert seen[-1] == (len(PAYLOAD), len(PAYLOAD))
        assert [file.name for file in path.parent.iterdir()] == ["file.bin"]

    def test_resumes_an_earlier_attempt(self, server, tmp_path):
        (tmp_path / "file.bin.part").write_bytes(PAYLOAD[:1000])
        download(f"{server.address}/file", tmp_path / "file.bin")
        assert server.requests == ["bytes=1000-"]
        assert (tmp_path / "file.bin").read_bytes() == PAYLOAD

    def test_goes_on_after_a_cut(self, server, tmp_path):
        download(f"{server.address}/short", tmp_path / "file.bin")
        assert (tmp_path / "file.bin").read_bytes() == PAYLOAD
        assert len(server.requests) == 2

    def test_server_without_ranges_starts_over(self, server, tmp_path):
        (tmp_path / "file.bin.part").write_bytes(b"something else")
        download(f"{server.address}/plain", tmp_path / "file.bin")
        assert (tmp_path / "file.bin").read_bytes() == PAYLOAD

    def test_whole_partial_file_is_taken(self, server, tmp_path):
        (tmp_path / "file.bin.part").write_bytes(PAYLOAD)
        download(f"{server.address}/file", tmp_path / "file.bin")
        assert (tmp_path / "file.bin").read_bytes() == PAYLOAD

    def test_partial_file_of_something_larger_is_dropped(self, server, tmp_path):
        (tmp_path / "file.bin.part").write_bytes(PAYLOAD + b"more")
        download(f"{server.address}/file", tmp_path / "file.bin")
        assert (tmp_path / "file.bin").read_bytes() == PAYLOAD

    def test_truncated_file_never_gets_its_name(self, server, tmp_path):
        with pytest.raises(DownloadError, match="cut short"):
            download(f"{server.address}/always-short", tmp_path / "file.bin")
        assert not (tmp_path / "file.bin").exists()
        assert (tmp_path / "file.bin.part").stat().st_size > 0

    def test_tampered_file_is_deleted(self, server, tmp_path):
        with pytest.raises(DownloadError, match="not the one expected"):
            download(f"{server.address}/file", tmp_path / "file.bin", "0" * 64)
        assert list(tmp_path.iterdir()) == []

    def test_missing_file_and_dead_server(self, server, tmp_path):
        with pytest.raises(DownloadError, match="404"):
            download(f"{server.address}/nothing", tmp_path / "file.bin")
        with pytest.raises(DownloadError, match="refused"):
            download("http://127.0.0.1:9/file", tmp_path / "file.bin")


COMPACT = {
    "body": (BodyNet, {"widths": [4, 6, 8, 10, 12]}),
    "condition_generator": (ConditionGenerator, {"garment_channels": 6, "person_channels": 21, "width": 4}),
    "image_generator": (
        ImageGenerator,
        {"input_channels": 12, "width": 4, "upsamplings": 5, "hidden": 4, "feature_channels": 4, "spectral": False},
    ),
}


@pytest.mark.parametrize("name", COMPACT)
def test_compact_checkpoint_carries_its_configuration(name, tmp_path):
    build, config = COMPACT[name]
    network = build(**config)
    path = tmp_path / "checkpoints" / "net.safetensors"
    save_checkpoint(path, name, config, network.state_dict(), {"steps": 7})
    loaded = load_network(path)
    assert type(loaded) is build
    assert not loaded.training
    assert load_notes(path) == {"steps": 7}
    for key, value in network.state_dict().items():
        own = loaded.state_dict()[key]
        assert own.dtype == value.dtype
        torch.testing.assert_close(own, value, rtol=1e-3, atol=1e-6)


def test_running_variance_beyond_half_precision_survives(tmp_path):
    network = BodyNet(widths=(4, 6))
    network.stem.first_norm.running_var.fill_(1e6)
    save_checkpoint(tmp_path / "net.safetensors", "body", {"widths": [4, 6]}, network.state_dict(), {})
    assert load_network(tmp_path / "net.safetensors").stem.first_norm.running_var.eq(1e6).all()


def test_broken_compact_checkpoints_are_refused(tmp_path):
    network = BodyNet(widths=(4, 6))
    path = tmp_path / "net.safetensors"
    with pytest.raises(MissingWeights, match=r"net\.safetensors"):
        load_network(path)
    save_checkpoint(path, "body", {"widths": [4, 8]}, network.state_dict(), {})
    with pytest.raises(WeightsError, match=r"net\.safetensors.*BodyNet.*shape"):
        load_network(path)
    save_checkpoint(path, "spirit", {}, network.state_dict(), {})
    with pytest.raises(WeightsError, match="does not describe"):
        load_network(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(WeightsError, match="not a whole"):
        load_network(path)


@pytest.fixture
def published(monkeypatch, tmp_path):
    """Published networks at tiny sizes, and an own folder of weights."""
    monkeypatch.setitem(weights.NETWORKS, "condition_generator", functools.partial(ConditionGenerator, width=4))
    monkeypatch.setitem(
        weights.NETWORKS, "image_generator", functools.partial(ImageGenerator, width=16, hidden=4, feature_channels=4)
    )
    monkeypatch.setattr(weights, "CHECKPOINTS", tmp_path / "checkpoints")
    monkeypatch.delenv(weights.FOLDER_VARIABLE, raising=False)
    (tmp_path / "checkpoints").mkdir()
    return tmp_path / "checkpoints"


def older_key(key):
    """As an older image generator file calls it, saved from DataParallel."""
    key = re.sub(r"norm_([01s])\.(?=conv)", r"ace_\1.Spade.", key)
    return "module." + re.sub(r"norm_([01s])\.(?=noise)", r"ace_\1.", key)


@pytest.mark.parametrize(
    "rename",
    [
        str,
        older_key,
        lambda key: key.replace("norm_0", "alias_0"),
        lambda key: re.sub(r"(norm_[01s])\.conv", r"\1.Spade.conv", key),
    ],
)
def test_official_image_generator_under_older_names(published, rename):
    network = weights.NETWORKS["image_generator"]()
    torch.save({rename(key): value for key, value in network.state_dict().items()}, published / "gen.pth")
    loaded = load_official("hr-viton-image")
    pictures, layers = torch.randn(1, 9, 256, 128), torch.rand(1, 7, 256, 128)
    with torch.no_grad():
        torch.testing.assert_close(loaded(pictures, layers), network.eval()(pictures, layers))


def test_official_condition_generator(published):
    network = weights.NETWORKS["condition_generator"]()
    torch.save({f"module.{key}": value for key, value in network.state_dict().items()}, published / "mtviton.pth")
    loaded = load_official("hr-viton-condition")
    assert all(torch.equal(value, loaded.state_dict()[key]) for key, value in network.state_dict().items())
    assert all(parameter.requires_grad for parameter in loaded.parameters())


def test_wrong_official_files_are_refused(published):
    path = published / "gen.pth"
    with pytest.raises(MissingWeights, match=r"gen\.pth.*\n?.*weights fetch hr-viton-image"):
        load_official("hr-viton-image")
    torch.save(weights.NETWORKS["condition_generator"]().state_dict(), path)
    with pytest.raises(WeightsError, match=r"gen\.pth.*lacks conv_0\.weight"):
        load_official("hr-viton-image")
    state = weights.NETWORKS["image_generator"]().state_dict()
    torch.save(state | {"extra.weight": torch.zeros(1)}, path)
    with pytest.raises(WeightsError, match=r"extra\.weight too many"):
        load_official("hr-viton-image")
    torch.save({"model": argparse.Namespace(dangerous=print)}, path)
    with pytest.raises(WeightsError, match="not a file of tensors"):
        load_official("hr-viton-image")
    path.write_text("<html>Quota exceeded</html>")
    with pytest.raises(WeightsError, match="not a file of tensors"):
        load_official("hr-viton-image")


def test_everything_missing_is_listed_at_once(published):
    (published / "gen.pth").touch()
    assert weights.find("hr-viton-image") == [published / "gen.pth"]
    with pytest.raises(MissingWeights) as caught:
        weights.find("hr-viton", "compact")
    for expected in (
        "mtviton.pth",
        "python -m vton weights fetch hr-viton-condition",
        "body.safetensors",
        "python -m vton train image",
    ):
        assert expected in str(caught.value)
    assert "gen.pth" not in str(caught.value)
    with pytest.raises(WeightsError, match="hr-viton-image"):
        weights.find("hr-vitton")


class TestFetch:
    @pytest.fixture
    def original(self, published, tmp_path):
        folder = tmp_path / "elsewhere"
        folder.mkdir()
        torch.save(weights.NETWORKS["condition_generator"]().state_dict(), folder / "mtviton.pth")
        return folder / "mtviton.pth"

    def test_from_a_folder_or_a_file(self, published, original):
        for source in (original.parent, original):
            path = fetch("hr-viton-condition", source=str(source))
            assert path == published / "mtviton.pth"
            assert path.read_bytes() == original.read_bytes()
            path.unlink()

    def test_what_does_not_fit_is_not_kept(self, published, original, server):
        original.write_text("<html>Sign in</html>")
        with pytest.raises(WeightsError, match="not a file of tensors"):
            fetch("hr-viton-condition", source=str(original))
        with pytest.raises(WeightsError, match="not a file of tensors"):
            fetch("hr-viton-condition", source=f"{server.address}/file")
        with pytest.raises(WeightsError, match="404"):
            fetch("hr-viton-condition", source=f"{server.address}/nothing")
        assert list(published.iterdir()) == []

    def test_licence_is_asked_for(self, published, original):
        with pytest.raises(WeightsError, match="CC BY-NC"):
            fetch("hr-viton-condition", source=str(original), confirm=lambda row: False)
        assert fetch("hr-viton-condition", source=str(original), confirm=lambda row: True).is_file()

    def test_command(self, published, original, capsys):
        arguments = ["weights", "fetch", "hr-viton-condition", "--source", str(original)]
        assert main([*arguments, "--yes"]) == 0
        assert main(["weights", "list"]) == 0
        listing = capsys.readouterr().out
        assert str(published / "mtviton.pth") in listing
        assert "missing: python -m vton weights fetch hr-viton-image" in listing
        assert main(["weights", "fetch", "nonsense"]) == 2
        assert "nonsense" in capsys.readouterr().err
