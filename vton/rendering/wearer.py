"""The person whom both pictures of a sample show: body, pose, camera, bottom, shoes, hair, accessories, light."""

from dataclasses import dataclass, replace

import numpy as np

from vton.labels import Joint, Parse
from vton.rendering.accessories import Piece, make_accessories
from vton.rendering.backgrounds import random_background
from vton.rendering.bodies import BodySet, shape_of
from vton.rendering.footwear import Footwear, heel_posts, make_footwear, paint_shoes, raise_heels
from vton.rendering.hair import make_hair, random_hat
from vton.rendering.lower import Bottom, make_bottom, pose_bottom
from vton.rendering.measures import Measures
from vton.rendering.paint import (
    LOWER_LABEL,
    BottomStyle,
    Complexion,
    paint_bottom,
    paint_hair,
    paint_skin,
    random_bottom_style,
)
from vton.rendering.rasteriser import skin, vertex_normals
from vton.rendering.scene import Camera, Canvas, Drawn, Light, draw, frame_person, random_light
from vton.rendering.skeleton import Pose
from vton.rendering.stances import photo_pose
from vton.rendering.textures import Cloth, cloth_colour, noise_bank, sample

GLOVE_SHARE = 0.015
_FROM_COCO = (0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3)


@dataclass(frozen=True)
class Layer:
    """A drawn mesh with the arguments of `scene.Canvas.add`, ready to be laid on a canvas."""

    drawn: Drawn
    colours: np.ndarray
    labels: np.ndarray | int | None
    gloss: float = 0.0
    over: tuple[int, ...] = ()

    def lay(self, canvas: Canvas) -> None:
        """Compose it."""
        canvas.add(self.drawn, self.colours, self.labels, self.gloss, self.over)


@dataclass(frozen=True)
class Wearer:
    """Everything the two pictures of a sample share."""

    bodies: BodySet
    body: int
    pose: Pose
    posed: np.ndarray
    camera: Camera
    measures: Measures
    bottom: Bottom
    bottom_style: BottomStyle
    shoes: Footwear
    hat: str
    look: Complexion
    light: Light
    background: np.ndarray

    def draw_mesh(self, points, triangles, cover, values, bias) -> Drawn:
        """Rasterise a mesh before the wearer's camera; see `scene.draw`."""
        return draw(self.camera, points, triangles, cover, vertex_normals(points, triangles), values, bias)


def make_wearer(
    bodies: BodySet,
    body: int,
    measures: Measures,
    top_cloth: Cloth,
    skirt: tuple[float, Cloth] | None,
    may_sit: bool,
    look: Complexion,
    rng: np.random.Generator,
    size: tuple[int, int],
) -> Wearer:
    """Pose a body, dress it below the waist and place it before a camera.

    Args:
        top_cloth: of the top, which the bottom may match.
        skirt: hem (metres) and cloth of a skirt to be worn, or None for any bottom.
        may_sit: whether the tops allow it.
    """
    shoes = make_footwear(bodies, body, measures, rng)
    pose = photo_pose(bodies, body, may_sit and skirt is None, rng)
    if shoes.lift:
        pose = raise_heels(bodies, body, pose, shoes.lift)
    posed = skin(bodies.rest[body], bodies.bone_indices, bodies.bone_weights, pose.transforms)
    bottom = make_bottom(bodies, body, measures, skirt[0] if skirt else None, pose.seated, rng)
    if bottom.kind == "skirt":
        pose = replace(pose, pocketed=())
    heads = bodies.heads[body]
    at = {
        name: pose.transforms[bodies.bones[name]] @ np.append(heads[bodies.bones[name]], 1)
        for name in ("eye.L", "upperleg01.L", "neck01", "root")
    }
    camera = frame_person(
        top=float(posed[:, 2].max()) + 0.02,
        eyes=float(at["eye.L"][2]),
        hips=float(at["upperleg01.L"][2]),
        bottom=float(posed[:, 2].min()),
        middle=float(at["neck01"][0] + at["root"][0]) / 2,
        size=size,
        rng=rng,
    )
    style = random_bottom_style(rng, top_cloth, bottom.kind == "skirt")
    if skirt:
        style = BottomStyle(skirt[1], False, None, None)
    light = random_light(rng)
    background = random_background(size, rng) * light.ground
    hat = random_hat(rng)
    return Wearer(bodies, body, pose, posed, camera, measures, bottom, style, shoes, hat, look, light, background)


def draw_wearer(wearer: Wearer, rng: np.random.Generator) -> tuple[Canvas, np.ndarray, list[Layer]]:
    """The person without top and bottom, the body's parts (H, W), and the accessories to be laid on last."""
    bodies, body = wearer.bodies, wearer.body
    canvas = Canvas(wearer.camera.size)
    cover = np.ones(len(wearer.posed), np.float32)
    for side in wearer.pose.pocketed:
        cover = np.minimum(cover, 0.6 - bodies.weights[f"hand.{side}"]).astype(np.float32)
    shape = shape_of(body)
    drawn = wearer.draw_mesh(wearer.posed, bodies.triangles, cover, shape.head, 0.0)
    hit = drawn.triangle
    parts = np.zeros(wearer.camera.size, np.uint8)
    parts.reshape(-1)[drawn.pixels] = shape.parts[hit]
    labels = shape.labels[hit]
    legs = (labels == Parse.LEFT_LEG) | (labels == Parse.RIGHT_LEG)
    colours = paint_skin(wearer.look, drawn.values, labels == Parse.FACE, legs)
    if rng.random() < GLOVE_SHARE:
        gloved = bodies.of_faces("hand")[hit] > 0.5
        labels = np.where(gloved, np.uint8(Parse.GLOVE), labels)
        colours[gloved] = cloth_colour(rng)
    canvas.add(drawn, colours, labels, 0.06)
    for layer in _feet(wearer):
        layer.lay(canvas)
    chest = wearer.posed[(bodies.weights["arm"] < 0.4) & (bodies.weights["head"] < 0.3)] - [0, 0.02, 0]
    for mesh in make_hair(bodies, body, wearer.pose, chest, wearer.measures.broad, wearer.hat, rng):
        strands = wearer.draw_mesh(mesh.points, mesh.triangles, mesh.cover, mesh.strands, mesh.bias)
        colours, noise = paint_hair(wearer.look, strands.values)
        face_camera(strands.normals)
        strands.normals[:, 0] += 0.25 * noise
        canvas.add(strands, colours, int(Parse.HAIR), 0.12)
    pieces = make_accessories(bodies, body, wearer.pose, wearer.posed, wearer.measures, wearer.hat, rng)
    return canvas, parts, [_accessory(wearer, piece) for piece in pieces]


