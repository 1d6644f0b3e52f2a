"""One rendered training sample: a body in two tops, the flat picture of one of them, and every truth about them."""

from dataclasses import dataclass

import cv2
import numpy as np

from vton.labels import Joint, Parse
from vton.rendering.bodies import BodySet, load_bodies, shape_of
from vton.rendering.flat import FlatLook, FlatView, draw_flat, flat_background, random_look
from vton.rendering.folds import Folds, crease, random_folds
from vton.rendering.garments import ArmChart, Measures, arm_chart, make_top, measure
from vton.rendering.hair import make_hair
from vton.rendering.lower import Bottom, make_bottom, make_shoes, pose_bottom
from vton.rendering.paint import (
    LOWER_LABEL,
    BottomStyle,
    Complexion,
    TopStyle,
    paint_bottom,
    paint_hair,
    paint_skin,
    paint_top,
    random_bottom_style,
    random_complexion,
    random_style,
)
from vton.rendering.rasteriser import EMPTY_DEPTH, skin, vertex_normals
from vton.rendering.scene import (
    Camera,
    Canvas,
    Light,
    draw,
    frame_person,
    photograph,
    random_background,
    random_light,
    shade,
    smooth_edges,
)
from vton.rendering.sewing import SewnTop, pose_top, sew
from vton.rendering.skeleton import Pose, flat_pose, photo_pose
from vton.rendering.textures import noise_bank, sample

DRESS_SHARE = 0.08
BARE_FOOT_SHARE = 0.15
_FROM_COCO = (0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3)


@dataclass(frozen=True)
class Sample:
    """What the dataset stores of one rendering; pictures uint8 RGB (H, W, 3), maps (H, W).

    image, parse: the person in the garment; other, other_parse: the same in another top. parse holds `labels.Parse`.
    cloth, cloth_mask (bool): the garment by itself.
    parts: uint8, DensePose ids of the unclothed body. keypoints: float32 (18, 3), pixels and confidence 0 or 1.
    flow: float32 (H, W, 2), pixel indices x, y of `cloth` that each pixel of `image` shows; valid: bool, where that is
        so: garment pixels whose place is visible in `cloth`.
    """

    image: np.ndarray
    parse: np.ndarray
    other: np.ndarray
    other_parse: np.ndarray
    cloth: np.ndarray
    cloth_mask: np.ndarray
    parts: np.ndarray
    keypoints: np.ndarray
    flow: np.ndarray
    valid: np.ndarray


@dataclass(frozen=True)
class _Person:
    """Everything the two pictures of a sample share."""

    bodies: BodySet
    body: int
    pose: Pose
    posed: np.ndarray
    camera: Camera
    measures: Measures
    chart: ArmChart
    bottom: Bottom
    bottom_style: BottomStyle
    look: Complexion
    light: Light
    background: np.ndarray


def render_sample(seed: int, index: int, size: tuple[int, int] = (512, 384)) -> Sample:
    """Render sample `index` of a dataset; the result depends on nothing but the three arguments.

    Args:
        size: (height, width) in pixels.
    """
    for attempt in range(20):
        rng = np.random.default_rng([seed, index, attempt])
        drawn = _render(rng, size)
        if (drawn.parse == Parse.UPPER).mean() + (
            drawn.parse == Parse.DRESS
        ).mean() > 0.04 and drawn.valid.mean() > 0.02:
            return drawn
    raise RuntimeError(f"Sample {index} of seed {seed} shows no garment in 20 attempts.")


def _render(rng: np.random.Generator, size: tuple[int, int]) -> Sample:
    bodies = load_bodies()
    body = int(rng.integers(len(bodies.rest)))
    chart, look = arm_chart(body), random_complexion(rng)
    dressed = bool(rng.random() < DRESS_SHARE)
    tops = [make_top(bodies, body, chart, rng, dressed) for _ in range(2)]
    styles = [random_style(top.cut, look.skin, rng) for top in tops]
    person = _pose_person(bodies, body, chart, look, styles[0], rng, size)
    layouts = [random_look(top.cut.sleeve, rng) for top in tops]
    laid = [flat_pose(bodies, body, layout.angles, layout.bend) for layout in layouts]
    sewn = [
        sew(bodies, body, top, pose, person.bottom.waist if top.cut.tucked else None)
        for top, pose in zip(tops, laid, strict=True)
    ]
    folds = [random_folds(rng, top.cut.loose) for top in tops]
    base, parts = _draw_person(person, not dressed, rng)
    flat = draw_flat(bodies, body, sewn[0], laid[0], layouts[0], rng, size)
    camera_seed = int(rng.integers(1 << 62))
    pictures, flow, valid = [], None, None
    for which in (0, 1):
        canvas = base.copy()
        found = _dress(person, canvas, sewn[which], styles[which], folds[which], flat if which == 0 else None)
        if which == 0:
            flow, valid = found
        picture = shade(canvas.colour, canvas.normal, canvas.depth, canvas.gloss, person.light)
        ground = _cast_shadow(person.background, canvas.label, camera_seed)
        picture = np.where((canvas.depth < EMPTY_DEPTH / 2)[..., None], picture, ground)
        pictures.append(photograph(smooth_edges(picture, canvas.label), np.random.default_rng(camera_seed)))
        pictures.append(canvas.label)
    cloth = _picture_of_flat(flat, sewn[0], styles[0], look.skin, layouts[0], rng, size)
    return Sample(*pictures, cloth, flat.mask, parts, _keypoints(person, size), flow, valid)


