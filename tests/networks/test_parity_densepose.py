"""The DensePose network computes what the published one computes, from the photo to the picture of the parts.

Tolerances are relative to a tensor's standard deviation, unless said otherwise.
"""

import json
import math
from contextlib import contextmanager

import cv2
import numpy as np
import pytest
import torch
from parity_tools import Fixture, build_filled, folder_of, generator_of, recording

from vton.networks.densepose import PIXEL_MEAN_BGR, DensePoseRCNN
from vton.networks.densepose_backbone import LEVELS, STAGES
from vton.networks.densepose_boxes import (
    ANCHOR_SIZES,
    BOX_WEIGHTS,
    cell_anchors,
    decode_boxes,
    grid_anchors,
    level_of,
    pool_boxes,
    select_persons,
    select_proposals,
)
from vton.networks.densepose_charts import Charts, boxes_on_photo, part_coordinates, part_labels, part_map, pixel_box
from vton.preprocess.densepose import network_input, network_size, parts_over_photo
from vton.preprocess.parts import densepose_picture

FOLDER = folder_of("densepose")
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="no fixtures of DensePose")
CHART_NAMES = ("coarse_segm", "fine_segm", "u", "v")


def load(name):
    return Fixture.load("densepose", name)


def stored(fixture, name):
    return torch.from_numpy(fixture.stored[name])


def normal(name, shape, seed):
    return torch.from_numpy(generator_of(f"{seed}:input:{name}").standard_normal(shape).astype(np.float32))


def picture(name, height, width, seed):
    """A drawn photo, RGB."""
    generator = generator_of(f"{seed}:input:{name}")
    blocks = generator.integers(0, 256, (math.ceil(height / 12), math.ceil(width / 12), 3))
    noise = generator.integers(-20, 21, (height, width, 3))
    large = blocks.repeat(12, 0).repeat(12, 1)[:height, :width]
    return np.ascontiguousarray((large + noise).clip(0, 255).astype(np.uint8)[..., ::-1])


def sampled(fixture, name, value):
    """The values of a tensor that the fixture stored, and where they stand in the flattened tensor."""
    assert list(value.shape) == list(fixture.stored[f"{name}.shape"]), name
    draw = generator_of(f"{fixture.seed}:sample:{name}").integers(0, value.numel(), min(4096, value.numel()))
    return value.detach().numpy().reshape(-1)[draw].astype(np.float64), draw


def deviation(fixture, name, value):
    """The largest difference from what is stored, over the stored standard deviation."""
    own, _ = sampled(fixture, name, value)
    worst = np.abs(own - fixture.stored[f"{name}.sample"]).max()
    spread, mean = torch.std_mean(value.detach(), correction=0)
    for figure, whole in (("mean", mean), ("std", spread)):
        worst = max(worst, abs(whole.item() - fixture.stored[f"{name}.{figure}"].item()))
    if name in fixture.stored:
        worst = max(worst, difference(fixture, name, value))
    return worst / fixture.stored[f"{name}.std"].item()


def difference(fixture, name, value):
    """The largest difference from what is stored whole."""
    assert tuple(value.shape) == fixture.stored[name].shape, name
    return (value.detach().double() - stored(fixture, name).double()).abs().max().item()


