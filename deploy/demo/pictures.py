"""An illustration for every demo product: no photograph, no real brand, always the same."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from PIL import Image

from deploy.demo.drawing import (
    fruit,
    grain,
    meat,
    packed,
    roots,
    sea,
    shellfish,
    vegetables,
)
from deploy.demo.drawing.painting import NEAR, Canvas, Colour, oval
from deploy.demo.drawing.scenery import BARE, scene
from deploy.demo.records import Product

NOTICE = "Ảnh minh họa"

Plain = Callable[[Canvas, Random, Colour], None]
Branded = Callable[[Canvas, Random, Colour, str], None]


@dataclass(frozen=True)
class Motif:
    """How goods of a category are shown; `surfaces` are one of which they lie on."""

    tint: Colour
    place: str
    surfaces: tuple[str, ...]
    plain: Plain | None = None
    packed: Branded | None = None


def _plain(draw: Plain, tint: Colour, place: str, *surfaces: str) -> Motif:
    return Motif(tint, place, surfaces, plain=draw)


def _packed(draw: Branded, tint: Colour, place: str, *surfaces: str) -> Motif:
    return Motif(tint, place, surfaces or (BARE,), packed=draw)


MOTIFS = {
    "squid": _plain(sea.squid, (226, 178, 176), "bay", "board", "tray", "plate"),
    "fish": _plain(sea.fish, (112, 148, 172), "bay", "board", "leaf", "tray"),
    "shrimp": _plain(shellfish.shrimp, (240, 140, 96), "bay", "plate", "leaf", "tray"),
    "crab": _plain(shellfish.crab, (84, 128, 160), "bay", "tray", "leaf"),
    "oyster": _plain(shellfish.oyster, (150, 146, 144), "bay", "plate", "tray"),
    "clam": _plain(shellfish.clam, (206, 178, 146), "bay", "tray", "plate"),
    "octopus": _plain(sea.octopus, (206, 128, 124), "bay", "plate"),
    "sandworm": _plain(sea.sandworm, (232, 172, 156), "bay", "leaf", "plate"),
    "squid-cake": _plain(sea.patties, (222, 164, 84), "bay", "plate", "leaf", "board"),
    "fish-cake": _plain(sea.patties, (214, 178, 120), "bay", "leaf"),
    "dried-squid": _plain(sea.dried_squid, (222, 150, 96), "bay", "tray", "board"),
    "dried-fish": _plain(sea.dried_fish, (226, 164, 78), "bay", "tray"),
    "dried-shrimp": _plain(shellfish.dried_shrimp, (232, 116, 74), "bay", "tray"),
    "jellyfish": _plain(shellfish.jellyfish, (226, 120, 96), "bay", BARE),
    "floss": _packed(packed.floss, (214, 166, 104), "bay"),
    "fish-sauce": _packed(packed.bottles, (168, 84, 34), "bay"),
    "sauce": _packed(packed.jars, (142, 74, 52), "bay"),
    "spice": _plain(roots.spice, (140, 84, 50), "hills", "board", "tray"),
    "chicken": _plain(meat.hen, (214, 150, 74), "hills", BARE),
    "duck": _plain(meat.duck, (176, 152, 124), "hills", BARE),
    "pork": _plain(meat.pork, (206, 96, 88), "hills", "board", "leaf"),
    "eggs": _plain(meat.eggs, (228, 178, 136), "hills", "tray", "plate"),
    "honey": _packed(packed.honey, (236, 166, 44), "hills"),
    "ham": _plain(meat.ham, (236, 206, 188), "field", "board", "leaf"),
    "sausage": _plain(meat.sausages, (186, 70, 58), "field", "board", "leaf"),
    "custard-apple": _plain(fruit.custard_apple, (166, 192, 116), "hills", "tray", "leaf", "board"),
    "lychee": _plain(fruit.lychee, (208, 64, 60), "hills", "tray", "plate"),
    "citrus": _plain(fruit.citrus, (244, 162, 46), "hills", "tray", "board", "plate"),
    "guava": _plain(fruit.guava, (176, 206, 106), "hills", "tray"),
    "dragon-fruit": _plain(fruit.dragon_fruit, (222, 62, 108), "hills", "board"),
    "apricot": _plain(fruit.apricot, (244, 184, 78), "hills", "tray"),
    "candied-fruit": _packed(packed.jars, (196, 128, 52), "hills"),
    "leafy": _plain(vegetables.leafy, (110, 164, 84), "field", "board", "tray"),
    "fruit-vegetable": _plain(vegetables.tomato, (218, 62, 48), "field", "tray"),
    "radish": _plain(vegetables.radish, (236, 234, 222), "field", "board", "tray"),
    "tuber": _plain(roots.tuber, (196, 112, 96), "field", "tray", "board", "leaf"),
    "mushroom": _plain(vegetables.mushroom, (206, 190, 168), "field", "board", "tray", "plate"),
    "bamboo-shoot": _plain(vegetables.bamboo_shoot, (198, 176, 110), "hills", "board"),
    "pickle": _packed(packed.jars, (226, 200, 120), "field"),
    "rice": _plain(grain.rice, (236, 226, 206), "field", BARE),
    "vermicelli": _plain(grain.vermicelli, (214, 204, 180), "hills", "tray", "board"),
    "rice-cake": _plain(grain.rice_rolls, (244, 240, 230), "field", "leaf", "board"),
    "peanut": _plain(roots.peanut, (196, 92, 78), "field", "tray", "plate"),
    "oil": _packed(packed.bottles, (214, 186, 70), "hills"),
    "tea": _plain(grain.tea, (122, 168, 92), "hills", "board"),
    "golden-camellia": _plain(grain.camellia, (248, 206, 66), "hills", "leaf", "tray"),
    "ba-kich": _plain(roots.roots, (150, 106, 96), "hills", "tray", "board"),
    "supplement": _packed(packed.capsules, (120, 150, 84), "hills"),
    "wine": _packed(packed.bottles, (214, 176, 96), "hills"),
    "syrup": _packed(packed.bottles, (226, 150, 62), "hills"),
    "water": _packed(packed.water, (186, 220, 236), "bay"),
}
# Products that look different from the others of their category.
OWN_TINT: dict[str, Colour] = {
    "buoi-dien-an-sinh": (222, 206, 92),
    "buoi-da-xanh-duong-huy": (150, 190, 92),
    "khoai-lang-dien-xa": (140, 84, 128),
    "khoai-lang-hiep-hoa": (214, 150, 96),
    "ruou-nep-cam": (122, 52, 84),
    "ruou-sim-hai-son": (130, 54, 92),
    "ruou-ba-kich": (122, 72, 112),
    "ruou-bau-bang-ca": (232, 226, 206),
    "mat-sim-hai-son": (116, 48, 84),
    "dau-hao-bien-bac": (84, 50, 40),
    "mam-tep-van-don": (190, 92, 92),
    "sua-muoi-vinh-thuc": (232, 150, 150),
    "dua-chuot-hoang-que": (112, 162, 74),
    "khoai-so-quang-tan": (150, 116, 90),
    "hat-so-kho": (112, 78, 58),
    "lon-mong-cai-hoi": (58, 50, 56),
    "lon-hoi-doi-thong": (196, 138, 128),
    "cu-dong-rieng-luc-hon": (162, 112, 96),
    "cu-dong-rieng-dong-van": (150, 104, 84),
    "tinh-bot-dong-dong-van": (206, 160, 110),
    "linh-chi-ven-doi": (158, 70, 46),
    "moc-nhi-ven-doi": (104, 82, 78),
    "ga-ban-dam-ha": (176, 84, 52),
    "cao-ba-kich": (140, 86, 120),
    "moi-tra-co": (240, 188, 172),
    "ca-thu-co-to": (96, 120, 156),
}
OWN_DRAWING: dict[str, Plain] = {
    "dua-chuot-hoang-que": vegetables.cucumber,
    "bap-cai-hiep-hoa": vegetables.cabbage,
    "su-hao-hiep-hoa": vegetables.kohlrabi,
    "banh-da-vung": grain.rice_paper,
    "banh-da-nuong": grain.rice_paper,
    "khoai-so-quang-tan": roots.round_tuber,
    "cu-dong-rieng-luc-hon": roots.round_tuber,
    "cu-dong-rieng-dong-van": roots.round_tuber,
    "nem-chua-quang-yen": meat.leaf_rolls,
    "hat-so-kho": roots.round_tuber,
    "lon-mong-cai-hoi": meat.pig,
    "lon-hoi-doi-thong": meat.pig,
}


def picture(product: Product) -> Image.Image:
    """The illustration of a product, 800 × 600; the same product always looks the same."""
    chance = Random(product.key)  # noqa: S311 - chance for looks, not for secrets
    motif = MOTIFS[product.category]
    tint = _shade(OWN_TINT.get(product.key, motif.tint), chance)
    plain = OWN_DRAWING.get(product.key, motif.plain)
    surfaces = (BARE,) if plain is meat.pig else motif.surfaces
    paint = scene(chance, motif.place, chance.choice(surfaces))
    if plain is not None:
        plain(paint, chance, tint)
        if chance.random() < 0.5:
            paint.mirror()
    elif motif.packed is not None:
        motif.packed(paint, chance, tint, product.brand or product.name)
    _notice(paint)
    return paint.finished()


def jpeg(product: Product) -> bytes:
    """The illustration as a JPEG file."""
    file = io.BytesIO()
    picture(product).save(file, "JPEG", quality=86, optimize=True)
    return file.getvalue()


def _shade(tint: Colour, chance: Random) -> Colour:
    """A little lighter or darker, hardly warmer or colder."""
    light = chance.randint(-12, 8)
    red, green, blue = (max(0, min(255, part + light + chance.randint(-3, 3))) for part in tint)
    return red, green, blue


def _notice(paint: Canvas) -> None:
    """Says on the picture itself that it is no photograph."""
    x, y = NEAR[2] - 74, NEAR[3] - 24
    bar = [(x - 48, y - 12), (x + 48, y - 12), (x + 48, y + 12), (x - 48, y + 12)]
    for shape in (bar, oval(x - 48, y, 12, 12), oval(x + 48, y, 12, 12)):
        paint.flat(shape, (255, 255, 255))
    paint.words(NOTICE, x, y, 13, (70, 66, 74))
