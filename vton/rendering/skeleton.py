"""Forward kinematics, two-bone inverse kinematics, what arms do, and the pose of garments laid flat."""

from dataclasses import dataclass

import numpy as np

from vton.rendering.bodies import BodySet

PRONATION = {"hang": (-0.2, 1.7), "pocket": (0.2, 1.4), "swing": (-0.2, 0.8), "other": (-0.4, 1.2)}
"""How far forearms are twisted, radians from thumbs pointing ahead towards backs of the hands pointing ahead."""
SIGN = {"L": 1.0, "R": -1.0}
"""Which side of the middle is whose."""


@dataclass(frozen=True)
class Pose:
    """transforms: float32 (B, 3, 4), rest → posed space per bone; root: (4, 4), the whole body's turn; seated:
    on a stool; pocketed: sides, "L" and "R", whose hands are in pockets; bent: radians at the left and right elbow."""

    transforms: np.ndarray
    root: np.ndarray
    seated: bool = False
    pocketed: tuple[str, ...] = ()
    bent: tuple[float, float] = (0.0, 0.0)


def rotation(axis: np.ndarray | list[float], angle: float) -> np.ndarray:
    """Rotation matrix (3, 3) about an axis by radians (Rodrigues)."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def rotation_between(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The smallest rotation (3, 3) that takes one direction to another."""
    start, end = start / np.linalg.norm(start), end / np.linalg.norm(end)
    axis = np.cross(start, end)
    sine = np.linalg.norm(axis)
    return np.eye(3) if sine < 1e-6 else rotation(axis, float(np.arctan2(sine, start @ end)))


def forward_kinematics(bodies: BodySet, body: int, rotations: dict[int, np.ndarray], root: np.ndarray) -> np.ndarray:
    """World transforms (B, 4, 4) of bones turned about their rest heads, parents first."""
    heads = bodies.heads[body]
    transforms = np.empty((len(heads), 4, 4))
    for bone, parent in enumerate(bodies.parents):
        above = root if parent < 0 else transforms[parent]
        if bone in rotations:
            local = np.eye(4)
            local[:3, :3] = rotations[bone]
            local[:3, 3] = heads[bone] - rotations[bone] @ heads[bone]
            above = above @ local
        transforms[bone] = above
    return transforms


