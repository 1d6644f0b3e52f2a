"""Weights are found, fetched from the first source that has them, verified, and loaded strictly."""

import argparse
import functools
import hashlib
import re
import zipfile

import pytest
import torch
from file_server import serving
from test_download import COMMIT, hub_cache

from vton import weights
from vton.checkpoints_table import Checkpoint, Drive, Folder, Hub, Page, Url
from vton.networks.doc_vton import CompletionUNet
from vton.networks.hr_viton import ConditionGenerator, ImageGenerator
from vton.networks.pf_afn import AppearanceFlow
from vton.networks.viton_hd import GeometricMatching
from vton.weights import MissingWeights, WeightsError, fetch, load_official, locate, verify

ONNX = b"\x08\x07" + bytes(range(256)) * 8000
DIGEST = hashlib.sha256(ONNX).hexdigest()


@pytest.fixture
def published(monkeypatch, tmp_path):
    """Published networks at tiny sizes, an own folder of weights and an own cache of the Hub."""
    monkeypatch.setitem(weights.NETWORKS, "condition_generator", functools.partial(ConditionGenerator, width=4))
    monkeypatch.setitem(
        weights.NETWORKS, "image_generator", functools.partial(ImageGenerator, width=16, hidden=4, feature_channels=4)
    )
    tiny_warp = functools.partial(AppearanceFlow, widths=(4, 4), pyramid_width=4)
    monkeypatch.setitem(weights.NETWORKS, "pf_afn_warp", tiny_warp)
    monkeypatch.setitem(weights.NETWORKS, "viton_hd_matching", functools.partial(GeometricMatching, width=2))
    monkeypatch.setitem(weights.NETWORKS, "doc_vton_arms", functools.partial(CompletionUNet, 32, 14, 2))
    monkeypatch.setattr(weights, "CHECKPOINTS", tmp_path / "checkpoints")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("U2NET_HOME", str(tmp_path / "u2net"))
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


@pytest.mark.parametrize("name", ["viton-hd-matching", "doc-vton-arms", "pf-afn-warp", "doc-vton-warp"])
def test_official_files_of_the_other_methods(published, name):
    row = weights.rows(name)[0]
    network = weights.NETWORKS[row.network]()
    torch.save(network.state_dict(), published / row.file)
    loaded = load_official(name)
    assert type(loaded) is type(network)
    for key, value in (*network.named_parameters(), *network.named_buffers()):
        assert torch.equal(dict((*loaded.named_parameters(), *loaded.named_buffers()))[key], value), key


def test_pf_afn_warp_with_the_filter_of_its_training(published):
    network = weights.NETWORKS["pf_afn_warp"]()
    extra = {"aflow_net.weight": torch.zeros(4, 1, 3, 3)}
    torch.save(network.state_dict() | extra, published / "warp_model_final.pth")
    assert type(load_official("pf-afn-warp")) is AppearanceFlow


def test_every_row_can_be_loaded_or_is_another_librarys():
    for row in weights.CHECKPOINTS_BY_NAME.values():
        assert row.network in (None, "densepose") or row.network in weights.NETWORKS, row.name
        assert row.sources or row.train, row.name
    with pytest.raises(WeightsError, match="another library"):
        load_official("u2net", "u2net.onnx")


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


class TestLocate:
    def test_rembg_keeps_its_own_models(self, published, tmp_path):
        row = weights.rows("u2netp")[0]
        assert locate(row) is None
        (tmp_path / "u2net").mkdir()
        (tmp_path / "u2net" / "u2netp.onnx").write_bytes(ONNX)
        assert locate(row) == tmp_path / "u2net" / "u2netp.onnx"
        (published / "u2netp.onnx").write_bytes(ONNX)
        assert locate(row) == published / "u2netp.onnx"

    def test_a_space_preloads_into_the_hub_cache(self, published, tmp_path):
        lines = weights.front_matter(["schp-lip", "schp-atr", "densepose"]).splitlines()
        assert lines[0] == "preload_from_hub:"
        assert len(lines) == 3
        for line in lines[1:]:
            repository, files, revision = line.removeprefix("- ").split(" ")
            content = {file: ONNX for file in files.split(",")}
            hub_cache(tmp_path / "hub", repository, revision, content)
        found = [locate(weights.rows(name)[0]) for name in ("schp-lip", "schp-atr", "densepose")]
        assert [path.name for path in found] == ["parsing_lip.onnx", "parsing_atr.onnx", "model_final_162be9.pkl"]
        assert found[0].read_bytes() == ONNX
        assert locate(weights.rows("sam-vit-b")[0]) is None

    def test_branch_in_the_hub_cache(self, published, tmp_path):
        place = next(place for place in weights.rows("schp-lip")[0].sources if place.repository == "yisol/IDM-VTON")
        hub_cache(tmp_path / "hub", place.repository, COMMIT, {place.file: ONNX}, branch="main")
        assert locate(weights.rows("schp-lip")[0]).read_bytes() == ONNX

    def test_only_what_the_hub_has_can_be_preloaded(self):
        with pytest.raises(WeightsError, match="hr-viton-condition: not on the Hub"):
            weights.front_matter(["hr-viton"])


