"""Draw the example garments: product pictures, 768×1024, made by code alone and the same on every run.

python examples/draw_garments.py            # writes examples/garments/*.jpg and garments.json
"""

import json
import sys
from pathlib import Path

from garment_details import (
    bound_armholes,
    buttons_down_front,
    camp_front,
    chest_pocket,
    hood,
    kangaroo_pocket,
    polo_collar,
    raglan_seams,
    rolled_neck,
    shirt_front,
)
from garment_drawing import Cut, Design, draw_garment
from garment_fabrics import (
    blocks,
    checks,
    dots,
    flowers,
    heather,
    knit,
    lettering,
    pinstripes,
    plain,
    portrait,
    stripes,
    sunset,
)
from PIL import Image

BOXY = Cut(shoulder=(186, 242), armpit=(172, 412), waist=(172, 600), hem=(178, 834), sleeve=(246, 27, 96))
FITTED = Cut(
    neck=(84, 196),
    neck_depth=70,
    shoulder=(164, 232),
    armpit=(150, 390),
    waist=(138, 570),
    hem=(158, 806),
    sleeve=(190, 24, 76),
    rib=15,
)
LONG = Cut(sleeve=(560, 12.5, 66), hem=(166, 800), shoulder=(170, 236), armpit=(158, 400))
SWEAT = Cut(
    sleeve=(545, 13.5, 66),
    hem=(160, 792),
    shoulder=(184, 244),
    armpit=(172, 420),
    waist=(172, 610),
    rib=22,
    neck_depth=54,
)
SHIRT = Cut(
    sleeve=(560, 12, 66), neck=(64, 190), neck_depth=46, hem=(166, 812), hem_drop=34, shoulder=(172, 236), rib=0
)
TANK = Cut(
    neck=(82, 196),
    neck_depth=132,
    shoulder=(122, 208),
    armpit=(150, 404),
    waist=(142, 580),
    hem=(160, 812),
    sleeve=None,
    rib=13,
)

