"""The labels of SCHP's two published parsers, and what they are among CIHP's.

Names and orders are those of SCHP's own extractor (Li et al., "Self-Correction for Human Parsing", 2020). Left and
right are the person's own.
"""

from enum import IntEnum

import numpy as np

from vton.labels import Parse


class Lip(IntEnum):
    """The 20 classes of LIP (Gong et al., "Look into Person", 2017): CIHP's, but jumpsuits instead of the neck."""

    BACKGROUND = 0
    HAT = 1
    HAIR = 2
    GLOVE = 3
    SUNGLASSES = 4
    UPPER = 5
    DRESS = 6
    COAT = 7
    SOCKS = 8
    PANTS = 9
    JUMPSUITS = 10
    SCARF = 11
    SKIRT = 12
    FACE = 13
    LEFT_ARM = 14
    RIGHT_ARM = 15
    LEFT_LEG = 16
    RIGHT_LEG = 17
    LEFT_SHOE = 18
    RIGHT_SHOE = 19


class Atr(IntEnum):
    """The 18 classes of ATR (Liang et al., "Deep human parsing with active template regression", 2015).

    Its face takes in the neck.
    """

    BACKGROUND = 0
    HAT = 1
    HAIR = 2
    SUNGLASSES = 3
    UPPER = 4
    SKIRT = 5
    PANTS = 6
    DRESS = 7
    BELT = 8
    LEFT_SHOE = 9
    RIGHT_SHOE = 10
    FACE = 11
    LEFT_LEG = 12
    RIGHT_LEG = 13
    LEFT_ARM = 14
    RIGHT_ARM = 15
    BAG = 16
    SCARF = 17


CIHP_OF_LIP = np.array([Parse.UPPER if label is Lip.JUMPSUITS else Parse[label.name] for label in Lip], np.uint8)
"""LIP id → CIHP id. Jumpsuits, which CIHP lacks, begin as upper clothes: somebody has to split them at the waist."""

_ATR_ONLY = {Atr.BELT: Parse.PANTS, Atr.BAG: Parse.BACKGROUND}
CIHP_OF_ATR = np.array([_ATR_ONLY[label] if label in _ATR_ONLY else Parse[label.name] for label in Atr], np.uint8)
"""ATR id → CIHP id. CIHP has no bags; a belt belongs to what it holds up."""
