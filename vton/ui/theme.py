"""How the page looks: a tailor's bench in bottle green, chalk and measuring-tape yellow."""

from pathlib import Path

import gradio as gr

CSS_FILE = Path(__file__).with_name("theme.css")

_CHALK = gr.themes.Color(
    name="chalk",
    c50="#f7f9f6",
    c100="#eef2ee",
    c200="#dde4de",
    c300="#c3cec6",
    c400="#93a399",
    c500="#66796e",
    c600="#4a5c52",
    c700="#33443b",
    c800="#1d2c25",
    c900="#12201a",
    c950="#0b1511",
)
_TAPE = gr.themes.Color(
    name="tape",
    c50="#fff9df",
    c100="#fff0b3",
    c200="#ffe680",
    c300="#ffdc4d",
    c400="#ffd326",
    c500="#f9c80e",
    c600="#d6a800",
    c700="#9c7a00",
    c800="#6b5400",
    c900="#453600",
    c950="#2a2100",
)
_BOTTLE = gr.themes.Color(
    name="bottle",
    c50="#eaf5ef",
    c100="#cfe8db",
    c200="#a2d2ba",
    c300="#6fb796",
    c400="#3f9973",
    c500="#217c58",
    c600="#146245",
    c700="#0f4d37",
    c800="#0d3b2b",
    c900="#0a2c21",
    c950="#061c15",
)


def theme() -> gr.themes.Base:
    """Fonts come with gradio itself, so the page looks the same without a network.

    Of the fonts in its package only a few cover Latin letters; these three do.
    """
    return gr.themes.Base(
        primary_hue=_TAPE,
        secondary_hue=_BOTTLE,
        neutral_hue=_CHALK,
        radius_size=gr.themes.sizes.radius_md,
        font=(
            gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)),
            gr.themes.LocalFont("Montserrat", weights=(400, 700)),
            "system-ui",
            "sans-serif",
        ),
        font_mono=(gr.themes.LocalFont("IBM Plex Mono", weights=(400,)), "ui-monospace", "monospace"),
    ).set(
        body_background_fill="*neutral_100",
        body_background_fill_dark="*neutral_950",
        body_text_color="*neutral_900",
        body_text_color_dark="*neutral_100",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        background_fill_primary="white",
        background_fill_primary_dark="*neutral_900",
        background_fill_secondary="*neutral_50",
        background_fill_secondary_dark="*neutral_800",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_700",
        block_border_width="1px",
        block_shadow="none",
        block_label_background_fill="white",
        block_label_background_fill_dark="*neutral_800",
        block_label_text_color="*secondary_700",
        block_label_text_color_dark="*secondary_200",
        block_title_text_color="*secondary_800",
        block_title_text_color_dark="*secondary_100",
        border_color_primary="*neutral_200",
        border_color_primary_dark="*neutral_700",
        border_color_accent="*secondary_500",
        color_accent="*secondary_600",
        color_accent_soft="*secondary_50",
        color_accent_soft_dark="*secondary_900",
        loader_color="*secondary_500",
        link_text_color="*secondary_600",
        link_text_color_dark="*secondary_200",
        input_background_fill="white",
        input_background_fill_dark="*neutral_800",
        input_border_color="*neutral_300",
        input_border_color_dark="*neutral_600",
        input_border_color_focus="*secondary_500",
        button_primary_background_fill="*primary_400",
        button_primary_background_fill_hover="*primary_300",
        button_primary_background_fill_dark="*primary_400",
        button_primary_background_fill_hover_dark="*primary_300",
        button_primary_text_color="*secondary_950",
        button_primary_text_color_dark="*secondary_950",
        button_primary_border_color="*primary_500",
        button_primary_border_color_dark="*primary_500",
        button_secondary_background_fill="white",
        button_secondary_background_fill_hover="*secondary_50",
        button_secondary_background_fill_dark="*neutral_800",
        button_secondary_background_fill_hover_dark="*neutral_700",
        button_secondary_text_color="*secondary_800",
        button_secondary_text_color_dark="*secondary_100",
        button_secondary_border_color="*neutral_300",
        button_secondary_border_color_dark="*neutral_600",
        button_border_width="1px",
        checkbox_label_background_fill_selected="*secondary_700",
        checkbox_label_background_fill_selected_dark="*secondary_600",
        checkbox_label_text_color_selected="white",
        checkbox_label_text_color_selected_dark="white",
    )
