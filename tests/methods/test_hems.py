from dataclasses import replace

import numpy as np
from tiny_methods import made_up_garment, made_up_person

from vton.labels import Parse
from vton.methods.hems import NOTHING_THERE, hem_of


def test_what_hangs_out_stays_as_it_is():
    garment = made_up_garment()
    assert hem_of(made_up_person(), garment, "ACGPN", False) == (garment, ())


def test_a_top_is_tucked_into_trousers_or_a_dress_that_the_photo_shows():
    person, garment = made_up_person(), replace(made_up_garment(), tucked=True)
    assert hem_of(person, garment, "HR-VITON", True) == (garment, ())
    dressed = np.where(person.parse == Parse.PANTS, Parse.DRESS, person.parse)
    assert hem_of(replace(person, parse=dressed), garment, "HR-VITON", True) == (garment, ())


def test_where_that_cannot_be_it_hangs_out_and_says_so():
    person, garment = made_up_person(), replace(made_up_garment(), tucked=True)
    worn, said = hem_of(person, garment, "ACGPN", False)
    assert not worn.tucked and said[0].startswith("ACGPN cannot")
    above = np.where(person.parse == Parse.PANTS, 0, person.parse)
    worn, said = hem_of(replace(person, parse=above), garment, "HR-VITON", True)
    assert not worn.tucked and said == (NOTHING_THERE,)
