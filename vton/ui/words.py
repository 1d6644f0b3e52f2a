"""The page's longer texts and small pieces of HTML."""

import html

import numpy as np

from vton.labels import DENSEPOSE_PARTS, PARSE_NAMES, Region
from vton.preprocess.parts import densepose_picture
from vton.visualise import PARSE_COLOURS, REGION_COLOURS

CONSENT = (
    "Use a photo of yourself, or of somebody who agreed. It is worked on by this server only, its files are deleted "
    "within the hour, and it is never kept, shared or trained on."
)

MAP_WORDS = {
    "refocused": (
        "The person",
        "Refocused",
        "The photo is cropped to 3:4, from the crown to above the knee, as networks expect.",
    ),
    "pose": ("The person", "Pose", "Eighteen joints say where shoulders, elbows, wrists and hips are."),
    "parse": (
        "The person",
        "Parse",
        "Every pixel is given one of twenty labels: hair, face, upper clothes, left arm and so on.",
    ),
    "densepose": (
        "The person",
        "Body parts",
        "The body under the clothes, as DensePose's 24 parts, tells front from back.",
    ),
    "agnostic": (
        "The person",
        "Agnostic image",
        "The old garment and the arms are greyed out, so nothing of them can leak through.",
    ),
    "parse_agnostic": (
        "The person",
        "Agnostic parse",
        "The same labels without the old garment, the arms and the neck.",
    ),
    "garment": ("The garment", "Garment", "The product picture is padded to 3:4 without being stretched."),
    "garment_mask": ("The garment", "Garment mask", "White is cloth, black is background."),
    "warped_garment": (
        "The fitting",
        "Warped garment",
        "The garment is bent onto the body, at the full detail of its picture.",
    ),
    "warped_mask": (
        "The fitting",
        "Warped mask",
        "Where the bent garment would lie before hair and hands cover it again.",
    ),
    "flow": (
        "The fitting",
        "Flow",
        "How far each pixel of cloth travelled: the colour is the direction, its strength the distance.",
    ),
    "target_parse": ("The fitting", "Target parse", "The labels as they should be once the new garment is worn."),
    "generated": (
        "The fitting",
        "Generated",
        "What the image generator paints on its own: good at folds and skin, soft in detail.",
    ),
    "edit_mask": (
        "The finish",
        "Edit mask",
        "Only the white part of your photo is changed; all the rest stays your own pixels.",
    ),
}
"""Map name → the step it belongs to, its title and one sentence."""

STAGE_WORDS = {
    "open": "Open the pictures",
    "pose": "Find the pose",
    "refocus": "Refocus the photo",
    "parsing": "Parse the person",
    "parse": "Parse the person",
    "agnostic": "Hide the old garment",
    "garment_mask": "Cut out the garment",
    "mask": "Cut out the garment",
    "generators": "Fit and paint",
    "finish": "Bring back the originals",
    "maps": "Draw the maps",
}
"""Stage of `TryOnResult.timings` → words; a stage that is not here is shown by its own name."""


def header(weights: str, device: str) -> str:
    return f"""
<header class="fmu-head">
  <svg class="fmu-mark" viewBox="0 0 64 64" aria-hidden="true">
    <path d="M32 24c0-4 7-5 7-11a7 7 0 0 0-14 0" /><path d="M32 24 6 44c-3 3-1 6 3 6h46c4 0 6-3 3-6Z" />
  </svg>
  <div class="fmu-name"><h1>Fit Me Up</h1><p>One photo of you, one of a garment. See it on before it is yours.</p></div>
  <ul class="fmu-facts"><li>{html.escape(weights)} weights</li><li>{html.escape(device.upper())}</li></ul>
</header>
<div class="fmu-tape" aria-hidden="true"></div>"""


def step(number: int, title: str, hint: str) -> str:
    return f'<div class="fmu-step"><b>{number}</b><div><h2>{title}</h2><p>{hint}</p></div></div>'


def empty_result() -> str:
    return """
<div class="fmu-empty">
  <svg viewBox="0 0 120 160" aria-hidden="true"><ellipse cx="60" cy="62" rx="44" ry="58" />
  <path d="M60 120v30M36 152h48M34 92c8-16 44-16 52 0M60 78a15 17 0 1 0 0-34 15 17 0 0 0 0 34" /></svg>
  <p>Your try-on appears in this mirror.</p>
</div>"""


def notice(sentences: list[str], kind: str) -> str:
    """Sentences as a box; kind is "error", "warning" or "good"."""
    if not sentences:
        return ""
    role = "alert" if kind == "error" else "status"
    items = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in sentences)
    return f'<div class="fmu-notice fmu-{kind}" role="{role}">{items}</div>'


def map_caption(number: int, name: str) -> str:
    step_name, title, sentence = MAP_WORDS[name]
    return (
        f'<div class="fmu-caption"><em>{step_name}</em><h3><span>{number:02d}</span>{title}</h3><p>{sentence}</p></div>'
    )


def timings_table(timings: dict[str, float]) -> str:
    """Seconds by stage as bars."""
    longest, total = max(timings.values()), sum(timings.values())
    rows = "".join(
        f"<tr><th scope='row'>{html.escape(STAGE_WORDS.get(stage, stage.replace('_', ' ').capitalize()))}</th>"
        f"<td><i style='width:{100 * seconds / longest:.1f}%'></i></td><td>{seconds:.2f} s</td></tr>"
        for stage, seconds in timings.items()
    )
    return (
        f"<div class='fmu-panel'><h3>Where the time went</h3><table class='fmu-times'><tbody>{rows}</tbody>"
        f"<tfoot><tr><th scope='row'>Together</th><td></td><td>{total:.2f} s</td></tr></tfoot></table></div>"
    )


def legends() -> str:
    parts = densepose_picture(np.arange(len(DENSEPOSE_PARTS), dtype=np.uint8)[None])[0]
    regions = [region.name.lower().replace("_", " ") for region in Region]
    regions[Region.NOISE] = "neck, scarf, gloves"
    return (
        _legend("Colours of the parse", PARSE_NAMES, PARSE_COLOURS)
        + _legend("Colours of the target parse", regions, REGION_COLOURS)
        + _legend("Colours of the body parts", DENSEPOSE_PARTS, parts)
    )


def _legend(title: str, names: tuple[str, ...] | list[str], colours: np.ndarray) -> str:
    chips = "".join(
        f"<li><i style='background:rgb({r},{g},{b})'></i>{html.escape(name)}</li>"
        for name, (r, g, b) in zip(names, colours.tolist(), strict=True)
    )
    return f"<details class='fmu-panel fmu-legend' open><summary>{title}</summary><ul>{chips}</ul></details>"