def agreement(own, expected):
    """Share of equal labels; a map that is a pixel larger or smaller is resized first."""
    if own.shape != expected.shape:
        own = cv2.resize(own, expected.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return (own == expected).mean()


def check_coordinates(fixture, name, charts, labels, expected):
    own, places = sampled(fixture, name, part_coordinates(charts.u[0], charts.v[0], labels))
    agreed = (labels.numpy() == expected).reshape(-1)[places % labels.numel()]
    assert np.abs(own - fixture.stored[f"{name}.sample"])[agreed].max() <= 1e-3, name


def centred(charts):
    """Maps with drawn weights are nearly constant; without their means they show many parts."""
    coarse, fine = (logits - logits.mean((2, 3), keepdim=True) for logits in (charts.coarse, charts.fine))
    return Charts(coarse, fine, charts.u, charts.v)


@pytest.fixture(scope="module")
def network():
    return build_filled(DensePoseRCNN, load("backbone").seed)


@pytest.fixture(scope="module")
def drawn_levels():
    facts = load("rpn").facts
    return {
        row["name"][-2:]: normal(row["name"], row["shape"], facts["seed"])
        for row in facts["inputs"]
        if row["name"].startswith("feat_")
    }


def test_state_dict_is_the_published_one(network):
    model = json.loads((FOLDER / "model.json").read_text())
    own = [[key, list(t.shape), str(t.dtype).removeprefix("torch.")] for key, t in network.state_dict().items()]
    assert own == model["state_dict"]
    sums = [value.double().abs().sum().item() for value in network.state_dict().values()]
    np.testing.assert_allclose(sums, load("backbone").stored["weights.abs_sum"], rtol=1e-6)


def test_preprocess():
    fixture = load("preprocess")
    for row in fixture.facts["resize_table"]:
        assert network_size(row["h"], row["w"]) == (row["new_h"], row["new_w"]), row
    for row in fixture.facts["inputs"]:
        name = row["input"]
        image = picture(name, row["h"], row["w"], fixture.seed)
        if name in fixture.stored:
            assert np.array_equal(image[..., ::-1], fixture.stored[name])
        tensor, size = network_input(image)
        assert [list(size), list(tensor.shape[2:])] == [row["resized"], row["padded"]]
        own, _ = sampled(fixture, f"{name}.tensor", tensor)
        assert np.abs(own - fixture.stored[f"{name}.tensor.sample"]).max() <= 1e-4
        levels = tensor[0, :, : size[0], : size[1]] + torch.tensor(PIXEL_MEAN_BGR)[:, None, None]
        own, _ = sampled(fixture, f"{name}.resized", levels.round())
        assert np.array_equal(own, fixture.stored[f"{name}.resized.sample"])


def test_backbone(network):
    fixture = load("backbone")
    row = fixture.facts["inputs"][0]
    with recording(network, {f"backbone.bottom_up.{name}": name for name in STAGES}) as outputs:
        outputs |= network.backbone(50 * normal(row["name"], row["shape"], fixture.seed))
    for name, value in outputs.items():
        assert deviation(fixture, f"quick.{name}", value) <= 1e-4, name


def test_proposal_head(network, drawn_levels):
    fixture = load("rpn")
    for name in LEVELS:
        with torch.no_grad():
            logits, deltas = network.proposal_generator.rpn_head(drawn_levels[name])
        assert deviation(fixture, f"objectness.{name}", logits) <= 1e-4, name
        assert deviation(fixture, f"deltas.{name}", deltas) <= 1e-4, name


def drawn_anchors(fixture):
    height, width = fixture.facts["virtual_padded_size"]
    return {
        name: grid_anchors(height // (4 << level), width // (4 << level), 4 << level, ANCHOR_SIZES[level])
        for level, name in enumerate(LEVELS)
    }


def test_anchors_and_decoding():
    fixture = load("rpn")
    assert difference(fixture, "cell_anchors", torch.stack([cell_anchors(size) for size in ANCHOR_SIZES])) <= 1e-4
    for name, anchors in drawn_anchors(fixture).items():
        own, _ = sampled(fixture, f"anchors.{name}", anchors)
        assert np.abs(own - fixture.stored[f"anchors.{name}.sample"]).max() <= 1e-4, name
        assert difference(fixture, f"anchors.{name}.head", anchors[:9]) <= 1e-4, name
        assert difference(fixture, f"anchors.{name}.tail", anchors[-3:]) <= 1e-4, name
    cases = {"p6": ("deltas_flat", stored(fixture, "anchors.p6"))}
    cases["clamp"] = ("deltas", stored(fixture, "decode.clamp.boxes_in"))
    for name, (deltas, boxes) in cases.items():
        own = decode_boxes(stored(fixture, f"decode.{name}.{deltas}"), boxes, (1.0, 1.0, 1.0, 1.0))
        assert difference(fixture, f"decode.{name}.boxes", own) <= 1e-3, name


def test_proposals():
    fixture = load("rpn")
    anchors = drawn_anchors(fixture)
    counts = [len(rows) for rows in anchors.values()]
    total = sum(counts)
    order = generator_of(f"{fixture.seed}:input:rpn_order").permutation(total)
    logits = torch.from_numpy(((order - (total - 1) / 2) * (8 / total)).astype(np.float32))
    deltas = torch.from_numpy(
        (0.25 * generator_of(f"{fixture.seed}:input:rpn_deltas").standard_normal((total, 4))).astype(np.float32)
    )
    size = tuple(fixture.facts["image_size_for_clipping"])
    boxes, best = select_proposals(list(logits.split(counts)), list(deltas.split(counts)), list(anchors.values()), size)
    assert difference(fixture, "selected.logits", best) == 0
    assert difference(fixture, "selected.boxes", boxes) <= 1e-2


def test_box_head(network, drawn_levels):
    fixture = load("box_head")
    boxes, size = stored(fixture, "boxes"), tuple(fixture.facts["image_size_for_clipping"])
    assert difference(fixture, "levels", level_of(boxes)) == 0
    assert difference(fixture, "level_table.levels", level_of(stored(fixture, "level_table.boxes"))) == 0
    heads = network.roi_heads
    with recording(heads, {"box_head.fc1": "fc1"}) as outputs:
        pooled = pool_boxes([drawn_levels[name] for name in LEVELS[:4]], [boxes])
        features = heads.box_head(pooled)
        logits, deltas = heads.box_predictor(features)
    assert deviation(fixture, "pooled", pooled) <= 5e-4
    for name, value in (("fc1", outputs["fc1"].relu()), ("fc2", features)):
        assert difference(fixture, name, value) <= 5e-4 * fixture.stored[name].std(), name
    assert difference(fixture, "class_logits", logits) <= 1e-4
    assert difference(fixture, "deltas", deltas) <= 1e-4
    assert difference(fixture, "probs", logits.softmax(1)) <= 1e-5
    decoded = decode_boxes(deltas, boxes, BOX_WEIGHTS)
    assert difference(fixture, "decoded", decoded) <= 1e-2
    clipped, _, kept = select_persons(decoded, torch.linspace(1, 0.9, len(boxes)), size, 0.0)
    assert (clipped - stored(fixture, "decoded_clipped")[kept]).abs().max() <= 1e-2


@pytest.mark.parametrize("threshold", ["0.05", "0.8"])
def test_persons_kept(threshold):
    fixture = load("box_head")
    size = tuple(fixture.facts["image_size_for_clipping"])
    drawn = stored(fixture, "det.boxes"), stored(fixture, "det.scores")
    boxes, scores, kept = select_persons(*drawn, size, float(threshold))
    assert difference(fixture, f"det.{threshold}.kept_index", kept) == 0
    assert difference(fixture, f"det.{threshold}.scores", scores) == 0
    assert difference(fixture, f"det.{threshold}.boxes", boxes) <= 1e-2
    if threshold == "0.8":
        assert difference(fixture, "det.0.8.postprocessed_240x180", boxes_on_photo(boxes, size, (240, 180))[0]) <= 1e-2


def test_densepose_head(network, drawn_levels):
    fixture = load("densepose_head")
    boxes = torch.tensor(fixture.facts["boxes"])
    modules = {"decoder": "decoder", **{f"decoder.{name}": f"decoder_branch.{name}" for name in LEVELS[:4]}}
    modules |= {f"densepose_head.body_conv_fcn{layer}": f"body_conv_fcn{layer}" for layer in (1, 4)}
    modules |= {"densepose_head": "head"}
    modules |= {f"densepose_predictor.{name}_lowres": f"{name}_lowres" for name in ("ann_index", "index_uv", "u", "v")}
    pooled = []
    hook = network.roi_heads.densepose_head.register_forward_pre_hook(lambda _, inputs: pooled.append(inputs[0]))
    with recording(network.roi_heads, modules) as outputs:
        charts = network.chart(drawn_levels, [boxes])
    hook.remove()
    outputs |= zip(CHART_NAMES, (charts.coarse, charts.fine, charts.u, charts.v), strict=True)
    for name, value in (outputs | {"pooled": pooled[0]}).items():
        assert deviation(fixture, name, value) <= 2e-4, name
    sizes = torch.cat((boxes[:, :2], boxes[:, 2:] - boxes[:, :2]), 1)
    assert difference(fixture, "result.boxes_xywh", sizes) <= 1e-3
    charts = centred(charts)
    for number, box in enumerate(boxes):
        labels = part_labels(charts.coarse[number], charts.fine[number], *pixel_box(box)[2:])
        expected = fixture.stored[f"result.labels_{number}"]
        assert agreement(labels.numpy(), expected) >= 0.999
        check_coordinates(fixture, f"result.uv_{number}", charts[number : number + 1], labels, expected)


def test_render():
    fixture = load("render")
    boxes, size = stored(fixture, "boxes_xyxy"), fixture.stored["index_map"].shape
    cells = {}
    for name, channels in (("coarse", 2), ("fine", 25), ("u", 25), ("v", 25)):
        cells[name] = generator_of(f"{fixture.seed}:input:render_{name}").standard_normal(
            (len(boxes), channels, 14, 14)
        )
    cells["coarse"][:, 1] += 0.8
    cells["u"], cells["v"] = ((0.5 + 0.2 * cells[name]).clip(0, 1) for name in ("u", "v"))
    charts = Charts(*(torch.from_numpy(value.repeat(8, 2).repeat(8, 3).astype(np.float32)) for value in cells.values()))
    for number, box in enumerate(boxes):
        labels = part_labels(charts.coarse[number], charts.fine[number], *pixel_box(box)[2:])
        expected = fixture.stored[f"labels_{number}"]
        assert agreement(labels.numpy(), expected) >= 0.999, number
        check_coordinates(fixture, f"uv_{number}", charts[number : number + 1], labels, expected)
    parts = part_map(boxes, charts, size).numpy()
    right = parts == fixture.stored["index_map"]
    assert right.mean() >= 0.999
    assert np.array_equal(densepose_picture(parts)[right], fixture.stored["black_alpha1_bgr"][right][:, ::-1])
    photo = np.ascontiguousarray(load("preprocess").stored["image_small"][..., ::-1])
    alone = [part_map(boxes[row : row + 1], charts[row : row + 1], size).numpy() for row in range(len(boxes))]
    overlay = parts_over_photo(photo, alone).astype(int)
    assert np.abs(overlay - fixture.stored["apply_net_default_bgr"][..., ::-1])[right].max() <= 1


@contextmanager
def replaced(network, values):
    """Other values for some entries of the state dict inside the block."""
    state = network.state_dict()
    before = {key: state[key].clone() for key in values}
    for key, value in values.items():
        state[key].copy_(value)
    yield
    for key, value in before.items():
        state[key].copy_(value)


def test_end_to_end(network, monkeypatch):
    fixture = load("end_to_end")
    facts, row = fixture.facts, fixture.facts["inputs"][0]
    pixels, size = network_input(picture(row["name"], row["h"], row["w"], fixture.seed))
    state = network.state_dict()
    values = {key: factor * state[key] for key, factor in facts["scaled_keys"].items()}
    values |= {key: torch.tensor(bias) for key, bias in facts["override_keys"].items()}
    proposals, propose = [], network.propose
    monkeypatch.setattr(network, "propose", lambda *given: proposals.extend(propose(*given)) or proposals)
    with replaced(network, values), torch.no_grad():
        [found] = network(pixels, [size], facts["score_threshold"])
    [(boxes, logits)] = proposals
    assert difference(fixture, "proposals.logits", logits) <= 1e-3
    near = (boxes[:, None] - stored(fixture, "proposals.boxes")[None]).abs().amax(2).amin(0) <= 0.1
    assert near.float().mean() >= 0.98
    found = found.on_photo(size, (row["h"], row["w"]))
    assert difference(fixture, "boxes", found.boxes) <= 0.1
    assert difference(fixture, "scores", found.scores) <= 1e-3
    assert deviation(fixture, "coarse_segm", found.charts.coarse) <= 1e-3
    assert deviation(fixture, "fine_segm", found.charts.fine) <= 1e-3
    for number, box in enumerate(found.boxes):
        labels = part_labels(found.charts.coarse[number], found.charts.fine[number], *pixel_box(box)[2:])
        assert agreement(labels.numpy(), fixture.stored[f"labels_{number}"]) >= 0.99, number
    drawn = densepose_picture(part_map(found.boxes, found.charts, (row["h"], row["w"])).numpy())
    assert (drawn == fixture.stored["black_alpha1_bgr"][..., ::-1]).all(2).mean() >= 0.99
