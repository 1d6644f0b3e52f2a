"""`python -m vton train NETWORK --data DATASET -o CHECKPOINT`: trains one of the compact networks."""

import argparse
import multiprocessing
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import torch

from vton.data.dataset import DatasetError
from vton.data.pack import PackedDataset, follow, pack
from vton.networks.garment_field import GarmentField
from vton.training.body import BodyTask
from vton.training.condition import ConditionTask, FieldTask
from vton.training.flats import FlatDataset
from vton.training.frames import FramedDataset
from vton.training.image import ImageTask
from vton.training.lining import LiningTask
from vton.training.loop import Plan, Task, Training, train
from vton.training.outline import OutlineTask
from vton.training.pf_afn import WarpTask
from vton.training.pf_afn_generator import GeneratorTask
from vton.training.verdict import DiscriminatorTask
from vton.weights import WeightsError, find, load_network

BATCH = {
    "body": 16,
    "lining": 16,
    "outline": 16,
    "garment-field": 64,
    "condition": 8,
    "image": 4,
    "pf-afn-warp": 8,
    "pf-afn-generator": 8,
    "discriminator": 16,
}

Data = PackedDataset | FramedDataset | FlatDataset

STORED = {"garment-field": FramedDataset, "condition": FramedDataset, "lining": FlatDataset, "outline": FlatDataset}
"""Networks that are trained on what another command makes of datasets or renders: `python -m vton.training.frames` and
`python -m vton.training.flats`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `run` reads."""
    parser.add_argument("network", choices=tuple(BATCH), help="which of the compact networks to train")
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="a rendered dataset, its frames for the garment field and the condition generator, or rendered flats",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="checkpoint to write (.safetensors)")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, help="minutes of training over all sessions (default 60)")
    length.add_argument("--steps", type=int, help="steps over all sessions")
    parser.add_argument("--batch", type=int, help="samples a step")
    parser.add_argument("--rate", type=float, help="peak learning rate, where it shall be another than usual")
    parser.add_argument("--threads", type=int, default=1, help="threads of the network's own process")
    parser.add_argument("--workers", type=int, default=1, help="processes that make batches; 0 uses the network's own")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--init", type=Path, help="checkpoint to start from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--field",
        type=Path,
        help="garment field, or condition generator with one: to train its second look, or to start a condition "
        "generator from",
    )
    parser.add_argument("--looks", type=int, default=3, help="how often the garment field looks")
    parser.add_argument("--whole", action="store_true", help="train the field on with its condition generator")
    parser.add_argument("--body", type=Path, help="body checkpoint, for the perceptual loss of image generators")
    parser.add_argument("--condition", type=Path, help="condition checkpoint whose try-ons the discriminator judges")
    parser.add_argument("--guess", type=Path, help="PF-AFN's first guess, which its warp starts from")
    parser.add_argument("--warp", type=Path, help="PF-AFN's warp checkpoint, which its generator is trained behind")
    parser.add_argument("--no-packing", action="store_true", help="another process packs the data")


def run(arguments: argparse.Namespace) -> int:
    """Train; 0 when done, 2 with one line on stderr when data or weights are no good."""
    try:
        return _run(arguments)
    except (DatasetError, WeightsError) as error:
        print(error, file=sys.stderr)
        return 2


def _run(arguments: argparse.Namespace) -> int:
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(arguments.seed)
    device = torch.device(_device(arguments.device))
    task = make_task(arguments, device)
    task.rate = arguments.rate or task.rate
    data, held_out = _data(arguments)
    if isinstance(task, DiscriminatorTask):
        dressed = [task.dress(split) for split in (data, held_out)]
        print(f"dressed {dressed[0]} samples to train on and {dressed[1]} to measure on", flush=True)
    plan = Plan(
        output=arguments.output,
        minutes=arguments.minutes or (None if arguments.steps else 60.0),
        steps=arguments.steps,
        batch=arguments.batch or BATCH[arguments.network],
        seed=arguments.seed,
        workers=arguments.workers,
        init=None if arguments.network == "condition" else arguments.init,
    )
    if STORED.get(arguments.network) is FlatDataset:
        plan = replace(plan, source="rendered garments (python -m vton.training.flats)")
    training = Training(task, plan, device)
    parameters = sum(parameter.numel() for parameter in training.network.parameters())
    print(f"{task.kind}: {parameters / 1e6:.2f} M parameters, {len(data)} samples, {device}", flush=True)
    train(training, data, held_out)
    return 0


def make_task(arguments: argparse.Namespace, device: torch.device) -> Task:
    """The task that the arguments name, at the sizes of the shipped checkpoints.

    Raises:
        WeightsError: a checkpoint that the task builds on is missing or unusable.
    """
    if arguments.network == "body":
        return BodyTask()
    if arguments.network == "lining":
        return LiningTask()
    if arguments.network == "outline":
        return OutlineTask()
    if arguments.network == "garment-field":
        return _field_task(arguments)
    if arguments.network == "condition":
        return _condition_task(arguments)
    if arguments.network == "discriminator":
        condition = load_network(arguments.condition or find("compact-condition")[0])
        return DiscriminatorTask(condition.to(device))
    if arguments.network == "pf-afn-warp":
        return WarpTask(load_network(arguments.guess) if arguments.guess else None)
    features = load_network(arguments.body).to(device) if arguments.body else None
    if arguments.network == "image":
        return ImageTask(features)
    warp = load_network(arguments.warp or find("compact-pf-afn-warp")[0])
    return GeneratorTask(warp.to(device, memory_format=torch.channels_last), features)


def _field_task(arguments: argparse.Namespace) -> FieldTask:
    """A field from nothing, or one that goes on from another and may look more often."""
    if arguments.field is None:
        return FieldTask(fine=True, looks=arguments.looks)
    start = _field(arguments.field)
    return FieldTask(start, **{**start.sizes, "looks": max(arguments.looks, start.sizes["looks"])})


def _field(path: Path) -> GarmentField:
    """The field in a checkpoint of its own or in that of a condition generator."""
    network = load_network(path)
    return network if isinstance(network, GarmentField) else network.field


def _condition_task(arguments: argparse.Namespace) -> ConditionTask:
    """Behind the field that is named, or else behind that of the network to start from."""
    start = load_network(arguments.init) if arguments.init else None
    if arguments.field is None and start is None:
        raise WeightsError(
            "The condition generator needs --field: train one with `python -m vton train garment-field`."
        )
    field = _field(arguments.field) if arguments.field else None
    return ConditionTask(field, sizes=(field or start.field).sizes, start=start, whole=arguments.whole)


def _device(name: str) -> str:
    if name != "auto":
        return name
    return "cuda" if torch.cuda.is_available() else "cpu"


def _data(arguments: argparse.Namespace) -> tuple[Data, Data]:
    root = arguments.data
    if arguments.network in STORED:
        dataset = STORED[arguments.network]
        return dataset(root, "train"), dataset(root, "test")
    if not arguments.no_packing:
        pack(root)
    data = PackedDataset(root, "train")
    if not len(data):
        raise DatasetError(f"{root}: nothing is packed yet; run `python -m vton.data.pack {root}`.")
    if not arguments.no_packing:
        multiprocessing.get_context("spawn").Process(target=follow, args=(root,), daemon=True).start()
    return data, PackedDataset(root, "test")


def main(arguments: list[str] | None = None) -> int:
    """The command on its own: `python -m vton.training.command`."""
    parser = argparse.ArgumentParser(description="Train one of the compact networks on rendered people.")
    add_arguments(parser)
    return run(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