def _accessory(wearer: Wearer, piece: Piece) -> Layer:
    drawn = wearer.draw_mesh(piece.points, piece.triangles, piece.cover, piece.colours, piece.bias)
    face_camera(drawn.normals)
    return Layer(drawn, drawn.values, piece.label, piece.gloss)


def _feet(wearer: Wearer) -> list[Layer]:
    """Socks and shoes."""
    bodies, shoes, pose = wearer.bodies, wearer.shoes, wearer.pose
    rest = bodies.rest[wearer.body]
    layers = []
    if shoes.sock_cover is not None:
        points = skin(shoes.sock_shell, bodies.bone_indices, bodies.bone_weights, pose.transforms)
        drawn = wearer.draw_mesh(points, bodies.triangles, shoes.sock_cover, rest, 0.001)
        colours = np.broadcast_to(shoes.sock.astype(np.float32), (len(drawn.pixels), 3))
        layers.append(Layer(drawn, colours, int(Parse.SOCKS)))
    if shoes.kind == "none":
        return layers
    points = skin(shoes.shell, bodies.bone_indices, bodies.bone_weights, pose.transforms)
    drawn = wearer.draw_mesh(points, bodies.triangles, shoes.cover, rest, 0.004)
    left = bodies.of_faces("leg.L")[drawn.triangle] > 0.5
    layers.append(Layer(drawn, paint_shoes(shoes, drawn.values), _shoe_labels(left), 0.1))
    if shoes.lift:
        width = 0.006 if shoes.kind == "heels" and wearer.body % 2 else 0.02
        points, triangles, left = heel_posts(wearer.posed, bodies, width)
        drawn = wearer.draw_mesh(points, triangles, np.ones(len(points), np.float32), points, 0.0)
        face_camera(drawn.normals)
        colours = np.broadcast_to((shoes.colour * 0.85).astype(np.float32), (len(drawn.pixels), 3))
        layers.append(Layer(drawn, colours, _shoe_labels(left[drawn.triangle]), 0.1))
    return layers


def _shoe_labels(left: np.ndarray) -> np.ndarray:
    return np.where(left, Parse.LEFT_SHOE, Parse.RIGHT_SHOE).astype(np.uint8)


def draw_bottom(wearer: Wearer) -> Layer:
    """Trousers, shorts or a skirt."""
    points, triangles, cover, rest = pose_bottom(wearer.bodies, wearer.body, wearer.bottom, wearer.pose)
    drawn = wearer.draw_mesh(points, triangles, cover, rest, 0.017)
    face_camera(drawn.normals)
    field = noise_bank()
    u, v = drawn.values[:, 0] * 1.2 + 8, drawn.values[:, 2] * 0.9 + 8
    drawn.normals[:, 0] += 2.5 * sample(field["fold_x"][wearer.body % 6], u, v)
    drawn.normals[:, 2] -= 2.5 * sample(field["fold_y"][wearer.body % 6], u, v)
    colours = paint_bottom(wearer.bottom_style, drawn.values, wearer.bottom.waist, wearer.measures.crotch)
    return Layer(drawn, colours, int(LOWER_LABEL[wearer.bottom.kind]))


def face_camera(normals: np.ndarray) -> None:
    """Turn normals (N, 3) in place: cloth and hair are thin, their far side is lit like the near one."""
    normals[normals[:, 1] > 0] *= -1


def keypoints_of(wearer: Wearer, size: tuple[int, int]) -> np.ndarray:
    """The 18 keypoints (18, 3) where a pose estimator for photographs would put them.

    The regressor's hips lie lower, its knees and ankles too, and its ears farther out than MediaPipe's on the same
    renders: 0.105, 0.06, 0.07 and 0.046 of the shoulders' width.
    """
    coco = wearer.camera.project(wearer.bodies.keypoint_weights @ wearer.posed)[:, :2]
    points = np.array([coco[[5, 6]].mean(0) if entry < 0 else coco[entry] for entry in _FROM_COCO])
    span = np.linalg.norm(points[Joint.LEFT_SHOULDER] - points[Joint.RIGHT_SHOULDER])
    for joints, share in (
        ((Joint.LEFT_HIP, Joint.RIGHT_HIP), 0.105),
        ((Joint.LEFT_KNEE, Joint.RIGHT_KNEE), 0.06),
        ((Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE), 0.07),
    ):
        points[list(joints), 1] -= share * span
    inward = points[Joint.LEFT_EAR] - points[Joint.RIGHT_EAR]
    inward = 0.046 * span * inward / (np.linalg.norm(inward) + 1e-6)
    points[Joint.LEFT_EAR] -= inward
    points[Joint.RIGHT_EAR] += inward
    height, width = size
    x, y = points.T
    visible = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return np.concatenate([points, visible[:, None]], 1).astype(np.float32)
