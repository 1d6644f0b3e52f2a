from dataclasses import replace

import numpy as np
from tiny_methods import made_up_garment, made_up_person

from vton.labels import Parse
from vton.methods.hems import NOTHING_THERE, with_hem


def test_what_hangs_out_stays_as_it_is():
    garment = made_up_garment()
    assert with_hem(garment, False, made_up_person(), "ACGPN", False) == (garment, ())


def test_a_top_is_tucked_into_trousers_or_a_dress_that_the_photo_shows():
    person, garment = made_up_person(), made_up_garment()
    worn, said = with_hem(garment, True, person, "HR-VITON", True)
    assert worn.tucked and worn.image is garment.image and not garment.tucked and not said
    dressed = np.where(person.parse == Parse.PANTS, Parse.DRESS, person.parse)
    # What was found out about it is asked for by the garment itself.
    assert with_hem(garment, True, replace(person, parse=dressed), "HR-VITON", True)[0] is worn


def test_where_that_cannot_be_it_hangs_out_and_says_so():
    person, garment = made_up_person(), made_up_garment()
    worn, said = with_hem(garment, True, person, "ACGPN", False)
    assert worn is garment and said[0].startswith("ACGPN cannot")
    above = np.where(person.parse == Parse.PANTS, 0, person.parse)
    assert with_hem(garment, True, replace(person, parse=above), "HR-VITON", True) == (garment, (NOTHING_THERE,))
