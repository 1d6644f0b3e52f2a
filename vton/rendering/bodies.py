"""Bodies of the parametric model `anny` as plain arrays, cached in a file of the user's.

World: metres, z up, the person faces -y, the person's left is +x. The rest pose is an A with bent elbows.
"""

import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from vton.labels import DENSEPOSE_PARTS, Parse
from vton.rendering.rasteriser import smooth, vertex_normals

BODY_COUNT = 256
_EDITION = 2
"""To be raised when `_random_phenotype` changes, so that no older bodies are read."""
ARM_BORDER, FOREARM_BORDER = np.radians(20), np.radians(40)
"""See `arm_front`; read off a published DensePose picture of somebody whose arms hang."""

_HIDDEN_REGIONS = ("mouth_cavity", "tongue", "eye_cavity.L", "eye_cavity.R", "eye_back.L", "eye_back.R")
_HAND_PREFIXES = ("wrist", "finger", "metacarpal")
_FOREARM_PREFIXES = (*_HAND_PREFIXES, "lowerarm")
_ARM_PREFIXES = (*_FOREARM_PREFIXES, "upperarm")
_FOOT_PREFIXES = ("foot", "toe")
_LOWER_LEG_PREFIXES = (*_FOOT_PREFIXES, "lowerleg")
_LEG_PREFIXES = (*_LOWER_LEG_PREFIXES, "upperleg")


@dataclass(frozen=True)
class BodySet:
    """Many bodies of one topology.

    rest: float32 (N, V, 3) vertices; heads: float32 (N, B, 3) bone heads, both in the rest pose.
    ages: float32 (N,), 0.67 for a young adult, 1 for an old one.
    triangles: int32 (T, 3), without the cavities of mouth and eyes.
    bone_indices, bone_weights: (V, K) skinning; parents: int (B,), -1 for the root; bones: names → index.
    keypoint_weights: float32 (17, V), regressor of the COCO keypoints.
    offsets, neighbours: adjacency for `rasteriser.smooth`.
    weights: named sums of skinning weights, float32 (V,): "arm.L", "forearm.R", "hand.L", "leg.L", "shin.L", "foot.L",
        "head", "neck" and so on.
    """

    rest: np.ndarray
    heads: np.ndarray
    ages: np.ndarray
    triangles: np.ndarray
    bone_indices: np.ndarray
    bone_weights: np.ndarray
    parents: np.ndarray
    bones: dict[str, int]
    keypoint_weights: np.ndarray
    offsets: np.ndarray
    neighbours: np.ndarray
    weights: dict[str, np.ndarray] = field(repr=False)

    def head(self, body: int, bone: str) -> np.ndarray:
        """Rest position (3,) of a bone's head."""
        return self.heads[body, self.bones[bone]]

    def of_faces(self, name: str) -> np.ndarray:
        """A named weight averaged over each triangle, float32 (T,)."""
        return self.weights[name][self.triangles].mean(1)


def cache_path() -> Path:
    """Where the bodies are kept between runs."""
    folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(folder) / "fit-me-up" / f"bodies-{BODY_COUNT}-{_EDITION}.npz"


@lru_cache(maxsize=1)
def load_bodies() -> BodySet:
    """The bodies, computed with `anny` on the first use (half a minute) and read from `cache_path()` later."""
    path = cache_path()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.npz")
        np.savez(temporary, **_compute_bodies(BODY_COUNT))
        temporary.replace(path)
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return _assemble(arrays)


def _random_phenotype(rng: np.random.Generator) -> dict[str, float]:
    """Adults as shops photograph them; gender 1 is female."""
    gender = rng.uniform(0.85, 1.0) if rng.random() < 0.65 else rng.uniform(0.0, 0.15)
    return {
        "gender": gender,
        "age": rng.uniform(0.62, 0.78) if rng.random() < 0.75 else rng.uniform(0.78, 1.0),
        "muscle": rng.uniform(0.25, 0.6) if gender > 0.5 else rng.uniform(0.35, 0.75),
        "weight": float(np.clip(rng.normal(0.41, 0.17), 0.08, 0.95)),
        "height": rng.uniform(0.4, 0.75),
        "proportions": rng.uniform(0.5, 1.0),
    }


