"""The teacher of the compact PF-AFN: `python -m vton.training.pf_afn_teacher DATASET` dresses rendered people.

The compact HR-VITON puts another sample's garment on each person, and says how the person's own garment lies. Both
are written to `<root>/teacher/<split>/`, one .npz a sample, where training picks them up as they appear.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vton import weights
from vton.data.dataset import DatasetError
from vton.data.pack import FLOW_UNIT, MAP_SIZE, PICTURE_SIZE, PackedDataset
from vton.labels import Region
from vton.methods.compact import close_sleeves, enlarged_reads, generator_inputs, generator_layers
from vton.methods.compact_inputs import compact_regions, garment_crop, hands, torso_crop
from vton.methods.compose import rough_composite
from vton.methods.relight import corrected
from vton.methods.worn import FRONT_LABELS, bleed
from vton.preprocess.parts import limb_picture
from vton.training.augment import scaling
from vton.training.condition import network_inputs
from vton.training.frames import make_frame
from vton.training.pf_afn import picture, teacher_file

FIELDS = (
    "image", "other", "cloth", "cloth_mask", "parse", "other_parse", "parts", "flow", "valid", "image_keypoints",
    "other_keypoints",
)  # fmt: skip
BATCH = 4
SURE = 0.5
"""Share of the warped mask and of the target's garment above which the teacher's flow is worth following."""


class Teacher:
    """The compact HR-VITON at the size of packed pictures.

    Args:
        condition: the `PosedConditionGenerator`.
        image: the compact `LightNet`.
    """

    def __init__(self, condition: nn.Module, image: nn.Module):
        self.condition, self.image = condition.eval(), image.eval()

    @torch.inference_mode()
    def answer(self, samples: list[dict[str, np.ndarray]], garments: list[dict[str, np.ndarray]]) -> list[dict]:
        """Dress people.

        Args:
            samples: FIELDS of people.
            garments: FIELDS of the samples whose garments they try on.

        Returns:
            For each, picture uint8 RGB (384, 288, 3), the person in the other garment; and flow int16 (256, 192, 2)
            with valid bool (256, 192), packed as `data.pack` packs the true flow, how the person's own garment lies on
            the picture in the other top.
        """
        tried = [
            {**sample, "other_parse": sample["parse"], "other_keypoints": sample["image_keypoints"],
             "cloth": garment["cloth"], "cloth_mask": garment["cloth_mask"]}
            for sample, garment in zip(samples, garments, strict=True)
        ]  # fmt: skip
        pictures = self._pictures(tried)
        flows = [self._packed_flow(*guess) for guess in self._conditions(samples)]
        pairs = zip(pictures, flows, strict=True)
        return [{"picture": made, "flow": flow, "valid": valid} for made, (flow, valid) in pairs]

    def _conditions(self, samples: list[dict[str, np.ndarray]]) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """For each sample the flow (384, 288, 2) in pixels of the garment's picture, mask and target regions."""
        matrices = [(torso_crop(packed["other_keypoints"]), garment_crop(packed["cloth_mask"])) for packed in samples]
        framed = [make_frame(packed, None) for packed in samples]
        batch = {key: torch.from_numpy(np.stack([frame[key] for frame in framed])) for key in framed[0]}
        reads, logits, _ = self.condition(*network_inputs(batch))
        targets = torch.softmax(logits, 1).permute(0, 2, 3, 1)
        return [
            _to_picture(
                enlarged_reads(read[None]),
                close_sleeves(target.numpy(), _seen(frame["joints"])),
                packed["cloth_mask"],
                *both,
            )
            for read, target, frame, packed, both in zip(reads[-1], targets, framed, samples, matrices, strict=True)
        ]

    def _pictures(self, samples: list[dict[str, np.ndarray]]) -> list[np.ndarray]:
        layers = [_layers(packed, *guess) for packed, guess in zip(samples, self._conditions(samples), strict=True)]
        image, garment, densepose, mask, keep, before, target = (
            torch.cat([each[part] for each in layers]) for part in range(len(layers[0]))
        )
        composite, edit = rough_composite(image, before, target, garment, mask, keep)
        inputs = generator_inputs(image, edit, densepose, garment, mask, composite)
        made = corrected(self.image, composite, edit, torch.cat([inputs, image], 1), generator_layers(target))
        finished = image + (made - image) * edit
        return list(((finished + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy())

    @staticmethod
    def _packed_flow(reads: np.ndarray, mask: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        to_map = scaling(PICTURE_SIZE, MAP_SIZE)
        small = cv2.resize(reads, MAP_SIZE[::-1], interpolation=cv2.INTER_LINEAR)
        flow = small @ to_map[:, :2].T + to_map[:, 2]
        sure = np.minimum(mask, target[Region.UPPER])
        valid = cv2.resize(sure, MAP_SIZE[::-1], interpolation=cv2.INTER_LINEAR) > SURE
        return (flow * FLOW_UNIT).round().clip(-32768, 32767).astype(np.int16), valid


def _seen(joints: np.ndarray) -> np.ndarray:
    """Joints (18, 2) as keypoints that are all certain, (18, 3)."""
    return np.column_stack([joints, np.ones(len(joints), np.float32)])


def _to_picture(
    reads: np.ndarray, target: np.ndarray, cloth_mask: np.ndarray, to_torso: np.ndarray, to_garment: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bring the condition generator's answer from its frames to the packed picture, as `compact` does to the canvas."""
    size, flags = PICTURE_SIZE[::-1], cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP

    def fetch(values: np.ndarray) -> np.ndarray:
        smooth = cv2.GaussianBlur(np.ascontiguousarray(values), (0, 0), 1.0)
        return cv2.warpAffine(smooth, to_torso, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)

    back = cv2.invertAffineTransform(to_garment)
    flow = (fetch(reads.astype(np.float32)) @ back[:, :2].T + back[:, 2]).astype(np.float32)
    mask = cv2.remap(cloth_mask, flow, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT).astype(np.float32) / 255
    seen = cv2.warpAffine(np.ones(MAP_SIZE, np.float32), to_torso, size, flags=flags)
    planes = np.stack([fetch(target[..., region]) for region in range(target.shape[-1])])
    planes[Region.UPPER] *= seen
    return flow, mask * seen, planes


def _layers(packed: dict[str, np.ndarray], flow: np.ndarray, mask: np.ndarray, target: np.ndarray) -> list[Tensor]:
    """One sample's part of what `rough_composite` and the image generator take, each with a first axis of 1."""
    parse = packed["parse"]
    covered = packed["cloth_mask"].astype(np.float32) / 255
    garment = cv2.remap(bleed(packed["cloth"], covered), flow, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    front = np.isin(parse, FRONT_LABELS) | hands(parse, packed["image_keypoints"])
    before = F.one_hot(torch.from_numpy(compact_regions(parse)).long(), len(Region)).permute(2, 0, 1).float()
    pictures = (packed["image"], garment, limb_picture(packed["parts"]))
    return [
        *(picture(torch.from_numpy(np.ascontiguousarray(pixels))[None]) for pixels in pictures),
        torch.from_numpy(mask)[None, None],
        torch.from_numpy(cv2.GaussianBlur(front.astype(np.float32), (0, 0), 1.0))[None, None],
        before[None],
        torch.from_numpy(target)[None],
    ]


def teach(data: PackedDataset, teacher: Teacher, number: int, seed: int = 0) -> int:
    """Write the teacher's answers for the first `number` samples that have none; how many were written."""
    random = np.random.default_rng(seed)
    others = random.integers(len(data), size=len(data))
    # Spread over the dataset, which may have grown better while it was rendered.
    order = random.permutation(len(data))[:number]
    todo = [int(index) for index in order if not teacher_file(data, int(index)).is_file()]
    started = time.monotonic()
    for start in range(0, len(todo), BATCH):
        group = todo[start : start + BATCH]
        samples = [data.read(index, FIELDS) for index in group]
        garments = [data.read(int(others[index]), ("cloth", "cloth_mask")) for index in group]
        for index, answer in zip(group, teacher.answer(samples, garments), strict=True):
            path = teacher_file(data, index)
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.stem}-{os.getpid()}.npz")
            np.savez(draft, **answer)
            draft.replace(path)
        if start % 100 == 0:
            done = start + len(group)
            print(f"{done} of {len(todo)}, {(time.monotonic() - started) / done:.2f} s each", flush=True)
    return len(todo)


def main(arguments: list[str] | None = None) -> int:
    """`python -m vton.training.pf_afn_teacher DATASET [-n N]`."""
    parser = argparse.ArgumentParser(description="Let the compact HR-VITON dress rendered people, to teach PF-AFN.")
    parser.add_argument("dataset", type=Path, help="a packed dataset")
    parser.add_argument("-n", type=int, default=3000, help="how many people")
    parser.add_argument("--split", default="train")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        networks = (weights.load_network(path) for path in weights.find("compact-condition", "compact-image"))
        teacher = Teacher(*networks)
        count = teach(PackedDataset(chosen.dataset, chosen.split), teacher, chosen.n, chosen.seed)
    except (DatasetError, weights.WeightsError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{count} people dressed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
