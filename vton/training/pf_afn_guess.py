"""What the first guess of the compact PF-AFN's warp learns: `python -m vton.training.pf_afn_guess DATASET -o FILE`.

The guess sees keypoints and an outline only, so that all samples fit into memory once they are framed, and thousands of
steps take minutes.
"""

import argparse
import sys
import time
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vton.data.dataset import DatasetError
from vton.data.pack import FLOW_UNIT, MAP_SIZE, PICTURE_SIZE, PackedDataset
from vton.labels import MIRRORED_KEYPOINTS
from vton.methods.compact_inputs import garment_crop, move_keypoints, torso_crop
from vton.methods.pf_afn_compact import frame, joint_positions
from vton.networks.pf_afn_posed import FlowGuess
from vton.training.augment import Random, compose, mirroring, scaling, shake_keypoints, similarity
from vton.weights import save_checkpoint

FIELDS = ("cloth_mask", "flow", "valid", "other_keypoints")
GOAL_SIZE = (64, 48)
RATE = 2e-3
BENDING = 10.0
"""Weight of the guess's second differences, in [-1, 1], beside an error in pixels."""


def framed(data: PackedDataset, index: int, random: Random | None) -> tuple[np.ndarray, ...]:
    """One sample: joints (18, 2), outline uint8 (32, 24), flow float16 (2, 64, 48) in [-1, 1], and where it is known.

    random: disturbs the sample; None leaves it as it is.
    """
    packed = data.read(index, FIELDS)
    keypoints = packed["other_keypoints"]
    if random is not None:
        keypoints = shake_keypoints(keypoints, random.uniform(0, 0.025), random)
    to_torso, to_garment = torso_crop(keypoints), garment_crop(packed["cloth_mask"])
    moved = None
    if random is not None:
        shifts = (tuple(random.normal(size=2) * sigma) for sigma in (6, 3))
        scales = (float(np.exp(random.normal() * sigma)) for sigma in (0.06, 0.04))
        turns = (random.normal() * sigma for sigma in (2.3, 2.0))
        jitters = [similarity(MAP_SIZE, *change) for change in zip(scales, turns, shifts, strict=True)]
        to_torso, to_garment = compose(jitters[0], to_torso), compose(jitters[1], to_garment)
        if random.random() < 0.5:
            flip = mirroring(MAP_SIZE[1])
            to_torso, to_garment = compose(flip, to_torso), compose(flip, to_garment)
            moved = move_keypoints(keypoints, to_torso)[MIRRORED_KEYPOINTS]
    moved = move_keypoints(keypoints, to_torso) if moved is None else moved
    outline = cv2.resize(
        frame(packed["cloth_mask"], to_garment, cv2.BORDER_CONSTANT), (24, 32), interpolation=cv2.INTER_AREA
    )
    return joint_positions(moved), outline, *_goal(packed, to_torso, to_garment)


def _goal(packed: dict[str, np.ndarray], to_torso: np.ndarray, to_garment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    height, width = GOAL_SIZE
    # Places lie from the centre of the frame's first pixel to that of its last.
    shrink = np.diag([(width - 1) / (MAP_SIZE[1] - 1), (height - 1) / (MAP_SIZE[0] - 1), 1.0])[:2].astype(np.float32)
    from_maps = scaling(MAP_SIZE, PICTURE_SIZE)
    known = packed["valid"].astype(np.float32)
    weighted = np.dstack([packed["flow"].astype(np.float32) / FLOW_UNIT * known[..., None], known])
    weighted = cv2.warpAffine(weighted, compose(shrink, compose(to_torso, from_maps)), (width, height))
    valid = weighted[..., 2] > 0.75
    matrix = compose(to_garment, from_maps)
    reads = weighted[..., :2] / np.maximum(weighted[..., 2:], 1e-3) @ matrix[:, :2].T + matrix[:, 2]
    flow = 2 * reads / np.array([MAP_SIZE[1] - 1, MAP_SIZE[0] - 1]) - 1
    return (flow * valid[..., None]).transpose(2, 0, 1).astype(np.float16), valid


def gather(data: PackedDataset, times: int, random: Random | None) -> list[Tensor]:
    """All samples `times` times over, as four stacked tensors."""
    samples = [framed(data, index, random) for _ in range(times) for index in range(len(data))]
    return [torch.from_numpy(np.stack(part)) for part in zip(*samples, strict=True)]


def errors(guess: Tensor, flow: Tensor, valid: Tensor) -> Tensor:
    """Distances in pixels of the 256×192 frame at the valid places, (number of places,)."""
    pixels = guess.new_tensor([(MAP_SIZE[1] - 1) / 2, (MAP_SIZE[0] - 1) / 2]).view(1, 2, 1, 1)
    full = F.interpolate(guess, size=GOAL_SIZE, mode="bicubic", align_corners=True)
    return (((full - flow.float()) * pixels).square().sum(1) + 1e-4).sqrt()[valid]


def _bend(guess: Tensor) -> Tensor:
    down = guess[:, :, 2:] - 2 * guess[:, :, 1:-1] + guess[:, :, :-2]
    right = guess[..., 2:] - 2 * guess[..., 1:-1] + guess[..., :-2]
    return down.abs().mean() + right.abs().mean()


def fit(network: FlowGuess, samples: list[Tensor], held_out: list[Tensor], steps: int, batch: int = 128) -> list[float]:
    """Train; the median and mean error on the held-out samples, in pixels."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    measures: list[float] = []
    for step in range(1, steps + 1):
        network.train()
        chosen = torch.randint(len(samples[0]), (batch,))
        joints, outline, flow, valid = (part[chosen] for part in samples)
        guess = network(joints, outline[:, None].float() / 255)
        loss = errors(guess, flow, valid).mean() + BENDING * _bend(guess)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 500 == 0 or step == steps:
            network.eval()
            with torch.inference_mode():
                joints, outline, flow, valid = held_out
                found = errors(network(joints, outline[:, None].float() / 255), flow, valid)
            measures = [float(found.median()), float(found.mean())]
            print(
                f"step {step}  loss {float(loss.detach()):.3f}  held out {measures[0]:.2f} {measures[1]:.2f}",
                flush=True,
            )
    return measures


def main(arguments: list[str] | None = None) -> int:
    """`python -m vton.training.pf_afn_guess DATASET -o FILE`."""
    parser = argparse.ArgumentParser(description="Train the first guess of the compact PF-AFN's warp.")
    parser.add_argument("dataset", type=Path, help="a packed dataset")
    parser.add_argument("-o", "--output", type=Path, required=True, help="checkpoint to write (.safetensors)")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--times", type=int, default=3, help="how often each sample is framed")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(chosen.seed)
    started = time.monotonic()
    try:
        data = PackedDataset(chosen.dataset, "train")
        samples = gather(data, chosen.times, np.random.default_rng(chosen.seed))
        held_out = gather(PackedDataset(chosen.dataset, "test"), 1, None)
    except DatasetError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{len(samples[0])} framed samples after {time.monotonic() - started:.0f} s", flush=True)
    network = FlowGuess()
    median, mean = fit(network, samples, held_out, chosen.steps)
    notes = {
        "data": "rendered people (python -m vton render)",
        "samples": len(data),
        "seed": chosen.seed,
        "steps": chosen.steps,
        "minutes": round((time.monotonic() - started) / 60, 1),
        "date": date.today().isoformat(),
        "metrics": {"epe_median": median, "epe_mean": mean},
    }
    save_checkpoint(chosen.output, "pf_afn_guess", {}, network.state_dict(), notes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
