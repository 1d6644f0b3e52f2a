"""Deterministic weights, inputs and comparisons of the parity fixtures (tests/parity/README.md has the protocol)."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

ROOT = Path(os.environ.get("VTON_PARITY", Path(__file__).parent / "parity"))


def folder_of(family: str) -> Path:
    """Where a family's fixtures lie."""
    return ROOT / family


def generator_of(text: str) -> np.random.Generator:
    """The random generator keyed by a string."""
    return np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")))


def filled(key: str, shape: tuple[int, ...], seed: str, scale: float = 1.0) -> Tensor:
    """The value a state-dict entry has in the fixtures."""
    if key.endswith("num_batches_tracked"):
        return torch.zeros(shape, dtype=torch.int64)
    if scale == 1:
        return _unscaled(key, shape, seed).clone()
    return torch.from_numpy((scale * _values(key, shape, seed)).astype(np.float32))


@lru_cache(maxsize=256)
def _unscaled(key: str, shape: tuple[int, ...], seed: str) -> Tensor:
    """Kept for a while: networks of one family have most entries in common, and their composition has them all."""
    return torch.from_numpy(_values(key, shape, seed).astype(np.float32))


def _values(key: str, shape: tuple[int, ...], seed: str) -> np.ndarray:
    if key.endswith("noise_scale"):
        return np.zeros(shape)
    value = generator_of(f"{seed}:{key}").standard_normal(shape)
    # Mostly in place, because the largest have ten million entries.
    if key.endswith("running_var"):
        value = np.exp(0.1 * value)
    elif key.endswith(("weight_u", "weight_v")):
        value /= np.linalg.norm(value)
    elif len(shape) == 1:
        value = 0.1 * value + (1 if key.endswith("weight") else 0)
    else:
        value /= np.sqrt(np.prod(shape[1:]))
    return value


def _enlarged(cells: np.ndarray) -> np.ndarray:
    return np.repeat(np.repeat(cells, 16, 2), 16, 3)


def _one_hot(scores: np.ndarray) -> np.ndarray:
    return scores.argmax(1)[:, None] == np.arange(scores.shape[1])[None, :, None, None]


