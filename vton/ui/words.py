"""The page's longer texts and small pieces of HTML."""

import html
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from vton.labels import DENSEPOSE_PARTS, PARSE_NAMES, Region
from vton.methods import METHODS, Variant
from vton.preprocess.parts import densepose_picture
from vton.types import Verdict
from vton.visualise import PARSE_COLOURS, REGION_COLOURS

CONSENT = (
    "Use a photo of yourself, or of somebody who agreed. It is worked on by this server only, its files are deleted "
    "within the hour, and it is never kept, shared or trained on."
)

OUTLINE_HINT = (
    "<p class='fmu-hint'>What lies inside the yellow line is put on you. Click where it is wrong; each click is one "
    "correction.</p>"
)
CHOOSE_PERSON = (
    "<h3>Several people are in this photo</h3>"
    "<p class='fmu-hint'>Click on the person to dress. The ring marks your last choice.</p>"
)

MIRROR = {
    "start": "Start the mirror",
    "stop": "Stop the mirror",
    "rate": "{} pictures a second",
    "asking": "Your browser asks whether this page may use the camera: allow it.",
    "warming": "One moment, the mirror is clearing …",
    "no_garment": "Choose a garment first; then start the mirror.",
    "insecure": "Browsers give the camera only to pages opened over https or on this very machine. Open the page so.",
    "refused": "The camera cannot be used; look whether another program holds it, then start again.",
    "NotAllowedError": "The camera was refused. Allow it for this page in the browser's address bar, then start again.",
    "NotFoundError": "No camera was found. Plug one in, or use a photo under Try on.",
    "NotReadableError": "Another program is using the camera. Close it, then start again.",
    "unplugged": "The camera was switched off. Start the mirror again when it is back.",
    "left": "The mirror stopped when you left. Start it again.",
    "lost": "The server does not answer. Wait a moment, then start again.",
    "busy": "The mirror is taken at the moment; it is free again within two minutes.",
    "long": "The mirror rests after two minutes. Start it again to go on.",
    "unreadable": "The camera's picture could not be read. Start the mirror again.",
}
"""What the mirror says, by occasion; names that end in Error are the browser's own."""

NEEDS = ("Weights", "Looks at", "Paints at", "On this machine")
"""What is said of each method beside its name."""

WAITING = "<p class='fmu-waiting' role='status'>In the fitting room …</p>"

PREPROCESSOR_WORDS = {
    "parsing": "Parse the person",
    "parts": "Find the body parts",
    "garment_mask": "Cut out the garment",
    "clicks": "Follow your clicks on its outline",
}
"""Step of `TryOnPipeline.preprocessors` → words."""

PROGRAM_WORDS = {
    "compact": "our own small network, which ships with the project",
    "schp": "SCHP, as published",
    "densepose": "DensePose, as published",
    "classical": "colour and edges, without a network",
    "rembg": "a network of the rembg collection, as published",
    "grabcut": "colour around the click (GrabCut)",
    "sam": "Segment Anything, as published",
}
"""What does a step → words; a name that is not here is shown as it is."""

WEIGHTS_WORDS = {
    "compact": "our own small networks, trained on rendered people, which ship with the project",
    "official": "HR-VITON's networks as its authors published them",
}

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
    "garment": (
        "The garment",
        "Garment",
        "The product picture is padded to 3:4 without being stretched; what lay askew is set upright, and a hood that "
        "stands up is laid down.",
    ),
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
    "garment_worn": "See whether somebody wears it",
    "generators": "Fit and paint",
    "finish": "Bring back the originals",
    "maps": "Draw the maps",
    "verdict": "Judge the result",
}
"""Stage of `TryOnResult.timings` → words; a stage that is not here is shown by its own name."""

