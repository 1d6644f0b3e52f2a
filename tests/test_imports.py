"""Imports run one way, and nothing happens at import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "vton"
ORDER = (
    {"labels", "types", "checkpoints_table", "restricted_pickle"},
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


def test_importing_everything_opens_nothing():
    """No file is written, no network is built and no argument is read when modules are imported."""
    modules = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in MODULES]
    modules = [name.removesuffix(".__init__") for name in modules if not name.endswith("__main__")]
    code = f"""
import builtins, importlib, sys
import torch, gradio, matplotlib
sys.argv = ["x", "--no-such-option"]
real = builtins.open
def reading(file, mode="r", *args, **options):
    assert not set(mode) & set("wax+"), f"{{file}} is opened for writing at import"
    return real(file, mode, *args, **options)
for name in {modules!r}:
    builtins.open = reading if "vton" in name else real
    importlib.import_module(name)
loaded = [m for m in ("mediapipe", "anny", "rembg") if m in sys.modules]
assert not loaded, loaded
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE.parent)
    assert done.returncode == 0, done.stderr