def _smooth(generator: np.random.Generator, shape: tuple[int, int, int, int]) -> np.ndarray:
    batch, channels, height, width = shape
    nodes = np.clip(0.5 * generator.standard_normal((batch, channels, height // 16 + 1, width // 16 + 1)), -1, 1)
    y, x = np.arange(height) / 16, np.arange(width) / 16
    row, column = y.astype(int), x.astype(int)
    v, u = (y - row)[:, None], x - column
    above = (1 - u) * nodes[:, :, row][..., column] + u * nodes[:, :, row][..., column + 1]
    below = (1 - u) * nodes[:, :, row + 1][..., column] + u * nodes[:, :, row + 1][..., column + 1]
    return (1 - v) * above + v * below


def drawn(name: str, kind: str, shape: list[int], seed: str) -> Tensor:
    """An input of the fixtures, float32 of the given shape."""
    generator = generator_of(f"{seed}:input:{name}")
    normal, shape = generator.standard_normal, tuple(shape)
    cells = (*shape[:2], shape[2] // 16, shape[3] // 16)
    if kind == "image":
        value = np.clip(0.5 * normal(shape), -1, 1)
    elif kind == "mask":
        value = normal(shape) > 0
    elif kind == "noise01":
        value = normal(shape) > 1
    elif kind == "onehot":
        value = _one_hot(normal(shape))
    elif kind == "probs":
        value = normal(shape)
        value = np.exp(value - value.max(1, keepdims=True))
        value = value / value.sum(1, keepdims=True)
    elif kind == "mask_blocks16":
        value = _enlarged(normal(cells) > 0)
    elif kind == "onehot_blocks16":
        value = _enlarged(_one_hot(normal(cells)))
    elif kind.startswith("labels_blocks16:"):
        classes = int(kind.split(":")[1])
        value = _enlarged(normal((shape[0], classes, *cells[2:])).argmax(1)[:, None])
    elif kind == "image_smooth16":
        value = _smooth(generator, shape)
    else:
        raise ValueError(f"unknown kind of input {kind}")
    return torch.from_numpy(np.ascontiguousarray(value, np.float32))


@dataclass(frozen=True)
class Fixture:
    """One stored reference: `facts` is its JSON, `stored` its npz."""

    facts: dict
    stored: dict[str, np.ndarray]

    @classmethod
    def load(cls, family: str, name: str) -> "Fixture":
        base = folder_of(family) / name
        return cls(json.loads(base.with_suffix(".json").read_text()), dict(np.load(base.with_suffix(".npz"))))

    @property
    def seed(self) -> str:
        return self.facts["seed"]

    def inputs(self) -> dict[str, Tensor]:
        """All inputs by name."""
        return {row["name"]: drawn(row["name"], row["kind"], row["shape"], self.seed) for row in self.facts["inputs"]}

    def decision(self, name: str, own: Tensor, most: float = 0.002) -> Tensor:
        """Compare one's own label map or mask with the stored one, then go on with the stored one."""
        stored = torch.from_numpy(self.stored[f"decision.{name}"]).reshape(own.shape)
        assert (own.to(torch.uint8) != stored).float().mean() <= most, name
        return stored.to(own.dtype)

    def check(self, name: str, value: Tensor, rms: float = 1e-3, most: float = 2e-2, absolute: bool = False) -> None:
        """Compare an output with its stored sample, relative to its stored spread unless `absolute`."""
        value = value.detach().float().numpy()
        assert list(value.shape) == list(self.stored[f"{name}.shape"]), name
        flat, stored = value.reshape(-1), self.stored[f"{name}.sample"].reshape(-1)
        own = flat
        if flat.size > 4096:
            own = flat[generator_of(f"{self.seed}:sample:{name}").integers(0, flat.size, 4096)]
        spread = abs(float(stored[0])) if flat.size == 1 else float(self.stored[f"{name}.std"])
        unit = 1.0 if absolute else max(spread, 1e-12)
        difference = (own - stored).astype(np.float64)
        assert np.sqrt((difference**2).mean()) <= rms * unit, (name, np.sqrt((difference**2).mean()) / unit)
        if not absolute:
            assert np.abs(difference).max() <= most * unit, (name, np.abs(difference).max() / unit)
            wide = flat.astype(np.float64)
            assert abs(wide.mean() - float(self.stored[f"{name}.mean"])) <= rms * unit, name
            assert abs(wide.std() - float(self.stored[f"{name}.std"])) <= rms * unit, name

    def check_labels(self, name: str, value: Tensor, most: float = 0.002) -> None:
        """Compare a label map, mask or one-hot map with its stored sample."""
        flat = value.numpy().reshape(-1)
        own = flat
        if flat.size > 4096:
            own = flat[generator_of(f"{self.seed}:sample:{name}").integers(0, flat.size, 4096)]
        assert (own != self.stored[f"{name}.sample"].reshape(-1)).mean() <= most, name


def seed_of(family: str) -> str:
    """The seed of a family's fixtures."""
    return json.loads(next(folder_of(family).glob("*.json")).read_text())["seed"]


def fill_network(network: nn.Module, seed: str) -> nn.Module:
    """Fill every entry of a network's state dict by the rule of the fixtures, strictly; evaluation mode.

    The entries are put in place of the network's own, which may therefore lie on the device "meta".
    """
    state = {key: filled(key, tuple(t.shape), seed) for key, t in network.state_dict().items()}
    network.load_state_dict(state, assign=True)
    return network.eval()


def build_filled(build: Callable[[], nn.Module], seed: str) -> nn.Module:
    """What `fill_network` makes of `build()`, without the time for random values that are overwritten at once.

    Not for a network that has something which its constructor computes and its state dict lacks.
    """
    with torch.device("meta"):
        network = build()
    return fill_network(network, seed)


@lru_cache(maxsize=2)
def filled_once(build: Callable[[], nn.Module], seed: str) -> nn.Module:
    """`build_filled`, kept for the family's next file, which must find it as it was but for what every test refills."""
    return build_filled(build, seed)


def refill(network: nn.Module, seed: str, keys: list[str], scale: float = 1.0) -> None:
    """Fill some entries again, multiplied by a scale."""
    state = network.state_dict()
    for key in keys:
        state[key].copy_(filled(key, tuple(state[key].shape), seed, scale))


def assert_same_keys(network: nn.Module, fixture: Fixture) -> None:
    """The state dict has the published keys, order, shapes and types, and the published number of parameters."""
    own = [[key, list(t.shape), str(t.dtype).removeprefix("torch.")] for key, t in network.state_dict().items()]
    assert own == fixture.facts["state_dict"]
    assert sum(p.numel() for p in network.parameters()) == fixture.facts["parameter_count"]


@contextmanager
def recording(network: nn.Module, names: dict[str, str]) -> Iterator[dict[str, Tensor]]:
    """Collect outputs of submodules inside the block: `names` maps module paths to output names."""
    outputs: dict[str, Tensor] = {}
    hooks = [
        network.get_submodule(path).register_forward_hook(
            lambda _module, _inputs, output, name=name: outputs.__setitem__(name, output.clone())
        )
        for path, name in names.items()
    ]
    with torch.no_grad():
        yield outputs
    for hook in hooks:
        hook.remove()
