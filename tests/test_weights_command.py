"""`python -m vton weights` as somebody at a terminal meets it."""

import io

import pytest
import torch
from test_weights import published  # noqa: F401

from vton import weights
from vton.__main__ import main


@pytest.fixture
def original(published, tmp_path):  # noqa: F811
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    torch.save(weights.NETWORKS["condition_generator"]().state_dict(), folder / "mtviton.pth")
    return folder


@pytest.fixture
def answering(monkeypatch):
    """Sits somebody at the terminal who types these answers."""

    def sit(*answers):
        terminal = io.StringIO("".join(f"{answer}\n" for answer in answers))
        terminal.isatty = lambda: True
        monkeypatch.setattr("sys.stdin", terminal)
        return terminal

    return sit


def test_list(published, capsys):  # noqa: F811
    (published / "gen.pth").write_bytes(bytes(3_000_000))
    assert main(["weights", "list"]) == 0
    listing = capsys.readouterr().out
    lines = {line.split()[0]: line for line in listing.splitlines() if line}
    assert lines["hr-viton-image"].split()[1:5] == ["gen.pth", "3", "MB", "present"]
    assert lines["schp-lip"].split()[1:5] == ["parsing_lip.onnx", "267", "MB", "missing"]
    assert "no commercial use" in lines["schp-lip"]
    assert "human parsing" in lines["schp-lip"]
    assert set(weights.CHECKPOINTS_BY_NAME) <= set(lines)
    assert "python -m vton weights fetch" in listing


def test_group_goes_on_after_a_failure_and_says_what_is_left(published, original, capsys):  # noqa: F811
    assert main(["weights", "fetch", "hr-viton", "--source", str(original), "--yes"]) == 2
    printed = capsys.readouterr()
    assert str(published / "mtviton.pth") in printed.out
    assert "HR-VITON: warps the garment. Licence: CC BY-NC 4.0" in printed.err
    assert "gen.pth: there is no such file" in printed.err
    last = printed.err.strip().splitlines()[-1]
    assert last.startswith("1 of 2 not fetched")
    assert last.endswith("python -m vton weights fetch hr-viton-image")


def test_licence_is_asked_for_once(published, original, answering, capsys):  # noqa: F811
    torch.save(weights.NETWORKS["image_generator"]().state_dict(), original / "gen.pth")
    terminal = answering("y")
    assert main(["weights", "fetch", "hr-viton", "--source", str(original)]) == 0
    assert terminal.read() == ""
    asked, out = capsys.readouterr().out.count("Do you agree?"), published / "gen.pth"
    assert asked == 1
    assert out.is_file()


def test_licence_refused(published, original, answering, capsys):  # noqa: F811
    answering("")
    assert main(["weights", "fetch", "hr-viton-condition", "--source", str(original)]) == 2
    assert "was not agreed to" in capsys.readouterr().err
    assert list(published.iterdir()) == []


def test_licence_without_a_terminal(published, original, monkeypatch, capsys):  # noqa: F811
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(["weights", "fetch", "hr-viton-condition", "--source", str(original)]) == 2
    assert "add --yes" in capsys.readouterr().err


def test_verify(published, original, capsys):  # noqa: F811
    main(["weights", "fetch", "hr-viton-condition", "--source", str(original), "--yes"])
    assert main(["weights", "verify", "hr-viton"]) == 0
    assert "hr-viton-image: missing" in capsys.readouterr().out
    with (published / "mtviton.pth").open("ab") as file:
        file.write(b"!")
    assert main(["weights", "verify"]) == 2
    assert capsys.readouterr().err.strip().endswith("weights fetch hr-viton-condition")


def test_front_matter_and_unknown_names(capsys):
    assert main(["weights", "front-matter", "schp"]) == 0
    assert capsys.readouterr().out.startswith("preload_from_hub:\n- levihsu/OOTDiffusion checkpoints/humanparsing/")
    assert main(["weights", "fetch", "nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err
