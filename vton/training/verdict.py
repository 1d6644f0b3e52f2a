"""What the condition discriminator learns: whether a try-on's regions and warp look like those of a dressed person.

It is trained behind a finished condition generator and serves HR-VITON's discriminator rejection. As published it is
a least-squares discriminator of patches; but where the published one is told that all of a predicted try-on is false,
each patch is told here how much of what it sees is: rendered people let that be known, and a generator that errs at one
sleeve is right about the rest.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vton.data.pack import PackedDataset
from vton.methods.judge_inputs import CHANNELS, View, judge_inputs, stacked
from vton.networks.discriminators import rejection_ratio
from vton.training.augment import Random
from vton.training.verdict_samples import collect, goodness, mirrored, mistakes, spoilt

SAMPLES, HELD_OUT_SAMPLES = 600, 100
VALIDATION_BATCH = 16
PATCH = 17
"""Side, in pixels of 128×96, of the square that a patch's truth is about."""

PERCENTILES = (1, 5, 25, 50)
"""Of the ratios of held-out try-ons; stored with the checkpoint, they say which ratio is a low one."""


class DiscriminatorTask:
    """Training of `networks.discriminators.ConditionDiscriminator`; see `loop.Task`.

    Args:
        condition: the compact condition generator whose try-ons are to be judged, in evaluation mode.
        samples: how many of the dataset's are dressed, once, before training begins.
        width: channels of the discriminator's first layer.
    """

    kind = "condition_discriminator"
    rate = 2e-3

    def __init__(self, condition: nn.Module, samples: int = SAMPLES, width: int = 16):
        self.config = {
            "input_channels": CHANNELS, "width": width, "layers": 3, "scales": 2, "dropout": False, "halve_first": True,
        }  # fmt: skip
        self._condition, self._samples = condition, samples
        self._entries: dict[str, list[dict[str, View]]] = {}

    def prepare(self, network: nn.Module) -> None:
        """The network's own first weights will do."""

    @torch.inference_mode()
    def dress(self, data: PackedDataset) -> int:
        """Run the condition generator on a split, once, before training begins. Returns the number of samples."""
        count = self._samples if data.split == "train" else HELD_OUT_SAMPLES
        self._entries[data.split] = list(collect(self._condition, data, count))
        return len(self._entries[data.split])

    def sample(self, data: PackedDataset, index: int, random: Random) -> dict[str, np.ndarray]:
        """A true try-on, and the same person's as predicted or spoilt, with where that is wrong."""
        entries = self._entries[data.split]
        entry = entries[index % len(entries)]
        judged = _fake(entry, entries, random)
        pair = {"true": entry["true"], "fake": judged}
        wrong = mistakes(judged, entry["true"])
        if random.random() < 0.5:
            pair, wrong = {name: mirrored(each) for name, each in pair.items()}, wrong[:, ::-1]
        return {
            **{f"{name}_{key}": value for name, each in pair.items() for key, value in _drawn(each).items()},
            "wrong": wrong.astype(np.uint8),
        }

    def losses(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Least squares, between each patch's score and how true the patch is."""
        wrong = {"true": torch.zeros_like(batch["wrong"]), "fake": batch["wrong"]}
        losses = {}
        for name in wrong:
            view = {key.removeprefix(f"{name}_"): value for key, value in batch.items() if key.startswith(name)}
            truth = truth_around(wrong[name])
            scores = network(judge_inputs(view))
            squares = [((score.float() - F.interpolate(truth, score.shape[2:])) ** 2).mean() for score in scores]
            losses[name] = sum(squares) / len(squares)
        return losses

    def validate(self, network: nn.Module, data: PackedDataset, device: torch.device) -> dict[str, float]:
        """Figures on held-out data, and what the verdict needs."""
        entries, random = self._entries[data.split], np.random.default_rng(1)
        made, good = [e["made"] for e in entries], [goodness(e["made"], e["true"]) for e in entries]
        worse = [spoilt(e["made"], entries[n - 1]["made"], random) for n, e in enumerate(entries)]
        misled = [e["misled"] for e in entries if "misled" in e]
        ratios = {
            "made": judge(network, made, device),
            "spoilt": judge(network, worse, device),
            "misled": judge(network, misled, device),
            "true": judge(network, [e["true"] for e in entries], device),
        }
        largest = judge(network, [e["made"] for e in self._entries["train"]], device).max()
        return {
            "auc_true_made": auc(ratios["true"], ratios["made"]),
            "auc_made_spoilt": auc(ratios["made"], ratios["spoilt"]),
            "auc_made_misled": auc(ratios["made"], ratios["misled"]),
            "rank": rank_correlation(ratios["made"], np.array(good)),
            "goodness": float(np.mean(good)),
            "ratio_largest": float(largest),
            **{f"ratio_{share}": float(np.percentile(ratios["made"], share)) for share in PERCENTILES},
        }


def truth_around(wrong: Tensor) -> Tensor:
    """uint8 (N, 128, 96), 1 where something is wrong → float (N, 1, 128, 96), 1 where nothing nearby is, 0 where half
    or more is."""
    share = F.avg_pool2d(wrong[:, None].float(), PATCH, stride=1, padding=PATCH // 2, count_include_pad=False)
    return 1 - (2 * share).clamp(max=1)


def _fake(entry: dict[str, View], entries: list[dict[str, View]], random: Random) -> View:
    chance = random.random()
    if chance < 0.5:
        return entry["made"]
    if chance < 0.65 and "misled" in entry:
        return entry["misled"]
    stranger = entries[random.integers(len(entries))]["made"]
    return spoilt(entry["made"] if random.random() < 0.7 else entry["true"], stranger, random)


def _drawn(each: View) -> dict[str, np.ndarray]:
    """A view with its pictures drawn, for a batch of `judge_inputs`."""
    return {key: value[0].numpy() for key, value in stacked([each]).items()}


@torch.inference_mode()
def judge(network: nn.Module, views: list[View], device: torch.device) -> np.ndarray:
    """D / (1 - D) of each view, see `networks.discriminators.rejection_ratio`."""
    ratios = []
    for start in range(0, len(views), VALIDATION_BATCH):
        batch = {key: value.to(device) for key, value in stacked(views[start : start + VALIDATION_BATCH]).items()}
        ratios.append(rejection_ratio(network(judge_inputs(batch))).cpu().numpy())
    return np.concatenate(ratios)


def auc(better: np.ndarray, worse: np.ndarray) -> float:
    """How often one of `better` exceeds one of `worse`: the area under the ROC curve."""
    return float((better[:, None] > worse).mean() + 0.5 * (better[:, None] == worse).mean())


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's, without care for ties."""
    ranks = [np.argsort(np.argsort(values)) for values in (a, b)]
    return float(np.corrcoef(*ranks)[0, 1])
