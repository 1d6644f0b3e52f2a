import numpy as np
import pytest
import torch

from vton.data.pack import PackedDataset
from vton.labels import Region
from vton.methods.pf_afn_compact import frame_positions
from vton.networks.body import BodyNet
from vton.networks.hr_viton_posed import PosedConditionGenerator
from vton.networks.light import LightNet
from vton.networks.pf_afn import sample
from vton.networks.pf_afn_posed import FlowGuess, PosedAppearanceFlow
from vton.training.image import ImageTask
from vton.training.loop import Plan, Training
from vton.training.pf_afn import (
    WarpTask,
    network_inputs,
    read_sample,
    taught,
    teacher_error,
    teacher_file,
    validation_sample,
)
from vton.training.pf_afn_generator import GeneratorTask
from vton.training.pf_afn_guess import errors, fit, gather
from vton.training.pf_afn_teacher import Teacher, teach
from vton.weights import load_network

SMALL = {"widths": (4, 4, 8, 8), "pyramid_width": 4, "hidden": (4, 4, 4), "guess": {"hidden": 16}}
CPU = torch.device("cpu")


def stacked(*samples):
    return {key: torch.from_numpy(np.stack([sample[key] for sample in samples])) for key in samples[0]}


def small_warp():
    task = WarpTask(**SMALL)
    network = PosedAppearanceFlow(**task.config)
    task.prepare(network)
    return network


@pytest.fixture
def answered(packed):
    """The fake dataset with the answers of an untrained teacher, which are taken away again."""
    torch.manual_seed(0)
    condition = PosedConditionGenerator(4, {"hidden": 16, "width": 8, "layers": 2})
    image = LightNet(**ImageTask(widths=(4, 4, 8, 8, 8)).config)
    data = PackedDataset(packed, "train")
    assert teach(data, Teacher(condition, image), 2) == 2
    yield data
    for index in range(len(data)):
        teacher_file(data, index).unlink(missing_ok=True)


def test_the_true_flow_paints_the_garment_onto_the_body(packed):
    data, random = PackedDataset(packed, "train"), np.random.default_rng(0)
    batch = stacked(*(WarpTask().sample(data, index, random) for index in range(6)))
    person, garment = network_inputs(batch)
    assert person.shape == (6, 9, 256, 192) and garment.shape == (6, 6, 256, 192) and batch["skin"].shape == (6, 3)
    valid = batch["valid"] > 0
    assert valid.float().mean() > 0.05
    flow = batch["flow"].permute(0, 3, 1, 2)
    worn = sample(garment[:, 3:4], 2 * flow / torch.tensor([191.0, 255]).view(1, 2, 1, 1) - 1)
    assert float(worn[:, 0][valid].mean()) > 0.97
    assert (batch["target"][valid] == Region.UPPER).float().mean() > 0.97


def test_what_must_change_is_where_input_and_truth_differ(packed):
    sample_ = validation_sample(PackedDataset(packed, "test"), 0)
    difference = np.abs(sample_["person"].astype(int) - sample_["truth"]).max(-1)
    assert (difference[sample_["changed"] == 0] <= 14).all()
    assert (sample_["changed"] > 127).mean() > 0.02


def test_an_untrained_refinement_leaves_the_guess_alone():
    torch.manual_seed(0)
    person, garment, joints = torch.randn(1, 9, 256, 192), torch.randn(1, 6, 256, 192), torch.randn(1, 18, 2)
    with torch.inference_mode():
        warped, flow, flows = small_warp().eval()(person, garment, joints)
    assert warped.shape == (1, 6, 256, 192) and flow.shape == (1, 2, 256, 192) and len(flows) == 5
    guess = torch.nn.functional.interpolate(flows[0], size=(256, 192), mode="bilinear", align_corners=True)
    assert (frame_positions(flow) - frame_positions(guess)).abs().mean() < 0.5


def test_the_guess_learns_where_garments_go(packed):
    torch.manual_seed(0)
    train = gather(PackedDataset(packed, "train"), 2, np.random.default_rng(0))
    test = gather(PackedDataset(packed, "test"), 1, None)
    network = FlowGuess(hidden=32)
    joints, outline, flow, valid = test
    before = errors(network(joints, outline[:, None].float() / 255), flow, valid).mean()
    median, mean = fit(network, train, test, 80, batch=8)
    assert median <= 2 * mean and mean < 0.6 * before


def test_a_teacher_is_followed_only_where_it_is_closer():
    wanted, valid = torch.zeros(1, 2, 8, 8), torch.ones(1, 1, 8, 8)
    batch = {"teacher": torch.full((1, 8, 8, 2), 1.0), "teacher_valid": torch.ones(1, 8, 8)}
    far, near = torch.full((1, 2, 8, 8), 3.0), torch.full((1, 2, 8, 8), 0.1)
    assert teacher_error(far, wanted, valid, batch) > 2
    assert teacher_error(near, wanted, valid, batch) == 0


def test_the_teachers_picture_takes_the_place_of_the_other_top(answered):
    assert len(taught(answered)) == 2
    index = taught(answered)[0]
    plain, dressed = read_sample(answered, index, False), read_sample(answered, index, True)
    assert (plain["other"] != dressed["other"]).any() and (plain["image"] == dressed["image"]).all()
    assert (dressed["other_keypoints"] == dressed["image_keypoints"]).all()
    assert dressed["teacher"].shape == (256, 192, 2) and dressed["teacher_valid"].shape == (256, 192)
    # The networks do not look as far down as the feet.
    assert np.abs(dressed["other"][330:].astype(int) - dressed["image"][330:]).max() <= 1


def test_the_warp_learns_and_its_checkpoint_loads(packed, tmp_path):
    torch.manual_seed(0)
    task, data = WarpTask(FlowGuess(hidden=16), **SMALL), PackedDataset(packed, "train")
    plan = Plan(output=tmp_path / "warp.safetensors", steps=100)
    training = Training(task, plan, CPU)
    training.validate(PackedDataset(packed, "test"))
    assert all(np.isfinite(value) for value in training.metrics.values())
    batch = stacked(task.sample(data, 0, np.random.default_rng(1)))
    before = sum(training.step(batch).values())
    for _ in range(10):
        after = sum(training.step(batch).values())
    assert np.isfinite(after) and after < before
    training.save(samples=6)
    assert isinstance(load_network(plan.output), PosedAppearanceFlow)


def test_the_generator_learns_behind_a_warp_that_stays(packed, tmp_path):
    torch.manual_seed(0)
    warp, data = small_warp(), PackedDataset(packed, "train")
    task = GeneratorTask(warp, BodyNet(widths=(4, 4, 8, 8, 8)), widths=(4, 4, 8, 8, 8))
    still = {key: value.clone() for key, value in warp.state_dict().items()}
    training = Training(task, Plan(output=tmp_path / "generator.safetensors", steps=100), CPU)
    training.validate(PackedDataset(packed, "test"))
    assert set(training.metrics) == {"l1", "input_l1", "alpha_iou"}
    batch = stacked(task.sample(data, 0, np.random.default_rng(1)))
    before = sum(training.step(batch).values())
    for _ in range(10):
        after = sum(training.step(batch).values())
    assert np.isfinite(after) and after < before
    assert all(torch.equal(still[key], value) for key, value in warp.state_dict().items())