VERDICT_WORDS = {
    "realism": (
        "Looks real",
        "A discriminator that was trained to tell true outlines of dressed people from mistaken ones takes the target "
        "parse for a true one; 100 % is the best it has seen.",
    ),
    "agreement": (
        "Warp and parse agree",
        "Where nothing hides the garment, the warped mask and the target parse put it in the same place.",
    ),
    "knowledge": (
        "Little made up",
        "Skin, trousers and background that the old top hid have to be painted without ever having been seen.",
    ),
    "proportions": ("Proportions kept", "The cloth is not stretched more one way than the other."),
    "smoothness": ("No folds over itself", "The flow nowhere turns the cloth over."),
    "wholeness": ("Nothing lost", "Every part of the garment's picture is on you, in view or behind arms and hair."),
    "size": ("Plausible size", "The garment in view is about as large as a torso."),
}
"""Part of a `Verdict` → its title and what its figure measures."""


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


def heading(title: str, hint: str) -> str:
    return f'<div class="fmu-step"><div><h2>{title}</h2><p>{hint}</p></div></div>'


def mirror() -> str:
    """Two panes, what the camera sees and the same dressed, one button and one line to speak."""
    texts = html.escape(json.dumps(MIRROR, ensure_ascii=False))
    return f"""
<section class="fmu-looking" aria-label="Mirror" data-texts="{texts}">
  <div class="fmu-panes">
    <figure>
      <video playsinline muted aria-label="What your camera sees"></video><figcaption>Your camera</figcaption>
    </figure>
    <figure>
      {_STANDING_MIRROR}<img alt="You, wearing the garment"><output></output><figcaption>The mirror</figcaption>
    </figure>
  </div>
  <p class="fmu-notice fmu-good" role="status" hidden></p>
  <button type="button" class="fmu-go">{MIRROR["start"]}</button>
  <p class="fmu-hint">Stand back until head and hips are in the picture. Your camera's pictures are dressed by this
  server and sent straight back; none is kept or written down.</p>
</section>"""


_STANDING_MIRROR = """<svg viewBox="0 0 120 160" aria-hidden="true"><ellipse cx="60" cy="62" rx="44" ry="58" />
  <path d="M60 120v30M36 152h48M34 92c8-16 44-16 52 0M60 78a15 17 0 1 0 0-34 15 17 0 0 0 0 34" /></svg>"""


def empty_result() -> str:
    return f'<div class="fmu-empty">{_STANDING_MIRROR}<p>Your try-on appears in this mirror.</p></div>'


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
    before = [name for name, stage in (("photo", "pose"), ("garment", "garment_mask")) if stage not in timings]
    known = f"<p class='fmu-hint'>The {' and the '.join(before)} had been prepared before.</p>" if before else ""
    return (
        f"<div class='fmu-panel'><h3>Where the time went</h3><table class='fmu-times'><tbody>{rows}</tbody>"
        f"<tfoot><tr><th scope='row'>Together</th><td></td><td>{total:.2f} s</td></tr></tfoot></table>{known}</div>"
    )


def verdict_line(verdict: Verdict, warnings: Sequence[str]) -> str:
    """The score in one quiet line under the result. warnings: all that is said below it, by the verdict and before."""
    said = "what may be wrong is said below" if warnings else "nothing looks wrong"
    return (
        f"<p class='fmu-hint'>Fit check: <b>{round(100 * verdict.score)}</b> of 100, {said}. "
        "Steps shows how it is judged.</p>"
    )


def method_verdict(verdict: Verdict) -> str:
    """A method's score with what may be wrong."""
    said = "".join(f" {html.escape(sentence)}" for sentence in verdict.sentences)
    return f"<p>Fit check: <b>{round(100 * verdict.score)}</b> of 100.{said}</p>"


