"""ONNX files of a few kilobytes, written field by field: the package onnx is not needed to run such files.

Field numbers are those of onnx.proto.
"""

import struct
from pathlib import Path

import numpy as np


def _field(number: int, value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    value = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _tensor(name: str, values: np.ndarray) -> bytes:
    dims = b"".join(_field(1, size) for size in values.shape)
    return dims + _field(2, 1) + _field(8, name) + _field(9, struct.pack(f"<{values.size}f", *values.ravel()))


def _value(name: str, shape: tuple[int, ...]) -> bytes:
    dims = b"".join(_field(1, _field(1, size)) for size in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, 1) + _field(2, dims)))


def _node(kind: str, inputs: list[str], output: str, **ints: list[int]) -> bytes:
    attributes = b"".join(
        _field(5, _field(1, key) + b"".join(_field(8, value) for value in values) + _field(20, 7))
        for key, values in ints.items()
    )
    return b"".join(_field(1, name) for name in inputs) + _field(2, output) + _field(4, kind) + attributes


def write_colour_parser(path: Path, side: int, colours: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> None:
    """A parser with SCHP's inputs and outputs that knows each label by its colour.

    Args:
        side: of its square input; the outputs have a quarter of it.
        colours: (labels, 3), RGB in [0, 255].
        mean, deviation: of blue, green and red in [0, 1], as SCHP normalises.
    """
    points = ((colours[:, ::-1] / 255 - mean) / deviation).astype(np.float32)
    weights, biases = 2 * points[..., None, None], -(points**2).sum(1)
    labels, small = len(points), side // 4
    nodes = [
        _node("AveragePool", ["input.1"], "small", kernel_shape=[4, 4], strides=[4, 4]),
        _node("Conv", ["small", "weights", "biases"], "fused"),
        _node("Neg", ["fused"], "branch"),
        _node("Neg", ["small"], "edges"),
    ]
    outputs = [("branch", labels), ("fused", labels), ("edges", 3)]
    graph = b"".join(
        [
            *(_field(1, node) for node in nodes),
            _field(2, "colours"),
            _field(5, _tensor("weights", weights)),
            _field(5, _tensor("biases", biases)),
            _field(11, _value("input.1", (1, 3, side, side))),
            *(_field(12, _value(name, (1, channels, small, small))) for name, channels in outputs),
        ]
    )
    path.write_bytes(_field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 13)))
