"""Clicks on the pictures of the page: on a garment's outline, and on one of several people."""

import numpy as np
from PIL import Image

from tests.ui.driving import (
    PHOTO,
    click_picture,
    click_thumbnail,
    open_tab,
    pixels,
    source,
    upload,
    visit,
    wait_for,
    wait_until,
)


def open_outline(browser) -> str:
    """The address of the garment's picture with its outline.

    A garment that has just been chosen still closes the step, so that it may have to be opened once more.
    """
    opened = """
        const button = document.querySelector('#outline button');
        if (!button.classList.contains('open')) button.click();
        return document.querySelector('#outline-picture img')?.offsetParent;
    """
    wait_until(lambda: browser.execute_script(opened))
    return source(browser, "#outline-picture img")


def test_a_click_corrects_the_outline_undo_takes_it_back_and_the_try_on_uses_it(page, browser):
    visit(browser, page)
    upload(browser, "person", PHOTO)
    click_thumbnail(browser, "garment-strip", 1)
    wait_for(browser, "#mirror img")
    first = open_outline(browser)

    click_picture(browser, "#outline-picture img", 0.1, 0.05)
    second = wait_until(lambda: (now := source(browser, "#outline-picture img")) != first and now)
    wait_for(browser, "#outline-undo").click()
    third = wait_until(lambda: (now := source(browser, "#outline-picture img")) != second and now)
    assert np.abs(pixels(first) - pixels(second)).max() > 60
    assert np.array_equal(pixels(first), pixels(third))

    browser.execute_script("document.querySelectorAll('#outline-kind input')[1].click()")
    click_picture(browser, "#outline-picture img", 0.5, 0.5)
    wait_until(lambda: source(browser, "#outline-picture img") != third)
    before = source(browser, "#mirror img")
    wait_for(browser, "#outline-go").click()
    wait_until(lambda: source(browser, "#mirror img") != before)
    open_tab(browser, "Steps")
    mask = pixels(source(browser, "#map-garment_mask img"))
    assert mask[mask.shape[0] // 2, mask.shape[1] // 2].max() < 60, "what was taken away is still in the mask"


def test_another_garment_closes_the_step_and_has_no_clicks(page, browser):
    visit(browser, page)
    click_thumbnail(browser, "garment-strip", 1)
    wait_for(browser, "#garment img")
    first = open_outline(browser)
    click_picture(browser, "#outline-picture img", 0.1, 0.05)
    second = wait_until(lambda: (now := source(browser, "#outline-picture img")) != first and now)
    click_thumbnail(browser, "garment-strip", 2)
    wait_until(
        lambda: not browser.execute_script("return document.querySelector('#outline-picture img')?.offsetParent")
    )
    third = open_outline(browser)
    corner = np.s_[:80, :80]
    assert np.ptp(pixels(second)[corner]) > 100
    assert np.ptp(pixels(third)[corner]) < 60


def test_of_several_people_the_one_who_is_clicked_on_is_dressed(page, browser, tmp_path):
    people = [Image.open(PHOTO.with_name(f"rendered-{number}.jpg")).resize((600, 800)) for number in (1, 2)]
    crowd = Image.new("RGB", (1200, 800))
    for number, person in enumerate(people):
        crowd.paste(person, (600 * number, 0))
    crowd.save(tmp_path / "crowd.png")
    original = np.asarray(crowd, int)

    visit(browser, page)
    upload(browser, "person", tmp_path / "crowd.png")
    click_thumbnail(browser, "garment-strip", 1)
    assert "Several people" in wait_for(browser, "#choose-person").text

    def changes() -> tuple[float, float]:
        """How much is changed in the left half and in the right."""
        wait_for(browser, "#mirror img")
        address = browser.execute_script("return [...document.querySelectorAll('#mirror img')].map(i => i.src)")
        changed = np.max([np.abs(pixels(one) - original).max(2) > 40 for one in address], axis=0).mean(0)
        return changed[:600].mean(), changed[600:].mean()

    left, right = changes()
    first_is_left = left > right
    assert max(left, right) > 10 * min(left, right) + 0.01
    before = source(browser, "#mirror img")
    click_picture(browser, "#people img", 0.75 if first_is_left else 0.25, 0.5)
    wait_until(lambda: source(browser, "#mirror img") != before)
    left, right = changes()[:: -1 if first_is_left else 1]
    assert left > 10 * right + 0.01