def _pose_person(
    bodies: BodySet,
    body: int,
    chart: ArmChart,
    look: Complexion,
    top_style: TopStyle,
    rng: np.random.Generator,
    size: tuple[int, int],
) -> _Person:
    measures, pose = measure(bodies, body), photo_pose(bodies, body, rng)
    posed = skin(bodies.rest[body], bodies.bone_indices, bodies.bone_weights, pose.transforms)
    bottom = make_bottom(bodies, body, measures, rng)
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
    style = random_bottom_style(rng, top_style.cloth.colour, bottom.kind == "skirt")
    return _Person(
        bodies,
        body,
        pose,
        posed,
        camera,
        measures,
        chart,
        bottom,
        style,
        look,
        random_light(rng),
        random_background(size, rng),
    )


def _draw_person(person: _Person, with_bottom: bool, rng: np.random.Generator) -> tuple[Canvas, np.ndarray]:
    """The person without a top, and the body's parts (H, W)."""
    bodies, body, camera = person.bodies, person.body, person.camera
    canvas = Canvas(camera.size)
    ones = np.ones(len(person.posed), np.float32)
    shape = shape_of(body)
    head = shape.head
    normals = vertex_normals(person.posed, bodies.triangles)
    layer = draw(camera, person.posed, bodies.triangles, ones, normals, head, 0.0)
    hit = layer.triangle
    parts = np.zeros(camera.size, np.uint8)
    parts.reshape(-1)[layer.pixels] = shape.parts[hit]
    labels = shape.labels[hit]
    canvas.add(layer, paint_skin(person.look, layer.values, labels == Parse.FACE), labels, 0.06)
    if with_bottom:
        _draw_bottom(person, canvas)
    if rng.random() > BARE_FOOT_SHARE:
        shell, cover = make_shoes(bodies, body, person.measures, rng)
        points = skin(shell, bodies.bone_indices, bodies.bone_weights, person.pose.transforms)
        shoes = draw(camera, points, bodies.triangles, cover, vertex_normals(points, bodies.triangles), head, 0.002)
        left = bodies.of_faces("leg.L")[shoes.triangle] > 0.5
        labels = np.where(left, Parse.LEFT_SHOE, Parse.RIGHT_SHOE).astype(np.uint8)
        canvas.add(shoes, np.broadcast_to(person.bottom_style.shoes, (len(left), 3)), labels, 0.1)
    chest = person.posed[(bodies.weights["arm"] < 0.4) & (bodies.weights["head"] < 0.3)] - [0, 0.02, 0]
    for mesh in make_hair(bodies, body, person.pose, chest, rng):
        strands = draw(
            camera,
            mesh.points,
            mesh.triangles,
            mesh.cover,
            vertex_normals(mesh.points, mesh.triangles),
            mesh.strands,
            mesh.bias,
        )
        colours, noise = paint_hair(person.look, strands.values)
        _face_camera(strands.normals)
        strands.normals[:, 0] += 0.25 * noise
        canvas.add(strands, colours, int(Parse.HAIR), 0.12)
    return canvas, parts


def _draw_bottom(person: _Person, canvas: Canvas) -> None:
    points, triangles, cover, rest = pose_bottom(person.bodies, person.body, person.bottom, person.pose)
    layer = draw(person.camera, points, triangles, cover, vertex_normals(points, triangles), rest, 0.017)
    _face_camera(layer.normals)
    field = noise_bank()
    u, v = layer.values[:, 0] * 1.2 + 8, layer.values[:, 2] * 0.9 + 8
    layer.normals[:, 0] += 2.5 * sample(field["fold_x"][person.body % 6], u, v)
    layer.normals[:, 2] -= 2.5 * sample(field["fold_y"][person.body % 6], u, v)
    colours = paint_bottom(person.bottom_style, layer.values, person.bottom.waist, person.measures.crotch)
    canvas.add(layer, colours, int(LOWER_LABEL[person.bottom.kind]))