def bend_to(
    shoulder: np.ndarray, wrist: np.ndarray, upper: float, lower: float, pole: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Elbow and reachable wrist of an arm of two bones; the elbow points towards the pole direction."""
    reach = wrist - shoulder
    wanted = np.linalg.norm(reach)
    along = reach / wanted
    distance = np.clip(wanted, abs(upper - lower) * 1.02 + 0.01, (upper + lower) * 0.998)
    foot = (upper**2 - lower**2 + distance**2) / (2 * distance)
    height = np.sqrt(max(upper**2 - foot**2, 0.0))
    side = pole - along * (pole @ along)
    side = side / (np.linalg.norm(side) + 1e-9)
    return shoulder + along * foot + side * height, shoulder + along * distance


class Arm:
    """One arm's rest positions and the bones that move it; bent: radians at the elbow when last aimed."""

    def __init__(self, bodies: BodySet, body: int, side: str) -> None:
        self.sign = SIGN[side]
        self.bodies, self.body, self.side = bodies, body, side
        self.shoulder, self.elbow, self.wrist, self.hip = (
            bodies.head(body, f"{bone}.{side}") for bone in ("upperarm01", "lowerarm01", "wrist", "upperleg01")
        )
        self.neck = bodies.head(body, "neck01")
        self.upper = float(np.linalg.norm(self.elbow - self.shoulder))
        self.lower = float(np.linalg.norm(self.wrist - self.elbow))
        self.bent = 0.0
        self.scale = (self.neck[2] - self.hip[2]) / 0.52

    def aim(self, upper_direction: np.ndarray, lower_direction: np.ndarray) -> dict[int, np.ndarray]:
        """Rotations that bring upper and lower arm into two directions."""
        cosine = upper_direction @ lower_direction / np.linalg.norm(upper_direction) / np.linalg.norm(lower_direction)
        self.bent = float(np.arccos(np.clip(cosine, -1, 1)))
        upper = rotation_between(self.elbow - self.shoulder, upper_direction)
        lower = rotation_between(upper @ (self.wrist - self.elbow), lower_direction)
        bones = self.bodies.bones
        return {bones[f"upperarm01.{self.side}"]: upper, bones[f"lowerarm01.{self.side}"]: upper.T @ lower @ upper}

    def gesture(self, kind: str, rng: np.random.Generator) -> dict[int, np.ndarray]:
        """Rotations of a named gesture, drawn anew."""
        target, pole = self._target(kind, rng)
        elbow, wrist = bend_to(self.shoulder, target, self.upper, self.lower, pole)
        rotations = self.aim(elbow - self.shoulder, wrist - elbow)
        rotations[self.bodies.bones[f"wrist.{self.side}"]] = rotation(rng.normal(size=3), rng.normal() * 0.2)
        self._pronate(rotations, rng.uniform(*PRONATION.get(kind, PRONATION["other"])))
        return rotations | self._curl(rng)

    def _pronate(self, rotations: dict[int, np.ndarray], angle: float) -> None:
        """Twist the forearm by radians, more of it towards the wrist: the back of the hand turns to the front."""
        along = self.wrist - self.elbow
        for bone, share in (("lowerarm01", 0.1), ("lowerarm02", 0.45), ("wrist", 0.45)):
            index = self.bodies.bones[f"{bone}.{self.side}"]
            twist = rotation(along, self.sign * share * angle)
            rotations[index] = (
                rotations[index] @ twist if bone == "lowerarm01" else twist @ rotations.get(index, np.eye(3))
            )

    def _target(self, kind: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        uniform, sign, hip = rng.uniform, self.sign, self.hip[2]
        flat = np.array([self.scale, self.scale, 1.0])
        if kind == "hang":
            reach = (self.upper + self.lower) * uniform(0.88, 0.995)
            offset = np.array([sign * uniform(0.0, 0.2), -uniform(-0.03, 0.12), -reach]) * flat
            return self.shoulder + offset, np.array([sign * uniform(0.2, 1), uniform(0.2, 1), -0.1])
        if kind == "hip":
            spot = [sign * uniform(0.14, 0.19), uniform(-0.1, 0.06), hip + uniform(0.0, 0.16)]
            return np.array(spot) * flat, np.array([sign, uniform(0.1, 0.9), uniform(-0.2, 0.3)])
        if kind == "pocket":
            spot = [sign * uniform(0.15, 0.185), uniform(-0.09, -0.01), hip + uniform(-0.05, 0.04)]
            return np.array(spot) * flat, np.array([sign, uniform(0.4, 1.2), 0.0])
        if kind == "lap":
            spot = [sign * uniform(0.02, 0.16), -uniform(0.2, 0.38), hip + uniform(0.08, 0.14)]
            return np.array(spot) * flat, np.array([sign, uniform(0.2, 0.8), -0.3])
        if kind == "swing":
            reach = (self.upper + self.lower) * uniform(0.93, 0.99)
            offset = np.array([sign * uniform(0.02, 0.14), uniform(-0.24, 0.2), -reach]) * flat
            return self.shoulder + offset, np.array([sign * 0.4, 1.0, -0.1])
        if kind == "front":
            spot = [sign * uniform(-0.12, 0.16), -uniform(0.2, 0.28), hip + uniform(-0.1, 0.36)]
            return np.array(spot) * flat, np.array([sign, uniform(-0.1, 0.5), -0.5])
        if kind == "crossed":
            spot = [-sign * uniform(0.02, 0.14), -uniform(0.22, 0.28), hip + uniform(0.18, 0.32)]
            return np.array(spot) * flat, np.array([sign, -0.1, -0.8])
        if kind == "head":
            spot = [sign * uniform(0.08, 0.18), -uniform(-0.05, 0.12), self.neck[2] + uniform(0.02, 0.28)]
            return np.array(spot), np.array([sign, uniform(-0.5, 0.3), -0.3])
        if kind == "out":
            offset = np.array([sign * uniform(0.25, 0.5), -uniform(0.0, 0.2), uniform(-0.35, 0.25)])
            return self.shoulder + offset, np.array([sign * 0.3, uniform(0, 0.6), -1.0])
        spot = [sign * uniform(0.0, 0.12), uniform(0.16, 0.22), hip + uniform(0, 0.12)]
        return np.array(spot) * flat, np.array([sign, 1.0, 0.0])

    def _curl(self, rng: np.random.Generator) -> dict[int, np.ndarray]:
        """Fingers brought together and bent a little: the rest pose spreads them."""
        bodies, side, closing = self.bodies, self.side, rng.uniform(0.3, 1.0)
        middle = bodies.head(self.body, f"finger3-2.{side}") - bodies.head(self.body, f"finger3-1.{side}")
        middle = middle / np.linalg.norm(middle)
        rotations = {}
        for finger in (2, 3, 4, 5):
            base = f"finger{finger}-1.{side}"
            along = bodies.head(self.body, f"finger{finger}-2.{side}") - bodies.head(self.body, base)
            along = along / np.linalg.norm(along)
            rotations[bodies.bones[base]] = rotation_between(along, along * (1 - closing) + middle * closing)
        return rotations


def flat_pose(bodies: BodySet, body: int, angles: tuple[float, float], bend: float) -> Pose:
    """Arms straight in the frontal plane, as a garment is laid out.

    Args:
        angles: of the left and the right upper arm from the vertical, radians.
        bend: by how much the lower arms hang steeper.
    """
    rotations: dict[int, np.ndarray] = {}
    for side, angle in zip("LR", angles, strict=True):
        arm = Arm(bodies, body, side)
        upper, lower = (np.array([arm.sign * np.sin(a), 0, -np.cos(a)]) for a in (angle, angle - bend))
        rotations |= arm.aim(upper, lower)
    return pose_of(bodies, body, rotations, np.eye(4))


def pose_of(bodies: BodySet, body: int, rotations: dict[int, np.ndarray], root: np.ndarray) -> Pose:
    """A pose of local rotations (3, 3) by bone and a turn (4, 4) of the whole body."""
    transforms = forward_kinematics(bodies, body, rotations, root)
    return Pose(np.ascontiguousarray(transforms[:, :3], np.float32), root)
