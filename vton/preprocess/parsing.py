"""Human parsing and body parts of a person on the canvas: the body network, then what colour and skeleton tell."""

import cv2
import numpy as np
import torch
from torch import nn

from vton.images import resize, to_tensor
from vton.labels import (
    BOTTOM_LABELS,
    LEG_LABELS,
    MIRRORED_KEYPOINTS,
    MIRRORED_PARSE,
    MIRRORED_PARTS,
    UPPER_LABELS,
    Joint,
    Parse,
)
from vton.networks.body import keypoint_heatmaps
from vton.preprocess.arm_parts import settle_arm_parts
from vton.preprocess.bare_skin import (
    bare_belly,
    bare_skin_not_top,
    belly_not_arm,
    distance_to_bones,
    hem_not_belly,
    with_hand,
)
from vton.preprocess.clothes import (
    absorb_islands,
    hair_not_top,
    no_hair_in_tops,
    no_strands_on_tops,
    restore_straps,
    scarf_by_colour,
    settle_dresses,
    top_to_the_end,
    waist_by_colour,
)
from vton.preprocess.cuffs import restore_cuffs
from vton.preprocess.hair_edges import top_between_hair
from vton.preprocess.parts import without_torso_above
from vton.preprocess.skin_edges import no_hands_of_cloth, top_about_the_neck, top_between_fingers
from vton.preprocess.sleeve_colours import restore_sleeves, stripes_not_arms
from vton.preprocess.top_edges import no_stray_tops, top_up_to_the_arms

NETWORK_SIZE = (192, 256)
"""Width and height at which the body network looks at a person."""

PRESENT = 0.4
"""A label whose probability nowhere reaches this is not in the picture."""

BACKGROUND_WEIGHT = 0.7
"""Of the background against all labels: rendered people have harder outlines than hair and cloth in photographs, so
that the network draws them too tight (IoU + 0.0025 on annotated photographs, - 0.001 on rendered ones)."""

SEEN = 0.3
"""Confidence above which a keypoint says something about the parse."""

NEARER = 0.5
"""How much nearer to a top's colour than to that of trousers a piece of cloth is that belongs to the top."""

RIGHT_ARM = (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST)
LEFT_ARM = (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST)
RIGHT_LEG = (Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE)
LEFT_LEG = (Joint.LEFT_HIP, Joint.LEFT_KNEE, Joint.LEFT_ANKLE)
SIDES = (
    (Parse.RIGHT_ARM, Parse.LEFT_ARM, RIGHT_ARM, LEFT_ARM),
    (Parse.RIGHT_LEG, Parse.LEFT_LEG, RIGHT_LEG, LEFT_LEG),
    (Parse.RIGHT_SHOE, Parse.LEFT_SHOE, RIGHT_LEG[1:], LEFT_LEG[1:]),
)
"""Pairs of labels and the bones by which right and left can be told."""


