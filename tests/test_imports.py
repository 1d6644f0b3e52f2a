"""Imports run one way, and nothing happens at import."""

import ast
import builtins
import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

PACKAGE = Path(__file__).parents[1] / "vton"
ORDER = (
    {"labels", "types", "beside", "checkpoints_table", "restricted_pickle"},
    {"images", "store", "download"},
    {"networks"},
    {"network_files"},
    {"weights"},
    {"preprocess"},
    {"methods"},
    {"finish", "visualise", "verdict"},
    {"pipeline", "rendering", "data", "weights_command"},
    {"training", "mirror"},
    {"commands", "evaluation"},
    {"ui"},
    {"__init__", "__main__"},
)
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}
SOLE_USERS = {"gradio": "ui", "sqlalchemy": "store", "mediapipe": "preprocess", "anny": "rendering"}
LATE = ("mediapipe", "anny", "rembg")
MODULES = sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path):
    part = part_of(path)
    for name in imported(path):
        top, *rest = name.split(".")
        if top == "vton" and rest and rest[0] in RANK:
            assert rest[0] == part or RANK[rest[0]] < RANK[part], f"{part} must not import {name}"
        if top in SOLE_USERS:
            assert part == SOLE_USERS[top], f"only {SOLE_USERS[top]} imports {top}"


def test_every_part_has_its_place():
    assert {part_of(path) for path in MODULES} <= set(RANK)


@pytest.fixture
def nothing_imported():
    """Meanwhile nothing of the package, nor what it imports only where it is used, has been imported."""

    def forget() -> dict[str, ModuleType]:
        return {name: sys.modules.pop(name) for name in [*sys.modules] if name.split(".")[0] in (PACKAGE.name, *LATE)}

    before = forget()
    yield
    forget()
    sys.modules.update(before)


def test_importing_everything_opens_nothing(monkeypatch, nothing_imported):
    """No file is written, no network is built and no argument is read when modules are imported."""
    # What these write or build when they are imported is not ours.
    import gradio
    import matplotlib
    import torch

    assert gradio and matplotlib
    real = builtins.open

    def reading(file, mode="r", *args, **options):
        assert not set(mode) & set("wax+"), f"{file} is opened for writing at import"
        return real(file, mode, *args, **options)

    def built(network, *_args, **_options):
        raise AssertionError(f"a {type(network).__name__} is built at import")

    monkeypatch.setattr(sys, "argv", ["x", "--no-such-option"])
    monkeypatch.setattr(torch.nn.Module, "__init__", built)
    monkeypatch.setattr(builtins, "open", reading)
    for path in MODULES:
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        if not name.endswith("__main__"):
            importlib.import_module(name)
    loaded = [name for name in LATE if name in sys.modules]
    assert not loaded, loaded
