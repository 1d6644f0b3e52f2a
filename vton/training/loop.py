"""The training loop that every network shares."""

import copy
import math
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from vton.data.pack import PackedDataset
from vton.networks.precision import counts_short
from vton.weights import NETWORKS, load_network, save_checkpoint

EMA_DECAY = 0.995
WARMUP_STEPS = 40
REFRESH_BATCHES = 40


class Task(Protocol):
    """What one network is trained on.

    kind: its name in `weights.NETWORKS`; config: the arguments of that class; rate: the peak learning rate.

    A task that makes whole batches where they are wanted has a method `stream(data, size, random)` instead of `sample`:
    an endless iterator of batches on the device of the `torch.Generator` that it is given. One whose parameters learn
    at different rates has `groups(network)`: the optimizer's groups with their "share" of the rate.
    """

    kind: str
    config: dict
    rate: float

    def prepare(self, network: nn.Module) -> None:
        """Give an untrained network special first weights."""

    def sample(self, data: PackedDataset, index: int, random: np.random.Generator) -> dict[str, np.ndarray]:
        """One training sample: arrays that stack into a batch."""

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Weighted scalar losses by name; what is trained is their sum."""

    def validate(self, network: nn.Module, data: PackedDataset, device: torch.device) -> dict[str, float]:
        """Measures on held-out data."""


@dataclass(frozen=True)
class Plan:
    """How long and how to train.

    Exactly one of `minutes` (of training, over all sessions) and `steps` is given. `init` is a checkpoint to start
    from. `workers` processes make the batches; with 0 this process does. `source` is noted in the checkpoint.
    """

    output: Path
    minutes: float | None = None
    steps: int | None = None
    batch: int = 8
    seed: int = 0
    workers: int = 1
    init: Path | None = None
    validate_minutes: float = 10.0
    save_minutes: float = 2.0
    report_seconds: float = 20.0
    source: str = "rendered people (python -m vton render)"


@dataclass
class Progress:
    """Where a training stands: steps and seconds, over all sessions."""

    step: int = 0
    seconds: float = 0.0

    def share(self, plan: Plan) -> float:
        """How much of the plan is done, from 0 to 1."""
        done = self.seconds / (60 * plan.minutes) if plan.minutes else self.step / plan.steps
        return min(done, 1.0)


class Batches(IterableDataset):
    """An endless stream of stacked random samples that takes in new shards as they appear."""

    def __init__(self, task: Task, data: PackedDataset, batch: int, seed: int):
        self.task, self.data, self.batch, self.seed = task, data, batch, seed

    def __iter__(self) -> Iterator[dict[str, np.ndarray]]:
        worker = torch.utils.data.get_worker_info()
        torch.set_num_threads(1) if worker else None
        random = np.random.default_rng((self.seed, worker.id if worker else 0))
        number = 0
        while True:
            if number % REFRESH_BATCHES == 0:
                self.data.refresh()
            number += 1
            indices = random.integers(len(self.data), size=self.batch)
            samples = [self.task.sample(self.data, int(index), random) for index in indices]
            yield {key: torch.from_numpy(np.stack([sample[key] for sample in samples])) for key in samples[0]}


def learning_rate(peak: float, step: int, share: float) -> float:
    """A short linear warm-up, then a cosine down to a two-hundredth of the peak."""
    return peak * min(1.0, (step + 1) / WARMUP_STEPS) * (0.005 + 0.995 * (0.5 + 0.5 * math.cos(math.pi * share)))


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, step: int) -> None:
    """Move the average of the weights (and of the normalisation statistics) towards the network."""
    keep = min(EMA_DECAY, (step + 1) / (step + 10))
    pairs = [*zip(average.state_dict().values(), network.state_dict().values(), strict=True)]
    moved = [pair for pair in pairs if pair[0].is_floating_point()]
    torch._foreach_lerp_([mean for mean, _ in moved], [value for _, value in moved], 1 - keep)
    for mean, value in pairs:
        if not mean.is_floating_point():
            mean.copy_(value)


class Training:
    """A network, its average and its optimizer, with the file that lets it go on another day.

    The state lies beside the checkpoint, ending in `.state.pt`; when it is there, training continues from it.
    """

    def __init__(self, task: Task, plan: Plan, device: torch.device):
        self.task, self.plan, self.device = task, plan, device
        network = NETWORKS[task.kind](**task.config)
        task.prepare(network)
        self.network = network.to(device, memory_format=torch.channels_last).train()
        self.average = copy.deepcopy(self.network).requires_grad_(False)
        groups = task.groups(self.network) if hasattr(task, "groups") else [{"params": [*self.network.parameters()]}]
        fused = device.type == "cuda"
        self.optimizer = torch.optim.AdamW(groups, lr=task.rate, weight_decay=1e-3, fused=fused)
        self.progress = Progress()
        self.metrics: dict[str, float] = {}
        if self.state_file.is_file():
            self._resume()
        elif plan.init is not None:
            self.network.load_state_dict(load_network(plan.init).state_dict())
            self.average.load_state_dict(self.network.state_dict())

    @property
    def state_file(self) -> Path:
        return self.plan.output.with_suffix(".state.pt")

    def _resume(self) -> None:
        state = torch.load(self.state_file, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(state["step"], state["seconds"])

    def step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """One update; the losses by name, which nobody has waited for yet."""
        rate = learning_rate(self.task.rate, self.progress.step, self.progress.share(self.plan))
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group.get("share", 1.0)
        batch = {key: value.to(self.device, non_blocking=True) for key, value in batch.items()}
        with torch.autocast(self.device.type, torch.bfloat16, enabled=counts_short(self.device)):
            losses = self.task.losses(self.network, batch)
        self.optimizer.zero_grad(set_to_none=True)
        sum(losses.values()).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimizer.step()
        update_average(self.average, self.network, self.progress.step)
        self.progress.step += 1
        return {name: value.detach() for name, value in losses.items()}

    def validate(self, data: PackedDataset) -> None:
        """Measure the averaged network on held-out samples, once there are any: they are rendered last."""
        if not data.refresh():
            return
        self.average.eval()
        with torch.inference_mode():
            self.metrics = self.task.validate(self.average, data, self.device)

    def save(self, samples: int) -> None:
        """Write the checkpoint (the averaged weights) and the state."""
        self.plan.output.parent.mkdir(parents=True, exist_ok=True)
        notes = {
            "data": self.plan.source,
            "samples": samples,
            "seed": self.plan.seed,
            "steps": self.progress.step,
            "batch": self.plan.batch,
            "minutes": round(self.progress.seconds / 60, 1),
            "date": date.today().isoformat(),
            "metrics": self.metrics,
        }
        save_checkpoint(self.plan.output, self.task.kind, self.task.config, self.average.state_dict(), notes)
        draft = self.state_file.with_suffix(".part")
        torch.save(
            {
                "network": self.network.state_dict(),
                "average": self.average.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "step": self.progress.step,
                "seconds": self.progress.seconds,
            },
            draft,
        )
        draft.replace(self.state_file)


def train(training: Training, data: PackedDataset, held_out: PackedDataset) -> Training:
    """Run the plan to its end; an interrupt (Ctrl-C or a TERM signal) saves and returns early."""
    plan, progress = training.plan, training.progress
    batches = _batches(training, data)
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    report = Report(plan, progress)
    saved = validated = progress.seconds
    try:
        while progress.share(plan) < 1:
            started = time.monotonic()
            report.add(training.step(next(batches)))
            progress.seconds += time.monotonic() - started
            report.print_when_due(data)
            if progress.seconds - validated > 60 * plan.validate_minutes:
                validated = progress.seconds
                training.validate(held_out)
                print(report.metrics(training.metrics), flush=True)
            if progress.seconds - saved > 60 * plan.save_minutes:
                saved = progress.seconds
                training.save(len(data))
    except KeyboardInterrupt:
        print("interrupted; run the same command again to go on", flush=True)
    finally:
        signal.signal(signal.SIGTERM, previous)
    if progress.share(plan) >= 1:
        training.validate(held_out)
        print(report.metrics(training.metrics), flush=True)
    training.save(data.refresh())
    return training


def _batches(training: Training, data: PackedDataset) -> Iterator[dict[str, Tensor]]:
    plan, seed = training.plan, training.plan.seed + training.progress.step
    if hasattr(training.task, "stream"):
        random = torch.Generator(training.device)
        return training.task.stream(data, plan.batch, random.manual_seed(seed))
    stream = Batches(training.task, data, plan.batch, seed)
    return iter(DataLoader(stream, batch_size=None, num_workers=plan.workers))


class Report:
    """One line of progress from time to time."""

    def __init__(self, plan: Plan, progress: Progress):
        self.plan, self.progress = plan, progress
        self._start()

    def _start(self) -> None:
        self.sums: dict[str, float | Tensor] = {}
        self.count = 0
        self.since = time.monotonic()

    def add(self, losses: dict[str, Tensor]) -> None:
        """Take in the losses of a step."""
        for name, value in losses.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
        self.count += 1

    def print_when_due(self, data: PackedDataset) -> None:
        """Print mean losses, speed and what is left, every `report_seconds` and at the last step."""
        elapsed = time.monotonic() - self.since
        share = self.progress.share(self.plan)
        if elapsed < self.plan.report_seconds and share < 1:
            return
        left = self.progress.seconds * (1 / share - 1) / 60 if share else float("nan")
        losses = " ".join(f"{name} {float(total) / self.count:.4f}" for name, total in self.sums.items())
        print(
            f"step {self.progress.step}  {losses}  {1000 * elapsed / self.count:.0f} ms/step  "
            f"{data.refresh()} samples  {left:.0f} min left",
            flush=True,
        )
        self._start()

    def metrics(self, metrics: dict[str, float]) -> str:
        """A line of measures on held-out data."""
        values = " ".join(f"{name} {value:.3f}" for name, value in metrics.items())
        return f"step {self.progress.step} held out: {values}"