class BodyParser:
    """The body network and the rules that clean its output.

    network: a `networks.body.BodyNet` in evaluation mode, on any device.
    """

    def __init__(self, network: nn.Module):
        self._network = network

    def __call__(
        self, image: np.ndarray, silhouette: np.ndarray, keypoints: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Label every pixel of a person.

        Args:
            image: uint8 RGB (H, W, 3), a 3:4 canvas.
            silhouette: float32 (H, W) in [0, 1].
            keypoints: (18, 3), x, y in pixels of the canvas and confidence.

        Returns:
            parse, uint8 (H, W), ids of `labels.Parse`; parts, uint8 (H, W), DensePose ids 0 to 24.
        """
        small = resize(image, NETWORK_SIZE)
        parse_probabilities, part_probabilities = self._predict(small, silhouette, keypoints, image.shape)
        sharpened = sharpen_by_colour(parse_probabilities, small)
        sharpened[Parse.BACKGROUND] *= BACKGROUND_WEIGHT
        sharpened /= sharpened.sum(0)
        parse = clean_parse(label_by_edges(sharpened, image), image, silhouette, keypoints)
        parts = limit_to_silhouette(label_smoothly(part_probabilities, image.shape[:2]), silhouette)
        return parse, settle_arm_parts(without_torso_above(parts, keypoints), keypoints)

    @torch.inference_mode()
    def _predict(self, small: np.ndarray, silhouette: np.ndarray, keypoints: np.ndarray, shape: tuple[int, ...]):
        device = next(self._network.parameters()).device
        points = keypoints.astype(np.float32).copy()
        points[:, :2] = (points[:, :2] + 0.5) * np.divide(NETWORK_SIZE, (shape[1], shape[0])) - 0.5
        mirrored = points[MIRRORED_KEYPOINTS]
        mirrored[:, 0] = NETWORK_SIZE[0] - 1 - mirrored[:, 0]
        picture, outline = to_tensor(small), torch.from_numpy(resize(silhouette, NETWORK_SIZE))[None, None]
        heatmaps = keypoint_heatmaps(torch.from_numpy(np.stack([points, mirrored])))
        # The mirrored picture as well: their mean is right more often than either (IoU + 0.004 on rendered people).
        both = (torch.cat([plane, plane.flip(-1)]).to(device) for plane in (picture, outline))
        logits = self._network(*both, heatmaps.to(device))
        return tuple(
            _averaged(output.float().softmax(1).cpu().numpy(), mirror)
            for output, mirror in zip(logits, (MIRRORED_PARSE, MIRRORED_PARTS), strict=True)
        )


def _averaged(probabilities: np.ndarray, mirror: np.ndarray) -> np.ndarray:
    """(2, labels, H, W), of a picture and its mirror image → (labels, H, W)."""
    return (probabilities[0] + probabilities[1][mirror][..., ::-1]) / 2


def sharpen_by_colour(probabilities: np.ndarray, pixels: np.ndarray, rounds: int = 3) -> np.ndarray:
    """Let the person's own colours correct the network where it is unsure.

    A histogram of CIELAB colours is kept for each label over the pixels that the network is sure of. How well a pixel's
    colour fits each label multiplies what the network said, by its square root: neighbours are not independent. Clothes
    of like colours share a histogram, the more the liker they are: a black top is not told from black trousers by it.

    Args:
        probabilities: float32 (labels, H, W); label 0 is the background, which colours neither favour nor harm.
        pixels: uint8 RGB (H, W, 3).

    Returns:
        float32 (labels, H, W), summing to 1.
    """
    labels = len(probabilities)
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(int)
    bins = ((lab[..., 0] // 20) * 20 + lab[..., 1] // 13) * 20 + lab[..., 2] // 13
    flat, prior = bins.ravel(), probabilities.reshape(labels, -1)
    current = prior
    for _ in range(rounds):
        sure = current * (current.max(0) > 0.5)
        histograms = np.stack([np.bincount(flat, weights, minlength=13 * 400) for weights in sure])
        histograms = (histograms + 1e-3) / (sure.sum(1, keepdims=True) + 30)
        likelihood = _shared_by_clothes(histograms)[:, flat] + 1e-4
        likelihood[0] = likelihood[1:].max(0)
        current = prior * np.sqrt(likelihood)
        current = np.where(prior[0] > 0.5, prior, current / current.sum(0))
    return current.reshape(probabilities.shape).astype(np.float32)


def _shared_by_clothes(histograms: np.ndarray) -> np.ndarray:
    """Histograms (labels, bins), those of clothes averaged by likeness: the Bhattacharyya coefficient to the 4th."""
    clothes = [*UPPER_LABELS, *BOTTOM_LABELS]
    roots = np.sqrt(histograms[clothes] / histograms[clothes].sum(1, keepdims=True))
    likeness = (roots @ roots.T) ** 4
    shared = histograms.copy()
    shared[clothes] = likeness @ histograms[clothes] / likeness.sum(1, keepdims=True)
    return shared


def label_by_edges(probabilities: np.ndarray, image: np.ndarray) -> np.ndarray:
    """The likeliest label of each pixel of a larger image, with borders drawn to the image's own edges.

    Each label's probability goes through a guided filter (He et al., 2010) whose guide is the image.

    Args:
        probabilities: float32 (labels, h, w).
        image: uint8 RGB (H, W, 3).

    Returns:
        uint8 (H, W).
    """
    size = (image.shape[1], image.shape[0])
    best = np.full(image.shape[:2], -np.inf, np.float32)
    labels = np.zeros(image.shape[:2], np.uint8)
    radius = max(2, round(size[0] / 128))
    for label in _present(probabilities):
        soft = cv2.resize(probabilities[label], size, interpolation=cv2.INTER_LINEAR)
        soft = cv2.ximgproc.guidedFilter(image, soft, radius, 4e-4 * 255**2, scale=0.5)
        better = soft > best
        best[better], labels[better] = soft[better], label
    return labels


def label_smoothly(probabilities: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The likeliest label of each pixel at (H, W) `shape`, probabilities enlarged linearly. Returns uint8 (H, W)."""
    best = np.full(shape, -np.inf, np.float32)
    labels = np.zeros(shape, np.uint8)
    for label in _present(probabilities):
        soft = cv2.resize(probabilities[label], shape[::-1], interpolation=cv2.INTER_LINEAR)
        better = soft > best
        best[better], labels[better] = soft[better], label
    return labels


def _present(probabilities: np.ndarray) -> np.ndarray:
    highest = probabilities.reshape(len(probabilities), -1).max(1)
    return np.flatnonzero(highest >= min(PRESENT, float(highest.max())))


def clean_parse(parse: np.ndarray, image: np.ndarray, silhouette: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Correct what a network gets wrong and a skeleton, colours and common sense can tell.

    Args:
        parse: uint8 (H, W), ids of `labels.Parse`.
        image: uint8 RGB (H, W, 3).
        silhouette: float32 (H, W) in [0, 1].
        keypoints: (18, 3) in pixels.

    Returns:
        uint8 (H, W).
    """
    cleaned = limit_to_silhouette(parse, silhouette)
    cleaned = hands_not_legs(cleaned, keypoints)
    cleaned = settle_sides(cleaned, keypoints)
    cleaned = stripes_not_arms(restore_sleeves(cleaned, image, keypoints), image, keypoints)
    cleaned = bare_skin_not_top(belly_not_arm(cleaned, keypoints), image, keypoints)
    cleaned = hand_down_stray_tops(cleaned, image, keypoints)
    cleaned = name_hats(cleaned, keypoints)
    cleaned = name_collars(cleaned, keypoints)
    cleaned = close_tops(no_hair_in_tops(top_between_hair(cleaned, image, keypoints)))
    cleaned = no_strands_on_tops(cleaned, keypoints)
    cleaned = hair_not_top(settle_dresses(cleaned, image, keypoints), keypoints)
    cleaned = top_to_the_end(one_bottom(cleaned), image, keypoints)
    cleaned = scarf_by_colour(waist_by_colour(cleaned, image, keypoints), image)
    cleaned = absorb_islands(cleaned)
    cleaned = hem_not_belly(cleaned, image, keypoints)
    cleaned = absorb_specks(restore_cuffs(cleaned, image, keypoints, silhouette))
    cleaned = top_up_to_the_arms(no_stray_tops(cleaned, image, keypoints), image, keypoints)
    cleaned = top_between_fingers(no_hands_of_cloth(cleaned, image, keypoints), image, keypoints)
    cleaned = top_about_the_neck(cleaned, image, keypoints)
    return bare_belly(restore_straps(cleaned, image, keypoints), image, keypoints)


def limit_to_silhouette(parse: np.ndarray, silhouette: np.ndarray) -> np.ndarray:
    """Nothing but background well outside the silhouette, which is coarse and so gets some room."""
    reach = max(3, round(parse.shape[1] / 40))
    small = cv2.resize(silhouette, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    room = cv2.dilate((small > 0.15).astype(np.uint8), np.ones((reach // 2 | 1,) * 2, np.uint8))
    inside = cv2.resize(room, parse.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    return np.where(inside, parse, np.uint8(Parse.BACKGROUND))


def settle_sides(parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Give each piece of an arm, leg or shoe to the side whose bones it clearly lies nearer to."""
    result = parse.copy()
    unit = max(1.0, float(np.linalg.norm(keypoints[Joint.RIGHT_SHOULDER, :2] - keypoints[Joint.LEFT_SHOULDER, :2])))
    for right, left, right_bones, left_bones in SIDES:
        if keypoints[[*right_bones[:2], *left_bones[:2]], 2].min() < SEEN:
            continue
        for label, other, own, others in (
            (right, left, right_bones, left_bones),
            (left, right, left_bones, right_bones),
        ):
            count, pieces = cv2.connectedComponents((parse == label).astype(np.uint8))
            for piece in range(1, count):
                rows, columns = np.nonzero(pieces == piece)
                points = np.stack([columns, rows], axis=1)[:: max(1, len(rows) // 200)].astype(np.float32)
                near, far = (np.median(distance_to_bones(points, _with_hand(keypoints, b))) for b in (others, own))
                if near < 0.5 * far and far > 0.2 * unit:
                    result[rows, columns] = other
    return result


def _with_hand(keypoints: np.ndarray, bones: tuple[Joint, ...]) -> np.ndarray:
    """The places of an arm's joints, (n, 2), and the end of its hand; of other bones only the joints'."""
    places = keypoints[list(bones), :2]
    return with_hand(places) if bones in (RIGHT_ARM, LEFT_ARM) else places


def hands_not_legs(parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Pieces of bare leg that lie about a wrist, away from the leg's own bones, are that arm's hand."""
    result = parse.copy()
    unit = max(1.0, float(np.linalg.norm(keypoints[Joint.RIGHT_SHOULDER, :2] - keypoints[Joint.LEFT_SHOULDER, :2])))
    hands = [
        (label, keypoints[wrist, :2])
        for label, wrist in ((Parse.RIGHT_ARM, Joint.RIGHT_WRIST), (Parse.LEFT_ARM, Joint.LEFT_WRIST))
        if keypoints[wrist, 2] > SEEN
    ]
    count, pieces = cv2.connectedComponents(np.isin(parse, LEG_LABELS).astype(np.uint8))
    for piece in range(1, count if hands else 1):
        rows, columns = np.nonzero(pieces == piece)
        points = np.stack([columns, rows], axis=1)[:: max(1, len(rows) // 200)].astype(np.float32)
        to_legs = min(np.median(distance_to_bones(points, keypoints[list(leg), :2])) for leg in (RIGHT_LEG, LEFT_LEG))
        to_hand, label = min(
            (float(np.median(np.linalg.norm(points - place, axis=1))), label) for label, place in hands
        )
        if to_hand < 0.4 * unit and to_hand < to_legs:
            result[rows, columns] = label
    return result


def hand_down_stray_tops(parse: np.ndarray, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Pieces of top that begin only at the hips, apart from the torso, belong to trousers or skirt.

    Beside an arm that hangs before it a top may be seen there, too: then it has the top's colour.
    """
    hips = keypoints[[Joint.RIGHT_HIP, Joint.LEFT_HIP], 1].mean()
    limit = hips - 0.15 * (hips - keypoints[Joint.NECK, 1])
    bottoms = [int((parse == label).sum()) for label in BOTTOM_LABELS]
    if max(bottoms) == 0:
        return parse
    result, tops = parse.copy(), np.isin(parse, UPPER_LABELS)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(tops.astype(np.uint8))
    stray = [piece for piece in range(1, count) if stats[piece, cv2.CC_STAT_TOP] > limit]
    if not stray:
        return parse
    if len(stray) == count - 1:
        return np.where(tops, np.uint8(BOTTOM_LABELS[int(np.argmax(bottoms))]), parse)
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.float32)
    bottom = BOTTOM_LABELS[int(np.argmax(bottoms))]
    of_top, of_bottom = (np.median(lab[where], axis=0) for where in (tops & ~np.isin(pieces, stray), parse == bottom))
    for piece in stray:
        own = pieces == piece
        to_top, to_bottom = (np.linalg.norm(np.median(lab[own], axis=0) - other) for other in (of_top, of_bottom))
        if to_top > NEARER * to_bottom:
            result[own] = bottom
    return result


def name_hats(parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Cloth on top of the head is a hat, unless an arm is raised there."""
    seen = keypoints[:, 2] > SEEN
    raised = [Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST, Joint.LEFT_ELBOW, Joint.LEFT_WRIST]
    nose = keypoints[Joint.NOSE]
    if nose[2] <= SEEN or (seen[raised] & (keypoints[raised, 1] < nose[1])).any():
        return parse
    ears = np.linalg.norm(keypoints[Joint.RIGHT_EAR, :2] - keypoints[Joint.LEFT_EAR, :2])
    eyes = keypoints[[Joint.RIGHT_EYE, Joint.LEFT_EYE], 1].mean()
    rows, columns = np.nonzero(np.isin(parse, (*UPPER_LABELS, *BOTTOM_LABELS)))
    hat = (rows < eyes) & (np.abs(columns - nose[0]) < 1.2 * ears)
    result = parse.copy()
    result[rows[hat], columns[hat]] = Parse.HAT
    return result


def name_collars(parse: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Small pieces of hair about the neck, apart from the head's, and small scarves are the top's collar or lace."""
    points = keypoints[:, :2]
    unit = float(np.linalg.norm(points[Joint.RIGHT_SHOULDER] - points[Joint.LEFT_SHOULDER]))
    highest, lowest = points[Joint.NOSE, 1] + 0.15 * unit, points[Joint.NECK, 1] + 0.3 * unit
    worn = UPPER_LABELS[int(np.argmax([(parse == label).sum() for label in UPPER_LABELS]))]
    result = parse.copy()
    for label, further, largest in ((Parse.HAIR, 0.0, 0.012), (Parse.SCARF, 0.3 * unit, 0.02)):
        count, pieces, stats, _ = cv2.connectedComponentsWithStats((parse == label).astype(np.uint8))
        for piece in range(1, count):
            top, height = stats[piece, cv2.CC_STAT_TOP], stats[piece, cv2.CC_STAT_HEIGHT]
            small = stats[piece, cv2.CC_STAT_AREA] < largest * parse.size
            if small and top > highest and top + height < lowest + further:
                result[pieces == piece] = worn
    return result


def close_tops(parse: np.ndarray) -> np.ndarray:
    """Islands of neck within a top, such as a pendant, lace or a print, are the top; only the largest piece is neck."""
    result = parse.copy()
    count, pieces, stats, _ = cv2.connectedComponentsWithStats((parse == Parse.NECK).astype(np.uint8))
    largest = int(stats[1:, cv2.CC_STAT_AREA].argmax()) + 1 if count > 1 else 0
    for piece in range(1, count):
        if piece == largest:
            continue
        inside = pieces == piece
        rim = cv2.dilate(inside.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool) & ~inside
        worn = np.bincount(parse[rim], minlength=len(Parse))
        if worn[list(UPPER_LABELS)].sum() > 0.95 * rim.sum():
            result[inside] = UPPER_LABELS[int(worn[list(UPPER_LABELS)].argmax())]
    return result


def one_bottom(parse: np.ndarray) -> np.ndarray:
    """Trousers and a skirt at once are rarer than one taken for the other: the larger takes both."""
    areas = [int((parse == label).sum()) for label in BOTTOM_LABELS]
    return np.where(np.isin(parse, BOTTOM_LABELS), np.uint8(BOTTOM_LABELS[int(np.argmax(areas))]), parse)


def absorb_specks(parse: np.ndarray) -> np.ndarray:
    """Pieces of a label that are tiny, or small beside its largest one, become what lies nearest to them."""
    stray = np.zeros(parse.shape, bool)
    for label in np.unique(parse):
        count, pieces, stats, _ = cv2.connectedComponentsWithStats((parse == label).astype(np.uint8))
        areas = stats[1:count, cv2.CC_STAT_AREA]
        # What is worn may be seen on both sides of an arm.
        worn = label in UPPER_LABELS or label in BOTTOM_LABELS
        share = 0.002 if label == Parse.BACKGROUND else 0.01 if worn else 0.03
        smallest = max(parse.size / 8000, share * areas.max())
        stray |= np.isin(pieces, 1 + np.flatnonzero(areas < smallest))
    if not stray.any() or stray.all():
        return parse
    _, nearest = cv2.distanceTransformWithLabels(stray.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    label_at = np.zeros(int(nearest.max()) + 1, np.uint8)
    label_at[nearest[~stray]] = parse[~stray]
    return label_at[nearest]