def _compute_bodies(count: int) -> dict[str, np.ndarray]:
    import anny
    import anny.face_segmentation
    import anny.keypoints
    import torch

    model = anny.Anny().to(dtype=torch.float32).eval()
    rng = np.random.default_rng(1)
    rest, heads, ages = [], [], []
    with torch.no_grad():
        for _ in range(count):
            phenotype = _random_phenotype(rng)
            output = model(phenotype_kwargs={name: torch.tensor([value]).float() for name, value in phenotype.items()})
            rest.append(output["rest_vertices"][0].numpy().astype(np.float32))
            heads.append(output["rest_bone_heads"][0].numpy().astype(np.float32))
            ages.append(phenotype["age"])
    hidden = anny.face_segmentation.get_face_segmentation_mask(model, list(_HIDDEN_REGIONS)).numpy()
    triangles = model.get_triangular_faces().numpy().astype(np.int32)
    regressor = anny.keypoints.KeypointsRegressor.coco(model)
    return {
        "rest": np.stack(rest),
        "heads": np.stack(heads),
        "ages": np.array(ages, np.float32),
        "triangles": triangles[~hidden],
        "bone_indices": model.vertex_bone_indices.numpy().astype(np.int32),
        "bone_weights": model.vertex_bone_weights.numpy().astype(np.float32),
        "parents": np.array(model.bone_parents, np.int32),
        "bone_names": np.array(model.bone_labels),
        "keypoint_weights": regressor.regression_weights.numpy().astype(np.float32),
    }


