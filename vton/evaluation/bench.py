"""`python -m vton bench`: what a visitor waits for and what the machine gives, as tables."""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import torch

from vton.evaluation.bench_methods import measure_methods, print_methods
from vton.images import pictures_in
from vton.pipeline import TryOnPipeline

PROJECT = Path(__file__).resolve().parents[2]
APP_PORT = 7893


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--persons", type=Path, default=PROJECT / "examples" / "persons")
    parser.add_argument("--garments", type=Path, default=PROJECT / "examples" / "garments")
    parser.add_argument("--weights", default="compact", choices=("compact", "official"))
    parser.add_argument("--device", default=None, help="a torch device; by default the GPU when there is one")
    parser.add_argument("--repeat", type=int, default=5, help="counted runs of each warm figure")
    parser.add_argument("--methods", action="store_true", help="instead, each method in a process of its own")
    parser.add_argument("--app", action="store_true", help="also start app.py and time it until the page answers")


def run(arguments: argparse.Namespace) -> int:
    persons, garments = pictures_in(arguments.persons), pictures_in(arguments.garments)
    if arguments.methods:
        rows = measure_methods(persons[0], garments[0], arguments.weights, arguments.device, arguments.repeat)
        print(f"{_machine(arguments.device)}; a try-on without preprocessing and maps\n")
        print_methods(rows)
        return 0
    started = time.perf_counter()
    pipeline = TryOnPipeline.load(arguments.weights, arguments.device)
    rows = {"load the pipeline": [time.perf_counter() - started]}
    stages: dict[str, list[float]] = {}
    rows["first try-on (cold)"] = [_timed(pipeline, persons[0], garments[0], {})]
    rows["same photo, another garment (cold)"] = [_timed(pipeline, persons[0], garments[1 % len(garments)], {})]
    for i in range(arguments.repeat):
        person, garment = persons[(i + 1) % len(persons)], garments[(i + 2) % len(garments)]
        pipeline.forget()
        rows.setdefault("new photo, new garment (warm)", []).append(_timed(pipeline, person, garment, stages))
        other = garments[(i + 3) % len(garments)]
        rows.setdefault("same photo, new garment (warm)", []).append(_timed(pipeline, person, other, {}))
        rows.setdefault("same photo, same garment (warm)", []).append(_timed(pipeline, person, other, {}))
    pipeline.shelve(garments)
    for i in range(arguments.repeat):
        shelved = _timed(pipeline, persons[0], garments[i % len(garments)], {})
        if i or arguments.repeat == 1:  # the first one prepares the photo
            rows.setdefault("same photo, a garment of the gallery (warm)", []).append(shelved)
    if arguments.app:
        rows["app.py until the page answers"] = [_app_start()]
    print(f"{arguments.weights} weights on {_machine(arguments.device)}\n")
    _print_table("what", rows)
    print()
    _print_table("stage (warm)", stages)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory of this process: {peak:.0f} MB")
    if pipeline.device.type == "cuda":
        print(f"peak memory on the GPU: {torch.cuda.max_memory_allocated() / 2**20:.0f} MB")
    return 0


def _machine(device: str | None) -> str:
    on_gpu = torch.cuda.is_available() and device != "cpu"
    where = torch.cuda.get_device_name() if on_gpu else f"{os.cpu_count()} CPU cores"
    return f"{where}, torch {torch.__version__}, {torch.get_num_threads()} threads"


def _timed(pipeline: TryOnPipeline, person: Path, garment: Path, stages: dict[str, list[float]]) -> float:
    started = time.perf_counter()
    result = pipeline(person, garment)
    elapsed = time.perf_counter() - started
    for stage, seconds in result.timings.items():
        stages.setdefault(stage, []).append(seconds)
    return elapsed


def _app_start() -> float:
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"}
    command = [sys.executable, str(PROJECT / "app.py"), "--port", str(APP_PORT)]
    started = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while process.poll() is None and time.perf_counter() - started < 120:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{APP_PORT}/", timeout=5):
                        return time.perf_counter() - started
                except (urllib.error.URLError, OSError):
                    time.sleep(0.1)
            return float("nan")
        finally:
            process.terminate()


def _print_table(heading: str, rows: dict[str, list[float]]) -> None:
    print(f"| {heading} | runs | median s | min s | max s |\n|---|---|---|---|---|")
    for name, values in rows.items():
        print(f"| {name} | {len(values)} | {statistics.median(values):.2f} | {min(values):.2f} | {max(values):.2f} |")