DESIGNS = (
    Design(
        "logo-tee-white", "Fit Me Up logo tee", "T-shirts", ("white", "logo", "lettering", "crew neck"),
        plain((251, 251, 250)), BOXY, print=lettering(("FIT", "ME", "UP"), (28, 30, 36), 170, 358, (226, 74, 51)),
        seed=1,
    ),
    Design(
        "sunset-tee-navy", "Sunset badge tee", "T-shirts", ("navy", "graphic", "print", "crew neck"),
        plain((31, 42, 68)), BOXY, print=sunset(214, 348), seed=2,
    ),
    Design(
        "basic-tee-black", "Everyday tee", "T-shirts", ("black", "plain", "crew neck"), plain((30, 30, 33)), FITTED,
        seed=3,
    ),
    Design(
        "portrait-tee-sage", "One-line portrait tee", "T-shirts", ("green", "graphic", "print", "crew neck"),
        plain((168, 187, 160)), BOXY, print=portrait((36, 44, 40), (236, 142, 104), 178, 346), seed=4,
    ),
    Design(
        "v-neck-burgundy", "V-neck tee", "T-shirts", ("red", "burgundy", "plain", "v-neck"), plain((124, 26, 48)),
        Cut(neck=(82, 196), neck_depth=150, neck_v=True, shoulder=(166, 234), armpit=(152, 392), waist=(142, 575),
            hem=(158, 812), sleeve=(200, 24, 78), rib=14), seed=5,
    ),
    Design(
        "breton-long-sleeve", "Breton top", "Long sleeves", ("striped", "white", "navy", "boat neck"),
        stripes((246, 244, 238), (32, 44, 82), 26, 11, 92),
        Cut(neck=(96, 200), neck_depth=44, shoulder=(166, 234), armpit=(152, 396), waist=(146, 580), hem=(158, 800),
            sleeve=(510, 13.5, 62), rib=13), trim=plain((246, 244, 238)), seed=6,
    ),
    Design(
        "raglan-baseball", "Baseball raglan", "Long sleeves", ("white", "red", "lettering", "raglan"),
        plain((246, 245, 241)),
        Cut(sleeve=(395, 17, 74), hem=(164, 820), shoulder=(170, 236), armpit=(156, 402), hem_drop=26),
        sleeves=plain((190, 40, 46)), trim=plain((190, 40, 46)), print=lettering(("27",), (190, 40, 46), 150, 400),
        details=(raglan_seams,), seed=7,
    ),
    Design(
        "colour-block-sweatshirt", "Colour-block sweatshirt", "Knitwear", ("teal", "cream", "orange", "colour block"),
        blocks((0, (24, 104, 112)), (424, (240, 229, 206)), (600, (229, 116, 62))), SWEAT,
        sleeves=blocks((0, (24, 104, 112)), (300, (240, 229, 206))), trim=plain((229, 116, 62)), cuffs=52, hem_band=54,
        seed=8,
    ),
    Design(
        "hoodie-lilac", "Kangaroo hoodie", "Knitwear", ("lilac", "purple", "plain", "hood"), heather((164, 146, 196)),
        Cut(neck=(84, 204), neck_depth=70, shoulder=(186, 246), armpit=(176, 424), waist=(176, 612), hem=(162, 800),
            sleeve=(545, 13.5, 68), rib=0),
        cuffs=54, hem_band=56, details=(kangaroo_pocket, hood), seed=9,
    ),
    Design(
        "turtleneck-oat", "Ribbed turtleneck", "Knitwear", ("beige", "oat", "rib knit", "turtleneck"),
        knit((206, 184, 150)),
        Cut(neck=(66, 216), neck_depth=26, shoulder=(164, 244), armpit=(150, 400), waist=(142, 590), hem=(152, 800),
            sleeve=(520, 13, 62), rib=0),
        cuffs=46, hem_band=44, details=(rolled_neck,), seed=10,
    ),
    Design(
        "polo-forest", "Piqué polo", "Shirts", ("green", "plain", "collar", "buttons"), heather((28, 92, 66)),
        Cut(neck=(66, 192), neck_depth=44, shoulder=(172, 236), armpit=(160, 402), hem=(166, 826), rib=0,
            sleeve=(220, 24, 82)),
        cuffs=22, trim=plain((30, 96, 70)), details=(polo_collar,), seed=11,
    ),
    Design(
        "oxford-sky", "Oxford shirt", "Shirts", ("blue", "striped", "collar", "buttons"),
        pinstripes((206, 222, 240), (160, 188, 222), 7, 2.6), SHIRT, cuffs=44, trim=plain((200, 217, 238)),
        details=(shirt_front, chest_pocket), seed=12,
    ),
    Design(
        "flannel-check", "Flannel check shirt", "Shirts", ("red", "checked", "collar", "buttons"),
        checks((178, 40, 42), (30, 28, 34), (236, 214, 160), 58), SHIRT, cuffs=44, details=(shirt_front,), seed=13,
    ),
    Design(
        "camp-hibiscus", "Hibiscus camp shirt", "Shirts", ("teal", "floral", "print", "open collar"),
        flowers((20, 74, 92), ((238, 98, 88), (250, 190, 120), (244, 232, 214)), (66, 142, 108), 5),
        Cut(neck=(70, 192), neck_depth=92, neck_v=True, shoulder=(184, 242), armpit=(172, 414), waist=(172, 600),
            hem=(176, 828), sleeve=(236, 26, 98), rib=0, hem_drop=8),
        details=(camp_front,), seed=14,
    ),
    Design(
        "dot-blouse", "Polka-dot blouse", "Tops", ("navy", "dotted", "scoop neck"),
        dots((34, 40, 78), (240, 238, 232), 30, 5.2),
        Cut(neck=(92, 198), neck_depth=96, shoulder=(164, 232), armpit=(150, 392), waist=(140, 572), hem=(162, 790),
            sleeve=(176, 27, 84), rib=12), trim=plain((34, 40, 78)), seed=15,
    ),
    Design(
        "tank-marigold", "Ribbed tank top", "Tops", ("yellow", "sleeveless", "rib knit", "scoop neck"),
        knit((236, 172, 46), 7), TANK, trim=plain((232, 166, 42)), details=(bound_armholes,), seed=16,
    ),
    Design(
        "crop-coral", "Button crop top", "Tops", ("coral", "pink", "cropped", "buttons"), plain((240, 112, 104)),
        Cut(neck=(96, 250), neck_depth=104, shoulder=(160, 276), armpit=(150, 424), waist=(138, 580), hem=(146, 656),
            hem_drop=10, sleeve=(160, 27, 78), rib=14),
        details=(buttons_down_front,), hem_band=30, seed=17,
    ),
    Design(
        "striped-tee-retro", "Retro stripe tee", "T-shirts", ("cream", "striped", "multicolour", "crew neck"),
        blocks((0, (242, 232, 210)), (352, (214, 84, 58)), (384, (236, 164, 66)), (416, (64, 140, 128)),
               (448, (242, 232, 210))),
        FITTED, sleeves=plain((242, 232, 210)), trim=plain((64, 140, 128)), seed=18,
    ),
)  # fmt: skip


def main(names: list[str]) -> None:
    folder = Path(__file__).parent / "garments"
    folder.mkdir(exist_ok=True)
    for design in DESIGNS:
        if not names or design.id in names:
            picture = Image.fromarray(draw_garment(design))
            picture.save(folder / f"{design.id}.jpg", quality=90, optimize=True)
    rows = [
        {
            "id": design.id,
            "name": design.name,
            "category": design.category,
            "tags": list(design.tags),
            "file": f"{design.id}.jpg",
            "licence": "Apache-2.0",
        }
        for design in DESIGNS
    ]
    (folder / "garments.json").write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
