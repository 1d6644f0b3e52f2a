"""Clicks belong to the picture on which they were made."""

from vton.preprocess.garment_clicks import Click


def test_another_picture_makes_clicks_void():
    from vton.ui.marks import Marks

    click = Click(0.5, 0.25, True)
    marks = Marks().choosing("me.jpg", (0.2, 0.3)).clicking("tee.jpg", (click,))
    assert marks.at_in("me.jpg") == (0.2, 0.3)
    assert marks.clicks_on("tee.jpg") == (click,)
    assert marks.at_in("you.jpg") is None
    assert marks.clicks_on("polo.jpg") == ()
