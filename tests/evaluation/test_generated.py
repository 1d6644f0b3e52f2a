import numpy as np
import pytest
import torch

from tests.training.fake import write_packed
from vton.data.pack import PackedDataset
from vton.evaluation.generated import MEASURES, measure_prints, measure_try_ons, measure_with_truth, measures
from vton.networks.hr_viton_posed import PosedConditionGenerator
from vton.networks.light import LightNet
from vton.training.image import ImageTask


@pytest.fixture
def networks():
    torch.manual_seed(0)
    task = ImageTask(widths=(4, 4, 8, 8, 8))
    image = LightNet(**task.config)
    task.prepare(image)
    condition = PosedConditionGenerator(4, {"hidden": 8, "width": 8, "layers": 1})
    return condition.eval(), image.eval()


def test_only_the_edit_counts():
    goal = np.random.default_rng(0).integers(0, 256, (384, 288, 3), np.uint8)
    edit = np.zeros((384, 288), bool)
    edit[100:200, 100:200] = True
    made = goal.copy()
    made[220:] = 0
    assert measures(made, goal, edit, goal, edit) == (pytest.approx(1), 0, pytest.approx(1))
    made[150:160, 100:200] = 0
    ssim, difference, correlation = measures(made, goal, edit, goal, edit)
    assert ssim < 0.95 and difference == pytest.approx(np.abs(goal[150:160, 100:200].astype(float)).mean() / 10)
    assert correlation < 0.95


def test_a_generator_that_changes_nothing_measures_as_its_composite(tmp_path, networks):
    root = write_packed(tmp_path / "rendered", train=1, test=2)
    rows = measure_with_truth(networks[1], root, 2, torch.device("cpu"))
    made, rough = rows["image generator"], rows["rough composite"]
    assert set(made) == set(MEASURES) and made == pytest.approx(rough, abs=1e-3)
    assert made["SSIM"] > 0.6


def test_a_print_that_is_not_seen_changes_nothing(tmp_path, networks):
    root = write_packed(tmp_path / "rendered", train=1, test=2)
    unmoved = measure_prints(networks[1], root, 2, torch.device("cpu"))
    assert unmoved["photo"] > 5 and unmoved["image generator"] < 0.5

    class Copier(torch.nn.Module):
        """Makes the garment as bright as the photo, the last three of the pictures, is there."""

        def forward(self, pictures, layers):
            return 0.5 * pictures[:, -3:]

    assert measure_prints(Copier(), root, 2, torch.device("cpu"))["image generator"] > 2


def test_whole_try_ons_are_measured(tmp_path, networks):
    root = write_packed(tmp_path / "rendered", train=1, test=1)
    rows = measure_try_ons(*networks, root, 1)
    assert set(rows) == {"rough composite", "image generator", "finished"}
    assert all(np.isfinite(list(row.values())).all() for row in rows.values())
    assert len(PackedDataset(root, "test")) == 1
