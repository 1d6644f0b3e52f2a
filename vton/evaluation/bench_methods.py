"""`python -m vton bench --methods`: every method on the same pair, each in a process of its own."""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import torch

from vton import weights
from vton.finish import finish
from vton.methods import METHODS, Variant, load_method, variant_here
from vton.pipeline import TryOnPipeline
from vton.types import Garment, Person, Photo

MOST_SECONDS = 40.0
"""Warm runs of one method end after this time, however few they were."""


def measure_methods(person: Path, garment: Path, weights_name: str, device: str | None, repeat: int) -> Iterator[dict]:
    """One row for each method as soon as it is measured; see `measure` for its entries."""
    pipeline = TryOnPipeline.load(weights_name, device)
    with tempfile.TemporaryDirectory() as folder:
        pair = Path(folder) / "pair.npz"
        save_pair(pair, pipeline.prepare_person(person), pipeline.prepare_garment(garment))
        place = str(pipeline.device)
        del pipeline
        for name in METHODS:
            yield _in_own_process(name, pair, weights_name, place, repeat)


def _in_own_process(name: str, pair: Path, weights_name: str, device: str, repeat: int) -> dict:
    code = (
        "import json, sys; from vton.evaluation.bench_methods import measure; "
        "print(json.dumps(measure(*sys.argv[1:5], int(sys.argv[5]))))"
    )
    command = [sys.executable, "-c", code, name, str(pair), weights_name, device, str(repeat)]
    project = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, capture_output=True, text=True, cwd=project)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout.splitlines()[-1])


def measure(name: str, pair: str, weights_name: str, device: str, repeat: int) -> dict:
    """Dress a prepared pair by one method.

    Returns:
        method, weights ("compact", "official" or "random, official sizes"), height, width, parameters (millions), load,
        first and warm (seconds; of a try-on without preprocessing and maps), runs, memory and gpu_memory (MB; of the
        whole process at its highest).
    """
    place = torch.device(device)
    which = variant_here(name, weights_name)
    variant = METHODS[name].variants[which or "official"]
    started = time.perf_counter()
    method = load_method(name, which, place) if which else _with_random_weights(variant, place)
    load = time.perf_counter() - started
    person, garment = load_pair(Path(pair))
    seconds = [_dress(method, person, garment)]
    while len(seconds) <= repeat and (len(seconds) < 2 or sum(seconds[1:]) < MOST_SECONDS):
        seconds.append(_dress(method, person, garment))
    return {
        "method": METHODS[name].title,
        "weights": which or "random, official sizes",
        "height": variant.resolution[0],
        "width": variant.resolution[1],
        "parameters": variant.parameters,
        "load": load,
        "first": seconds[0],
        "warm": statistics.median(seconds[1:]),
        "runs": len(seconds) - 1,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "gpu_memory": torch.cuda.max_memory_allocated() / 2**20 if place.type == "cuda" else 0.0,
    }


def _with_random_weights(variant: Variant, device: torch.device):
    torch.manual_seed(0)
    rows = [weights.CHECKPOINTS_BY_NAME[checkpoint] for checkpoint in variant.checkpoints]
    return variant.build(*(weights.NETWORKS[row.network]().eval().to(device) for row in rows))


def _dress(method, person: Person, garment: Garment) -> float:
    started = time.perf_counter()
    finish(person, garment, method(person, garment))
    return time.perf_counter() - started


def print_methods(rows: Iterable[dict]) -> None:
    """The rows as a table, each as it comes."""
    print("| method | weights | painted at | parameters | load s | first s | warm s (runs) | memory | GPU memory |")
    print("|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        cells = (
            row["method"],
            row["weights"],
            f"{row['height']}×{row['width']}",
            f"{row['parameters']:.1f} M",
            f"{row['load']:.2f}",
            f"{row['first']:.2f}",
            f"{row['warm']:.2f} ({row['runs']})",
            f"{row['memory']:.0f} MB",
            f"{row['gpu_memory']:.0f} MB" if row["gpu_memory"] else "–",
        )
        print(f"| {' | '.join(cells)} |", flush=True)


def save_pair(path: Path, person: Person, garment: Garment) -> None:
    """Write what is known of a person and a garment to an .npz file, without the sentences."""
    arrays = {}
    for prefix, owner in (("person", person), ("garment", garment)):
        for field in fields(owner):
            value = getattr(owner, field.name)
            value = value.pixels if isinstance(value, Photo) else value
            if value is not None and field.name != "warnings":
                arrays[f"{prefix}.{field.name}"] = np.asarray(value)
    np.savez(path, **arrays)


def load_pair(path: Path) -> tuple[Person, Garment]:
    """Read what `save_pair` wrote."""
    stored = np.load(path)
    pair = []
    for prefix, kind in (("person", Person), ("garment", Garment)):
        values = {key.split(".")[1]: stored[key] for key in stored.files if key.startswith(prefix)}
        values["photo"] = Photo(values["photo"], prefix)
        if "box" in values:
            values["box"] = tuple(values["box"].tolist())
        pair.append(kind(**values))
    return pair[0], pair[1]
