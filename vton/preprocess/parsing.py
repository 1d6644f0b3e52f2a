"""Human parsing and body parts of a person on the canvas: the body network, then what colour and skeleton tell."""

import cv2
import numpy as np
import torch
from torch import nn

from vton.images import resize, to_tensor
from vton.labels import (
    BOTTOM_LABELS,
    MIRRORED_KEYPOINTS,
    MIRRORED_PARSE,
    MIRRORED_PARTS,
    UPPER_LABELS,
    Parse,
)
from vton.networks.body import keypoint_heatmaps
from vton.preprocess.arm_parts import settle_arm_parts
from vton.preprocess.parse_rules import clean_parse, limit_to_silhouette
from vton.preprocess.parts import without_torso_above

NETWORK_SIZE = (192, 256)
"""Width and height at which the body network looks at a person."""

PRESENT = 0.4
"""A label whose probability nowhere reaches this is not in the picture."""

BACKGROUND_WEIGHT = 0.7
"""Of the background against all labels: rendered people have harder outlines than hair and cloth in photographs, so
that the network draws them too tight (IoU + 0.0025 on annotated photographs, - 0.001 on rendered ones)."""


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
