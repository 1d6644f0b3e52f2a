"""The tab that compares the methods."""

from pathlib import Path

import vton
from tests.ui.driving import PHOTO, click_thumbnail, open_tab, pixels, source, upload, visit, wait_for
from vton.methods import METHODS

CHECKPOINTS = Path(vton.__file__).parents[1] / "checkpoints"


def test_every_method_that_can_run_shows_its_result_and_the_others_say_what_they_lack(page, browser, pipeline):
    visit(browser, page)
    upload(browser, "person", PHOTO)
    click_thumbnail(browser, "garment-strip", 1)
    wait_for(browser, "#mirror img")
    open_tab(browser, "Compare")
    for name in METHODS:
        box = wait_for(browser, f"#choose-{name} input")
        assert box.is_enabled() == (name in pipeline.methods)
        assert box.is_selected() == (name in pipeline.methods)
    shown = wait_for(browser, ".fmu-methods").text
    for name, sentence in pipeline.missing.items():
        assert sentence.split(":")[0] in shown, name
    wait_for(browser, "#compare-go").click()
    for name in pipeline.methods:
        assert (
            "s to fit and paint" in wait_for(browser, f"#compare-{name}-times b", 120).find_element("xpath", "..").text
        )
        warped = pixels(source(browser, f"#compare-{name}-warped img"))
        assert warped.std() > 10
        assert pixels(source(browser, f"#compare-{name}-result img")).std() > 10
    for name in pipeline.missing:
        assert not browser.find_elements("css selector", f"#compare-{name}-result img")


def test_the_table_has_a_row_for_every_method_and_set_of_weights(page, browser):
    visit(browser, page)
    wait_for(browser, "#go")
    open_tab(browser, "Compare")
    rows = wait_for(browser, "#needs table").find_elements("css selector", "tbody tr")
    assert len(rows) == sum(len(method.variants) for method in METHODS.values())
    sizes = sum((CHECKPOINTS / f"{name}.safetensors").stat().st_size for name in ("condition", "image"))
    assert f"{sizes / 1e6:.0f} MB" in rows[0].text
    assert "288 × 384" in rows[0].text


def test_without_pictures_or_methods_it_says_what_to_do(page, browser, pipeline):
    visit(browser, page)
    wait_for(browser, "#go")
    open_tab(browser, "Compare")
    wait_for(browser, "#compare-go").click()
    assert "photo of yourself" in wait_for(browser, "#compare-notice p").text


def test_which_methods_cannot_tuck_a_top_in_is_said(page, browser):
    visit(browser, page)
    upload(browser, "person", PHOTO)
    click_thumbnail(browser, "garment-strip", 1)
    wait_for(browser, "#mirror img")
    wait_for(browser, "#tucked input").click()
    open_tab(browser, "Compare")
    wait_for(browser, "#compare-go").click()
    said = wait_for(browser, "#compare-notice .fmu-warning").text
    assert said.startswith("PF-AFN cannot") and "HR-VITON cannot" not in said
