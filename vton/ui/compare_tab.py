"""The methods side by side on the visitor's own photo and garment."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from vton import weights
from vton.images import PictureError
from vton.methods import METHODS
from vton.methods.hems import UNABLE
from vton.pipeline import TryOnPipeline
from vton.types import TryOnResult
from vton.ui import words
from vton.ui.files import plain_sentence, save_exact, save_map
from vton.ui.marks import Marks
from vton.ui.try_on_tab import TryOnTab


@dataclass(frozen=True)
class MethodCard:
    """What one method shows: its result, its warped garment, and how long it took."""

    name: str
    wanted: gr.Checkbox
    card: gr.Column
    result: gr.Image
    warped: gr.Image
    times: gr.HTML


@dataclass(frozen=True)
class CompareTab:
    cards: tuple[MethodCard, ...]
    go: gr.Button
    notice: gr.HTML


def build(pipeline: TryOnPipeline) -> CompareTab:
    gr.HTML(words.heading("Which methods?", "Each dresses you in the garment, both as chosen under Try on."))
    with gr.Row(elem_classes="fmu-methods"):
        wanted = {name: _choice(pipeline, name) for name in METHODS}
    go = gr.Button("Compare", variant="primary", size="lg", elem_classes="fmu-go", elem_id="compare-go")
    notice = gr.HTML(elem_id="compare-notice")
    with gr.Row(elem_classes="fmu-compared"):
        cards = tuple(_card(name, box) for name, box in wanted.items())
    gr.HTML(words.needs_table(_is_here), elem_id="needs")
    return CompareTab(cards, go, notice)


def _is_here(checkpoint: str) -> bool:
    return weights.locate(weights.CHECKPOINTS_BY_NAME[checkpoint]) is not None


def _choice(pipeline: TryOnPipeline, name: str) -> gr.Checkbox:
    can_run = name in pipeline.methods
    with gr.Column(elem_classes="fmu-method" if can_run else "fmu-method fmu-absent", min_width=200):
        box = gr.Checkbox(
            can_run, label=METHODS[name].title, interactive=can_run, container=False, elem_id=f"choose-{name}"
        )
        gr.HTML(words.method_line(name, pipeline.missing.get(name)))
    return box


def _card(name: str, wanted: gr.Checkbox) -> MethodCard:
    title = METHODS[name].title
    with gr.Column(visible=False, elem_classes="fmu-card", elem_id=f"compare-{name}", min_width=240) as card:
        gr.HTML(f"<h3>{title}</h3>", elem_classes="fmu-caption")
        result = _picture(f"You in the garment, by {title}", f"compare-{name}-result")
        warped = _picture(f"The garment as {title} bends it", f"compare-{name}-warped")
        times = gr.HTML(elem_classes="fmu-caption", elem_id=f"compare-{name}-times")
    return MethodCard(name, wanted, card, result, warped, times)


def _picture(alt: str, elem_id: str) -> gr.Image:
    return gr.Image(
        show_label=False, interactive=False, buttons=["download", "fullscreen"], elem_id=elem_id, alt_text=alt
    )


def connect(tab: CompareTab, fitting: TryOnTab, marks: gr.State, pipeline: TryOnPipeline) -> None:
    """Run the chosen methods one after the other; each shows up as soon as it is done."""
    outputs = [tab.notice, *(part for card in tab.cards for part in (card.card, card.result, card.warped, card.times))]

    def compare(person: str | None, garment: str | None, current: Marks, tucked: bool, *wanted: bool) -> Iterator[dict]:
        chosen = [card for card, is_wanted in zip(tab.cards, wanted, strict=True) if is_wanted]
        sentence = _what_lacks(person, garment, chosen)
        if sentence:
            yield {tab.notice: words.notice([sentence], "good")}
            return
        yield {tab.notice: words.notice(_what_hangs_out(chosen, tucked), "warning"), **_emptied(tab.cards, chosen)}
        for card in chosen:
            try:
                made = pipeline(
                    person,
                    garment,
                    method=card.name,
                    at=current.at_in(person),
                    clicks=current.clicks_on(garment),
                    tucked=tucked,
                )
            except PictureError as error:
                yield {tab.notice: words.notice([plain_sentence(error, person, garment)], "error")}
                return
            yield _filled(card, made)

    def _what_hangs_out(chosen: list[MethodCard], tucked: bool) -> list[str]:
        unable = [card.name for card in chosen if tucked and not pipeline.tucks(card.name)]
        return [UNABLE.format(METHODS[name].title) for name in unable]

    tab.go.click(
        compare,
        [fitting.person, fitting.garment, marks, fitting.tucked, *(card.wanted for card in tab.cards)],
        outputs,
        show_progress="hidden",
        concurrency_limit=2,
        concurrency_id="try-on",
        api_visibility="private",
    )


def _what_lacks(person: str | None, garment: str | None, chosen: list[MethodCard]) -> str:
    if not person or not garment:
        return f"Choose {'a photo of yourself' if not person else 'a garment'} under Try on, then compare."
    return "" if chosen else "Tick at least one method."


def _emptied(cards: tuple[MethodCard, ...], chosen: list[MethodCard]) -> dict[Any, Any]:
    updates: dict[Any, Any] = {}
    for card in cards:
        updates |= {card.card: gr.Column(visible=card in chosen), card.result: None, card.warped: None}
        updates[card.times] = words.WAITING
    return updates


def _filled(card: MethodCard, made: TryOnResult) -> dict[Any, Any]:
    return {
        card.result: save_exact(made.image, f"{card.name}-result"),
        card.warped: save_map(made.maps["warped_garment"], "warped_garment"),
        card.times: words.method_times(made.timings) + words.method_verdict(made.verdict),
    }
