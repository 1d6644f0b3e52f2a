"""The whole page: three tabs, how they work together, and how it is served."""

import threading
from dataclasses import dataclass
from typing import Any

import gradio as gr

from vton.images import PictureError
from vton.pipeline import TryOnPipeline
from vton.store import GarmentStore
from vton.types import MAP_NAMES, TryOnResult
from vton.ui import api, behind_tab, garments_tab, try_on_tab, words
from vton.ui.behind_tab import BehindTab
from vton.ui.files import plain_sentence, save_exact, save_map, save_preview, upright, zip_dataset
from vton.ui.theme import CSS_FILE, theme
from vton.ui.try_on_tab import TryOnTab

SWEEP_SECONDS, FILE_AGE_SECONDS, MEMORY_SECONDS = 600, 3000, 1800
"""Files are looked at every ten minutes and deleted when older than fifty: within the hour."""

SHOW_MIRROR = """(...inputs) => {
    if (window.innerWidth < 720) document.getElementById("mirror-top").scrollIntoView({ behavior: "smooth" });
    return inputs;
}"""
"""On a phone the mirror is below the button: bring it into view when a try-on starts."""


@dataclass(frozen=True)
class Pair:
    """What a visitor's last run was made of, as paths of the files sent."""

    person: str
    garment: str


def build_demo(pipeline: TryOnPipeline, store: GarmentStore) -> gr.Blocks:
    """Build the page and its endpoints around a loaded pipeline."""
    garments = store.list_garments()
    for folder in {str(record.file.parent) for record in garments} | {str(try_on_tab.PERSONS_FOLDER)}:
        gr.set_static_paths(folder)
    with gr.Blocks(
        title="Fit Me Up: virtual try-on",
        delete_cache=(SWEEP_SECONDS, FILE_AGE_SECONDS),
        analytics_enabled=False,
        fill_width=True,
    ) as demo:
        gr.HTML(words.header(pipeline.weights, str(pipeline.device)))
        last = gr.State(None, time_to_live=FILE_AGE_SECONDS)
        with gr.Tabs(elem_classes="fmu-tabs") as tabs:
            with gr.Tab("Try on", id="try-on"):
                fitting = try_on_tab.build(garments)
            with gr.Tab("Behind the scenes", id="behind"):
                behind = behind_tab.build()
            with gr.Tab("Garments", id="garments"):
                wall = garments_tab.build(store)
        runner = _Runner(pipeline, fitting, behind, last)
        runner.follow(fitting.go.click)

        def choose(event: gr.SelectData) -> str:
            return str(garments[event.index].file)

        picked = fitting.garments.select(
            choose, None, fitting.garment, show_progress="hidden", api_visibility="private"
        )
        runner.follow(picked.success)

        def choose_from_wall(shown: list[str], event: gr.SelectData) -> tuple[str, Any]:
            return str(store.get_garment(shown[event.index]).file), gr.Tabs(selected="try-on")

        picked = wall.wall.select(
            choose_from_wall,
            wall.shown,
            [fitting.garment, tabs],
            show_progress="hidden",
            api_visibility="private",
        )
        runner.follow(picked.success)
        api.add_endpoints(pipeline, store)
    return demo.queue(max_size=64)


class _Runner:
    """Runs a try-on for whichever event asks for it, and fills the page with what came out."""

    def __init__(self, pipeline: TryOnPipeline, fitting: TryOnTab, behind: BehindTab, last: gr.State):
        self.pipeline = pipeline
        self.fitting, self.behind, self.last = fitting, behind, last
        self.outputs = [
            last,
            fitting.notice,
            fitting.empty,
            fitting.mirror,
            fitting.download,
            behind.intro,
            behind.body,
            behind.timings,
            behind.archive,
            *behind.maps,
        ]

    def follow(self, event: Any) -> None:
        """Run when `event`, a gradio listener, fires."""
        done = event(
            self.run,
            [self.fitting.person, self.fitting.garment],
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

    def run(self, person: str | None, garment: str | None, progress: gr.Progress = gr.Progress()) -> dict:  # noqa: B008
        notice = self.fitting.notice
        if not person or not garment:
            missing = "a photo of yourself" if not person else "a garment"
            return {notice: words.notice([f"Add {missing} to see the try-on."], "good")}
        try:
            result = self.pipeline(person, garment, progress=lambda fraction, text: progress(fraction, desc=text))
            before = save_preview(upright(person), "before")
        except PictureError as error:
            return {notice: words.notice([plain_sentence(error, person, garment)], "error")}
        return self._filled(result, before, Pair(person, garment))

    def _filled(self, result: TryOnResult, before: str, pair: Pair) -> dict:
        fitting, behind = self.fitting, self.behind
        after = save_preview(result.image, "after")
        maps = [save_map(result.maps[name], name) for name in MAP_NAMES]
        return {
            self.last: pair,
            fitting.notice: words.notice(result.warnings, "warning"),
            fitting.empty: gr.HTML(visible=False),
            fitting.mirror: gr.ImageSlider((before, after), visible=True),
            fitting.download: gr.DownloadButton(value=save_exact(result.image, "fit-me-up"), visible=True),
            behind.intro: "",
            behind.body: gr.Column(visible=True),
            behind.timings: words.timings_table(result.timings),
            behind.archive: gr.DownloadButton(interactive=False),
            **dict(zip(behind.maps, maps, strict=True)),
        }

    def pack(self, pair: Pair | None) -> Any:
        """Zip the maps of the last run; quick, since the pipeline remembers both."""
        if pair is None:
            return gr.skip()
        person, garment = self.pipeline.prepare_person(pair.person), self.pipeline.prepare_garment(pair.garment)
        return gr.DownloadButton(value=zip_dataset(person, garment), interactive=True)


def launch(demo: gr.Blocks, pipeline: TryOnPipeline, **options: Any) -> None:
    """Serve the page until the process ends; options go to `gr.Blocks.launch`."""
    threading.Thread(target=_forget_regularly, args=(pipeline, threading.Event()), daemon=True).start()
    demo.launch(
        theme=theme(),
        css_paths=CSS_FILE,
        footer_links=["api"],
        run_history=False,
        ssr_mode=False,
        show_error=False,
        max_file_size="50mb",
        state_session_capacity=1000,
        **options,
    )


def _forget_regularly(pipeline: TryOnPipeline, never: threading.Event) -> None:
    """Prepared persons must not outlive their files."""
    while not never.wait(MEMORY_SECONDS):
        pipeline.forget()