def _face_camera(normals: np.ndarray) -> None:
    """Cloth and hair are thin: their far side is lit like the near one."""
    normals[normals[:, 1] > 0] *= -1


def _dress(
    person: _Person, canvas: Canvas, sewn: SewnTop, style: TopStyle, folds: Folds, flat: FlatView | None
) -> tuple[np.ndarray, np.ndarray] | None:
    """Draw a top onto the canvas; with its flat view, also the flow and where it is valid."""
    tucked = sewn.top.cut.tucked
    points = pose_top(person.bodies, person.body, sewn, person.pose, folds, tucked)
    values = sewn.chart if flat is None else np.hstack([sewn.chart, flat.screen, flat.facing[:, None]])
    bias: np.ndarray | float = 0.028
    if tucked:
        above = np.clip((-sewn.chart[:, 1] - person.bottom.waist) / 0.05, 0, 1)
        bias = 0.003 + 0.02 * np.where(sewn.chart[:, 3] > 0.5, 1, above).astype(np.float32)
    layer = draw(
        person.camera, points, sewn.triangles, sewn.cover_worn, vertex_normals(points, sewn.triangles), values, bias
    )
    _face_camera(layer.normals)
    chart = layer.values[:, :8]
    crease(layer.normals, folds, chart, person.measures.upper_arm, person.measures.waist, 1.0)
    colours = paint_top(style, person.measures, person.look.skin, chart)
    label = Parse.DRESS if sewn.top.cut.dress else Parse.UPPER
    shows = canvas.add(layer, colours, int(label), style.cloth.gloss)
    if flat is None:
        return None
    place = np.zeros((*canvas.size, 4), np.float32)
    place.reshape(-1, 4)[layer.pixels] = layer.values[:, 8:]
    seen = np.zeros(canvas.size, bool)
    seen.reshape(-1)[layer.pixels[shows]] = True
    flow = np.ascontiguousarray(place[..., :2]) - 0.5
    nearest = cv2.remap(flat.depth, flow, None, cv2.INTER_NEAREST, borderValue=float(EMPTY_DEPTH))
    inside = cv2.remap(flat.mask.astype(np.uint8), flow, None, cv2.INTER_NEAREST, borderValue=0) > 0
    valid = seen & inside & (place[..., 2] < nearest + flat.tolerance) & (place[..., 3] < 0.15)
    return flow, valid


def _cast_shadow(background: np.ndarray, label: np.ndarray, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if rng.random() > 0.4:
        return background
    height = len(label)
    shadow = cv2.GaussianBlur((label > 0).astype(np.float32), (0, 0), height / 30)
    moved = np.roll(shadow, int(rng.integers(-20, 20)), 1)
    return background * (1 - 0.25 * rng.random() * moved)[..., None]


def _picture_of_flat(
    flat: FlatView,
    sewn: SewnTop,
    style: TopStyle,
    skin_tone: np.ndarray,
    look: FlatLook,
    rng: np.random.Generator,
    size: tuple[int, int],
) -> np.ndarray:
    """The product picture, uint8 RGB."""
    chart, normals = flat.chart, flat.normals.copy()
    inner = normals[:, 1] > 0.05
    colours = paint_top(style, sewn.top.measures, np.full(3, 0.93, np.float32), chart)
    colours[inner] = style.cloth.colour * style.lining
    normals[inner] *= -1
    folds = random_folds(rng, sewn.top.cut.loose * 0.6)
    measures = sewn.top.measures
    crease(normals, folds, chart, measures.upper_arm, measures.waist, 0.7 if look.laid else 0.5)
    colour, normal = np.zeros((*size, 3), np.float32), np.zeros((*size, 3), np.float32)
    colour[flat.mask], normal[flat.mask] = colours, normals
    gloss = np.where(flat.mask, style.cloth.gloss * 0.5, 0).astype(np.float32)
    lit = shade(colour, normal, flat.depth, gloss, random_light(rng, studio=True))
    picture = np.where(flat.mask[..., None], lit, flat_background(size, flat.mask, rng))
    picture = smooth_edges(picture, flat.mask.astype(np.uint8))
    if rng.random() < 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.3, 0.7)))
    return (np.clip(picture, 0, 1) * 255).astype(np.uint8)


def _keypoints(person: _Person, size: tuple[int, int]) -> np.ndarray:
    """The 18 keypoints (18, 3) where a pose estimator for photographs would put them.

    The regressor's hips lie lower, its knees and ankles too, and its ears farther out than MediaPipe's on the same
    renders: 0.105, 0.06, 0.07 and 0.046 of the shoulders' width.
    """
    coco = person.camera.project(person.bodies.keypoint_weights @ person.posed)[:, :2]
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