def adjacency(triangles: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Offsets (count + 1,) and neighbours of every vertex, both int32."""
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    pairs = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0)
    offsets = np.searchsorted(pairs[:, 0], np.arange(count + 1)).astype(np.int32)
    return offsets, np.ascontiguousarray(pairs[:, 1], np.int32)


def _assemble(arrays: dict[str, np.ndarray]) -> BodySet:
    bones = {str(name): index for index, name in enumerate(arrays["bone_names"])}
    indices, values = arrays["bone_indices"], arrays["bone_weights"]
    dense = np.zeros((len(indices), len(bones)), np.float32)
    np.add.at(dense, (np.arange(len(indices))[:, None], indices), values)

    def total(prefixes: tuple[str, ...], suffix: str) -> np.ndarray:
        return dense[:, [i for n, i in bones.items() if n.startswith(prefixes) and n.endswith(suffix)]].sum(1)

    weights = {"head": total(("head", "eye"), ""), "neck": total(("neck",), "")}
    for side in "LR":
        weights[f"arm.{side}"] = total(_ARM_PREFIXES, f".{side}")
        weights[f"forearm.{side}"] = total(_FOREARM_PREFIXES, f".{side}")
        weights[f"hand.{side}"] = total(_HAND_PREFIXES, f".{side}")
        weights[f"leg.{side}"] = total(_LEG_PREFIXES, f".{side}")
        weights[f"shin.{side}"] = total(_LOWER_LEG_PREFIXES, f".{side}")
        weights[f"foot.{side}"] = total(_FOOT_PREFIXES, f".{side}")
    for limb in ("arm", "leg", "hand", "foot"):
        weights[limb] = weights[f"{limb}.L"] + weights[f"{limb}.R"]
    offsets, neighbours = adjacency(arrays["triangles"], len(indices))
    kept = ("rest", "heads", "ages", "triangles", "bone_indices", "bone_weights", "parents", "keypoint_weights")
    return BodySet(
        **{name: arrays[name] for name in kept}, bones=bones, offsets=offsets, neighbours=neighbours, weights=weights
    )


@dataclass(frozen=True)
class BodyShape:
    """What is needed of one body again and again.

    normals: (V, 3) of the rest pose; near, rounded, round_feet, filled: (V, 3), the body smoothed more and more.
    head: (V, 3), vertices about the middle of the eyes in heads' units (see `eye_coordinates`).
    labels, parts: uint8 (T,), see `skin_labels` and `body_parts`.
    """

    normals: np.ndarray
    near: np.ndarray
    rounded: np.ndarray
    round_feet: np.ndarray
    filled: np.ndarray
    head: np.ndarray
    labels: np.ndarray
    parts: np.ndarray


@lru_cache(maxsize=BODY_COUNT)
def shape_of(body: int) -> BodyShape:
    """The shape of one of `load_bodies()`, remembered: smoothing costs more than all else in a rendering."""
    bodies = load_bodies()
    smoothed, done = [bodies.rest[body]], 0
    for iterations in (8, 15, 25, 36):
        strength = np.float32(0.6)
        smoothed.append(smooth(smoothed[-1], bodies.offsets, bodies.neighbours, iterations - done, strength))
        done = iterations
    normals = vertex_normals(bodies.rest[body], bodies.triangles)
    head = eye_coordinates(bodies, body)[0].astype(np.float32)
    return BodyShape(normals, *smoothed[1:], head, skin_labels(bodies, body), body_parts(bodies, body))


def eye_coordinates(bodies: BodySet, body: int) -> tuple[np.ndarray, float]:
    """Vertices (V, 3) about the middle of the eyes in units of an average head, and the metres of one such unit."""
    left, right = bodies.head(body, "eye.L"), bodies.head(body, "eye.R")
    unit = float(np.linalg.norm(left - right) / 0.059)
    return (bodies.rest[body] - (left + right) / 2) / unit, unit


def skin_labels(bodies: BodySet, body: int) -> np.ndarray:
    """Parse label of every triangle of the naked body, uint8 (T,). A tilted plane below the chin ends the face."""
    labels = np.full(len(bodies.triangles), Parse.NECK, np.uint8)
    for name, label in (
        ("arm.L", Parse.LEFT_ARM),
        ("arm.R", Parse.RIGHT_ARM),
        ("leg.L", Parse.LEFT_LEG),
        ("leg.R", Parse.RIGHT_LEG),
    ):
        labels[bodies.of_faces(name) > 0.5] = label
    centres = eye_coordinates(bodies, body)[0][bodies.triangles].mean(1)
    chin = -0.112 + 0.75 * np.clip(centres[:, 1], 0, 0.2)
    labels[(bodies.of_faces("head") > 0.3) & (centres[:, 2] > chin)] = Parse.FACE
    return labels


def arm_front(bodies: BodySet, body: int, side: str) -> np.ndarray:
    """Which triangles of an arm belong to DensePose's front charts, bool (T,); means nothing elsewhere.

    Its charts part the arms of a body that stretches them sideways, palms down: the front chart is the half that looks
    forward and down. On a hanging arm it looks forward and at the body, and a twist of the forearm takes it along, so
    that the back chart of the forearm is what mostly shows from before. The border runs ARM_BORDER beyond straight
    ahead towards the outside; on the forearm, FOREARM_BORDER beyond the thumb's side towards the back of the hand.
    """
    shoulder, elbow, wrist = (bodies.head(body, f"{bone}.{side}") for bone in ("upperarm01", "lowerarm01", "wrist"))
    outside = np.array([1.0 if side == "L" else -1.0, 0, 0])
    index, little = (bodies.head(body, f"finger{finger}-1.{side}") - wrist for finger in (2, 5))
    back_of_hand = np.cross(index, little) * outside[0]
    centres = bodies.rest[body][bodies.triangles].mean(1)
    lower = bodies.of_faces(f"forearm.{side}") > 0.5
    front = np.zeros(len(centres), bool)
    for chosen, origin, end, reference, border in (
        (~lower, shoulder, elbow, outside, ARM_BORDER),
        (lower, elbow, wrist, back_of_hand, FOREARM_BORDER),
    ):
        axis = (end - origin) / np.linalg.norm(end - origin)
        out = reference - axis * (reference @ axis)
        out /= np.linalg.norm(out)
        ahead = np.cross(axis, out) * outside[0]
        offset = centres[chosen] - origin
        # Bones do not run in the middle of the flesh.
        along = offset @ axis / np.linalg.norm(end - origin)
        mine = (along > 0.15) & (along < 0.85) & (np.linalg.norm(offset - np.outer(offset @ axis, axis), axis=1) < 0.1)
        offset = offset - offset[mine].mean(0)
        angle = np.arctan2(offset @ out, offset @ ahead) - border
        front[chosen] = np.mod(angle, 2 * np.pi) > np.pi
    return front


def body_parts(bodies: BodySet, body: int) -> np.ndarray:
    """DensePose part of every triangle, uint8 (T,): front and back of torso and legs by the rest pose's normals."""
    vertices = bodies.rest[body]
    normals = vertex_normals(vertices, bodies.triangles)[bodies.triangles].mean(1)
    faces_front = normals[:, 1] < 0
    number = {name: index for index, name in enumerate(DENSEPOSE_PARTS)}
    parts = np.where(faces_front, number["torso front"], number["torso back"]).astype(np.uint8)
    for side, word in (("L", "left"), ("R", "right")):
        facing = {True: "front", False: "back"}
        for limb, upper, lower, end in (
            ("arm", "upper arm", "lower arm", "hand"),
            ("leg", "upper leg", "lower leg", "foot"),
        ):
            lower_weight = bodies.of_faces(f"{'forearm' if limb == 'arm' else 'shin'}.{side}")
            front = arm_front(bodies, body, side) if limb == "arm" else faces_front
            for is_front in (True, False):
                here = (bodies.of_faces(f"{limb}.{side}") > 0.5) & (front == is_front)
                parts[here & (lower_weight <= 0.5)] = number[f"{word} {upper} {facing[is_front]}"]
                parts[here & (lower_weight > 0.5)] = number[f"{word} {lower} {facing[is_front]}"]
            parts[bodies.of_faces(f"{end}.{side}") > 0.5] = number[f"{word} {end}"]
    heads = bodies.of_faces("head") > 0.3
    left = vertices[bodies.triangles].mean(1)[:, 0] > 0
    parts[heads] = np.where(left[heads], number["left side of the head"], number["right side of the head"])
    return parts
