"""One try-on of the page, from the visitor's two pictures to everything that shows what came out."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from vton.images import PictureError
from vton.pipeline import TryOnPipeline
from vton.types import MAP_NAMES, TryOnResult
from vton.ui import people, words
from vton.ui.behind_tab import BehindTab
from vton.ui.files import plain_sentence, save_exact, save_map, save_preview, upright, zip_dataset
from vton.ui.marks import Marks
from vton.ui.try_on_tab import TryOnTab

SHOW_MIRROR = """(...inputs) => {
    if (inputs[0] && inputs[1] && window.innerWidth < 720)
        document.getElementById("mirror-top").scrollIntoView({ behavior: "smooth" });
    return inputs;
}"""
"""On a phone the mirror is below the button: bring it into view when a try-on starts."""


@dataclass(frozen=True)
class Pair:
    """What a visitor's last run was made of: the paths of the files sent, and the clicks on them."""

    person: str
    garment: str
    marks: Marks


class Runner:
    """Runs a try-on for whichever event asks for it, and fills the page with what came out."""

    def __init__(self, pipeline: TryOnPipeline, fitting: TryOnTab, behind: BehindTab, last: gr.State, marks: gr.State):
        self.pipeline = pipeline
        self.fitting, self.behind, self.last, self.marks = fitting, behind, last, marks
        self.outputs = [
            last,
            fitting.notice,
            fitting.verdict,
            fitting.empty,
            fitting.mirror,
            fitting.download,
            fitting.choose,
            fitting.people,
            behind.intro,
            behind.body,
            behind.verdict,
            behind.timings,
            behind.archive,
            *behind.maps,
        ]

    def follow(self, event: Any) -> None:
        """Run when `event`, a gradio listener, fires."""
        done = event(
            self.run,
            [self.fitting.person, self.fitting.garment, self.marks, self.fitting.tucked],
            self.outputs,
            js=SHOW_MIRROR,
            show_progress="full",
            show_progress_on=[self.fitting.empty, self.fitting.mirror],
            concurrency_limit=2,
            concurrency_id="try-on",
            api_visibility="private",
        )
        done.then(
            self.pack,
            self.last,
            self.behind.archive,
            show_progress="hidden",
            concurrency_limit=1,
            api_visibility="private",
        )

    def run(
        self,
        person: str | None,
        garment: str | None,
        marks: Marks,
        tucked: bool = False,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> dict:
        notice = self.fitting.notice
        if not person or not garment:
            missing = "a photo of yourself" if not person else "a garment"
            return {notice: words.notice([f"Add {missing} to see the try-on."], "good")}
        try:
            result = self.pipeline(
                person,
                garment,
                progress=lambda fraction, text: progress(fraction, desc=text),
                at=marks.at_in(person),
                clicks=marks.clicks_on(garment),
                tucked=tucked,
            )
            before = save_preview(upright(person), "before")
        except PictureError as error:
            return {notice: words.notice([plain_sentence(error, person, garment)], "error")}
        return self._filled(result, before, Pair(person, garment, marks))

    def _filled(self, result: TryOnResult, before: str, pair: Pair) -> dict:
        fitting, behind = self.fitting, self.behind
        after = save_preview(result.image, "after")
        maps = [save_map(result.maps[name], name) for name in MAP_NAMES]
        asks, crowd = people.picker(result, before, pair.marks.at_in(pair.person))
        warnings = people.other_warnings(result)
        return {
            self.last: pair,
            fitting.notice: words.notice(warnings, "warning"),
            fitting.verdict: words.verdict_line(result.verdict, warnings),
            fitting.empty: gr.HTML(visible=False),
            fitting.mirror: gr.ImageSlider((before, after), visible=True),
            fitting.download: gr.DownloadButton(value=save_exact(result.image, "fit-me-up"), visible=True),
            fitting.choose: gr.skip() if asks is None else gr.Column(visible=asks),
            fitting.people: crowd,
            behind.intro: "",
            behind.body: gr.Column(visible=True),
            behind.verdict: words.verdict_table(result.verdict),
            behind.timings: words.timings_table(result.timings),
            behind.archive: gr.DownloadButton(interactive=False),
            **dict(zip(behind.maps, maps, strict=True)),
        }

    def pack(self, pair: Pair | None) -> Any:
        """Zip the maps of the last run; quick, since the pipeline remembers both."""
        if pair is None:
            return gr.skip()
        person = self.pipeline.prepare_person(pair.person, at=pair.marks.at_in(pair.person))
        garment = self.pipeline.prepare_garment(pair.garment, clicks=pair.marks.clicks_on(pair.garment))
        return gr.DownloadButton(value=zip_dataset(person, garment), interactive=True)