def verdict_table(verdict: Verdict) -> str:
    """Every part of a verdict with its figure and its score as a bar."""
    rows = "".join(
        f"<tr><th scope='row'>{VERDICT_WORDS[part][0]}<p class='fmu-hint'>{VERDICT_WORDS[part][1]}</p></th>"
        f"<td><i style='width:{100 * score:.0f}%'></i></td><td>{100 * verdict.figures[part]:.0f} %</td></tr>"
        for part, score in verdict.parts.items()
    )
    return (
        "<div class='fmu-panel'><h3>How far to trust the result</h3>"
        "<p class='fmu-hint'>The figure is what was measured, the bar what it counts for. Where a bar is shorter than "
        "half, something is likely wrong. The shortest is the score.</p>"
        f"<table class='fmu-times'><tbody>{rows}</tbody><tfoot><tr><th scope='row'>Score</th><td></td>"
        f"<td>{round(100 * verdict.score)} of 100</td></tr></tfoot></table></div>"
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


def in_use(weights: str, preprocessors: dict[str, str]) -> str:
    """Which programs and networks this page runs, one line for each step."""
    lines = {PREPROCESSOR_WORDS[step]: _program(name) for step, name in preprocessors.items()}
    lines["Fit and paint"] = WEIGHTS_WORDS[weights]
    rows = "".join(
        f"<tr><th scope='row'>{html.escape(step)}</th><td>{html.escape(what)}</td></tr>" for step, what in lines.items()
    )
    table = f"<table class='fmu-table'><tbody>{rows}</tbody></table>"
    return f"<div class='fmu-panel'><h3>What does the work here</h3>{table}</div>"


def _program(name: str) -> str:
    kind, _, file = name.partition(":")
    return PROGRAM_WORDS.get(kind, kind) + (f" ({Path(file).name})" if file else "")


def method_line(name: str, missing: str | None) -> str:
    """What stands under a method's box: its paper, or the sentence that says what it lacks."""
    if missing:
        return f"<p class='fmu-lacks'>{_linked(missing)}</p>"
    return f"<p class='fmu-hint'>{html.escape(METHODS[name].paper)}</p>"


def _linked(sentence: str) -> str:
    """A sentence as HTML, with the addresses in it as links that name their server only."""
    link = r'<a href="\1" target="_blank" rel="noopener">\2</a>'
    return re.sub(r"(https?://([^/\s]+)[^\s)]*)", link, html.escape(sentence))


def method_times(timings: dict[str, float]) -> str:
    """A method's own time and what was added to bring back the photo's own pixels."""
    own, finish = timings["generators"], timings["finish"]
    return f"<p><b>{own:.2f} s</b> to fit and paint, {finish:.2f} s to bring back your photo's own pixels.</p>"


def needs_table(available: Callable[[str], bool]) -> str:
    """What every method needs with each of its sets of weights.

    available: name of a checkpoint → whether its file is on this machine.
    """
    rows = "".join(
        _needs(method.title, which, variant, all(available(name) for name in variant.checkpoints))
        for method in METHODS.values()
        for which, variant in method.variants.items()
    )
    head = "".join(f"<th scope='col'>{title}</th>" for title in ("Method", *NEEDS))
    return (
        "<div class='fmu-panel'><h3>What each of them needs</h3><div class='fmu-scroll' tabindex='0' role='region' "
        f"aria-label='What each method needs'><table class='fmu-table'><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div></div>"
    )


def _needs(title: str, which: str, variant: Variant, is_here: bool) -> str:
    looks_at = ", ".join("photo" if name == "refocused" else MAP_WORDS[name][1].lower() for name in variant.maps)
    height, width = variant.resolution
    cells = (f"{which}, {_size(variant.megabytes)}", looks_at, f"{width} × {height}", "yes" if is_here else "no")
    # A phone shows a row as a block, and the column's title beside each cell.
    named = "".join(f"<td data-title='{column}'>{cell}</td>" for column, cell in zip(NEEDS, cells, strict=True))
    return f"<tr><th scope='row'>{html.escape(title)}</th>{named}</tr>"


def _size(megabytes: float) -> str:
    return f"{megabytes:.1f} MB" if megabytes < 10 else f"{megabytes:.0f} MB"


def _legend(title: str, names: tuple[str, ...] | list[str], colours: np.ndarray) -> str:
    chips = "".join(
        f"<li><i style='background:rgb({r},{g},{b})'></i>{html.escape(name)}</li>"
        for name, (r, g, b) in zip(names, colours.tolist(), strict=True)
    )
    return f"<details class='fmu-panel fmu-legend' open><summary>{title}</summary><ul>{chips}</ul></details>"