class TestFetch:
    @pytest.fixture
    def original(self, published, tmp_path):
        folder = tmp_path / "elsewhere"
        folder.mkdir()
        torch.save(weights.NETWORKS["condition_generator"]().state_dict(), folder / "mtviton.pth")
        return folder / "mtviton.pth"

    @pytest.fixture
    def server(self, original):
        with serving({"model.onnx": ONNX, "other.onnx": ONNX + b"!", "mtviton.pth": original.read_bytes()}) as running:
            yield running

    @pytest.fixture
    def row(self, monkeypatch):
        """Adds a row to the table and returns its name."""

        def add(*sources, **facts):
            known = {"size": len(ONNX), "sha256": DIGEST, "licence": "MIT", "file": "model.onnx"} | facts
            name = known.pop("name", "model")
            row = Checkpoint(name, "test", purpose="tests", sources=sources, **known)
            monkeypatch.setitem(weights.CHECKPOINTS_BY_NAME, name, row)
            return name

        return add

    def test_from_a_folder_or_a_file_or_an_archive(self, published, original):
        archive = original.with_name("from-a-browser.zip")
        with zipfile.ZipFile(archive, "w") as files:
            files.write(original, "checkpoints/mtviton.pth")
        for source in (original.parent, original, archive):
            path = fetch("hr-viton-condition", source=str(source))
            assert path == published / "mtviton.pth"
            assert path.read_bytes() == original.read_bytes()
            path.unlink()

    def test_from_a_folder_laid_out_like_the_hub_repository(self, published, tmp_path, row):
        name = row(Hub("owner/name", "deep/net.onnx"))
        (tmp_path / "clone" / "deep").mkdir(parents=True)
        (tmp_path / "clone" / "deep" / "net.onnx").write_bytes(ONNX)
        assert fetch(name, source=str(tmp_path / "clone")).read_bytes() == ONNX

    def test_sources_in_order_until_one_has_it(self, published, tmp_path, server, row):
        hub_cache(tmp_path / "hub", "owner/tampered", COMMIT, {"model.onnx": ONNX[:-1] + b"?"})
        name = row(
            Folder(str(tmp_path / "nowhere"), "NO_SUCH_VARIABLE"),
            Hub("owner/tampered", "model.onnx", COMMIT),
            Url(f"{server.address}/nothing.onnx"),
            Url(f"{server.address}/short/model.onnx"),
        )
        said = []
        assert fetch(name, say=said.append).read_bytes() == ONNX
        assert [sentence.removeprefix("model.onnx: from ") for sentence in said if ": from " in sentence] == [
            "https://huggingface.co/owner/tampered",
            f"{server.address}/nothing.onnx",
            f"{server.address}/short/model.onnx",
        ]
        assert "not the file expected" in said[0]
        assert "Licence: MIT. Size: 2 MB" in said[1]
        assert [path.name for path in published.iterdir()] == ["model.onnx"]

    def test_interrupted_download_goes_on_later(self, published, server, row):
        name = row(Url(f"{server.address}/always-short/model.onnx"))
        with pytest.raises(WeightsError, match="cut short"):
            fetch(name)
        assert not (published / "model.onnx").exists()
        row(Url(f"{server.address}/model.onnx"))
        server.requests.clear()
        assert fetch(name).read_bytes() == ONNX
        assert server.requests[0].startswith("bytes=") and server.requests[0] != "bytes=0-"

    @pytest.mark.parametrize("fault", ["another size", "another content", "a page", "not there"])
    def test_every_failure_is_said_and_nothing_is_kept(self, published, server, row, fault):
        address, sentence, sha256 = {
            "another size": ("other.onnx", r"offers 2,048,003 bytes", DIGEST),
            "another content": ("model.onnx", "not the one expected", "0" * 64),
            "a page": ("page/model.onnx", "web page", DIGEST),
            "not there": ("nothing.onnx", "404", DIGEST),
        }[fault]
        with pytest.raises(WeightsError, match=sentence):
            fetch(row(Url(f"{server.address}/{address}"), sha256=sha256))
        assert list(published.iterdir()) == []

    @pytest.mark.parametrize(("content", "sentence"), [(ONNX[:-9], "cut short"), (ONNX[:-1] + b"?", "not the file")])
    def test_truncated_or_tampered_copy_of_a_folder(self, published, tmp_path, row, content, sentence):
        (tmp_path / "model.onnx").write_bytes(content)
        with pytest.raises(WeightsError, match=sentence):
            fetch(row(), source=str(tmp_path / "model.onnx"))
        assert list(published.iterdir()) == []

    def test_first_hash_is_noted_and_holds(self, published, server, row):
        name = row(Url(f"{server.address}/model.onnx"), sha256=None, size=None)
        path = fetch(name)
        record = published / "model.onnx.sha256"
        assert record.read_text() == f"{DIGEST}  model.onnx\n"
        path.unlink()
        with pytest.raises(WeightsError, match=r"not the file expected.*delete .*model\.onnx\.sha256"):
            fetch(name, source=f"{server.address}/other.onnx")
        assert not path.exists()
        path.write_bytes(ONNX + b"!")
        assert "first fetched" in verify(weights.rows(name)[0], path)
        assert fetch(name).read_bytes() == ONNX

    def test_what_is_here_is_not_fetched_again_unless_it_is_broken(self, published, server, row):
        name = row(Url(f"{server.address}/model.onnx"))
        (published / "model.onnx").write_bytes(ONNX)
        assert fetch(name) == published / "model.onnx"
        assert server.requests == []
        (published / "model.onnx").write_bytes(ONNX[:-5])
        said = []
        assert fetch(name, say=said.append).read_bytes() == ONNX
        assert "Fetching it anew" in said[0]

    def test_file_put_in_place_by_hand_is_checked_and_its_hash_noted(self, published, original):
        path = published / "mtviton.pth"
        path.write_bytes(original.read_bytes())
        assert fetch("hr-viton-condition") == path
        assert (published / "mtviton.pth.sha256").read_text().startswith(hashlib.sha256(path.read_bytes()).hexdigest())
        (published / "mtviton.pth.sha256").unlink()
        path.write_text("<html>Sign in</html>")
        said = []
        fetch("hr-viton-condition", source=str(original), say=said.append)
        assert "not a file of tensors" in said[0]
        assert path.read_bytes() == original.read_bytes()

    def test_from_google_drive(self, published, server, row, monkeypatch):
        monkeypatch.setattr(weights, "DRIVE", server.address + "/{}?confirm=t")
        assert fetch(row(Drive("model.onnx"))).read_bytes() == ONNX

    def test_archive_is_fetched_once_for_all_its_files(self, published, original, row, monkeypatch):
        archive = original.with_name("published.zip")
        with zipfile.ZipFile(archive, "w") as files:
            files.writestr("checkpoints/model.onnx", ONNX)
            files.writestr("checkpoints/model2.onnx", ONNX)
        with serving({"ID": archive.read_bytes()}) as server:
            monkeypatch.setattr(weights, "DRIVE", server.address + "/{}")
            first = row(Drive("ID", archive=True))
            second = row(Drive("ID", archive=True), name="model2", file="model2.onnx")
            assert fetch(first).read_bytes() == ONNX
            assert fetch(second).read_bytes() == ONNX
            assert len(server.requests) == 1
        assert sorted(path.name for path in published.iterdir()) == ["model.onnx", "model2.onnx"]

    def test_page_to_open_by_hand_says_what_to_do(self, published, row):
        with pytest.raises(WeightsError, match=r"Open https://page in a browser.*fetch model --source FILE"):
            fetch(row(Page("https://page")))

    def test_what_does_not_fit_is_not_kept(self, published, original, server):
        original.write_text("<html>Sign in</html>")
        with pytest.raises(WeightsError, match="not a file of tensors") as caught:
            fetch("hr-viton-condition", source=str(original))
        assert ".new" not in str(caught.value)
        with pytest.raises(WeightsError, match="not a file of tensors"):
            fetch("hr-viton-condition", source=f"{server.address}/model.onnx")
        assert list(published.iterdir()) == []

    def test_page_under_the_name_of_an_onnx_file(self, published, tmp_path, row):
        (tmp_path / "model.onnx").write_text("<html>Quota exceeded</html>")
        with pytest.raises(WeightsError, match=r"not a \.onnx file"):
            fetch(row(size=None, sha256=None), source=str(tmp_path / "model.onnx"))

    def test_licence_is_agreed_to_before_anything_is_fetched(self, published, server):
        source = f"{server.address}/mtviton.pth"
        with pytest.raises(WeightsError, match="CC BY-NC"):
            fetch("hr-viton-condition", source=source, confirm=lambda row: False)
        assert server.requests == []
        assert fetch("hr-viton-condition", source=source, confirm=lambda row: True).is_file()

    def test_nonsense_sources(self, published):
        with pytest.raises(WeightsError, match="neither a file"):
            fetch("hr-viton-condition", source="./nothing/here")
        with pytest.raises(WeightsError, match=r"published nowhere.*train body"):
            fetch("compact-body")
