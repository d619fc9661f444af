"""What the demo model has words for: concepts with their names, and how the classes of pictures relate to them."""

import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from ..shared import Leaf, relation_table

FASHION = [
    ["t-shirt/top", "t-shirt", "t-shirt", "t shirt", "tshirt", "tee shirt", "tee", "t-shirt or top", "top"],
    ["trouser", "trousers", "pants", "pair of trousers", "pair of pants", "jeans", "slacks", "leggings"],
    ["pullover", "pullover", "sweater", "jumper", "jersey", "sweatshirt", "pull-over", "knitted sweater"],
    ["dress", "dress", "dresses", "gown", "frock", "summer dress", "evening dress", "woman's dress"],
    ["coat", "coat", "overcoat", "winter coat", "jacket", "trench coat", "long coat"],
    ["sandal", "sandals", "flip-flop", "flip flops", "open shoe", "slipper", "high heel sandal", "summer shoe"],
    ["shirt", "shirt", "button-up shirt", "dress shirt", "blouse", "collared shirt", "button-down shirt"],
    ["sneaker", "sneakers", "trainer", "running shoe", "sports shoe", "tennis shoe", "gym shoe", "athletic shoe"],
    ["bag", "handbag", "purse", "shoulder bag", "tote bag", "satchel", "hand bag", "carrier bag", "briefcase"],
    ["ankle boot", "ankle boots", "boot", "boots", "ankle-boot", "leather boot", "short boot", "bootie"],
]

# Wide words: key, names, folder prefixes of the stamps.
WIDE = {
    "animal": ("animal|creature|living animal|wild animal|beast", ["animals/", "seasonal/easter/b", "seasonal/easter/chick", "seasonal/halloween/b", "seasonal/halloween/spider", "seasonal/christmas/rudolf"]),
    "bird": ("bird|feathered bird|flying bird", ["animals/birds/", "seasonal/easter/chick", "seasonal/easter/bluebird"]),
    "fish": ("fish|sea fish|swimming fish", ["animals/fish/"]),
    "insect": ("insect|bug|small crawling animal", ["animals/insects/", "seasonal/easter/butterfly", "seasonal/halloween/spider"]),
    "mammal": ("mammal|furry animal|four-legged animal", ["animals/mammals/", "animals/marsupials/", "seasonal/christmas/rudolf", "seasonal/easter/bunny", "seasonal/halloween/bat", "seasonal/halloween/blackcat"]),
    "food": ("food|something to eat|meal|snack", ["food/", "seasonal/christmas/Mince", "seasonal/christmas/Roast", "seasonal/christmas/Christmas_pudding", "seasonal/christmas/Candy", "seasonal/christmas/candy", "seasonal/christmas/hard_candy", "seasonal/easter/wrapped"]),
    "fruit": ("fruit|piece of fruit|fresh fruit", ["food/fruit/"]),
    "vegetable": ("vegetable|fresh vegetable", ["food/vegetables/"]),
    "nut": ("nut|nuts and seeds", ["food/nuts/"]),
    "cake": ("cake|dessert|sweet dessert", ["food/dessert/"]),
    "plant": ("plant|vegetation", ["plants/"]),
    "flower": ("flower|blossom|bloom", ["plants/flowers/", "seasonal/easter/daffodil"]),
    "tree": ("tree|branch of a tree", ["plants/trees/", "seasonal/christmas/Christmas_Tree", "seasonal/christmas/tree"]),
    "mushroom": ("mushroom|fungus|toadstool", ["plants/mushrooms/", "plants/toadstool", "food/vegetables/mushroom"]),
    "vehicle": ("vehicle|means of transport|motor vehicle", ["vehicles/", "military/vehicles/b", "military/vehicles/i", "military/vehicles/f", "military/vehicles/m"]),
    "car": ("car|automobile|motor car", ["vehicles/auto/beetle", "vehicles/auto/s", "vehicles/race/", "vehicles/emergency/sedan"]),
    "truck": ("truck|lorry|big truck", ["vehicles/auto/truck", "vehicles/blue_truck", "vehicles/toy_truck", "vehicles/iso_lorry", "vehicles/iso_fire", "vehicles/garbagetruck", "vehicles/emergency/fire", "vehicles/emergency/cartoon/", "vehicles/construction/"]),
    "train": ("train|railway carriage|railroad car|railway train", ["vehicles/locomotive/"]),
    "ship": ("ship|boat|sailing ship", ["vehicles/ship/"]),
    "aircraft": ("airplane|plane|aircraft|aeroplane|flying machine", ["vehicles/flight/", "military/vehicles/f22", "military/vehicles/mustang"]),
    "bus": ("bus|autobus|coach", ["vehicles/masstransit/", "vehicles/iso_bus"]),
    "bicycle": ("bicycle|bike|cycle", ["vehicles/cycle/blue", "vehicles/cycle/pink"]),
    "clothing": ("clothing|clothes|piece of clothing|garment|apparel|something to wear", ["clothes/", "seasonal/christmas/santahat", "seasonal/christmas/elfhat", "seasonal/newyears/party-hat"]),
    "shoe": ("shoe|shoes|footwear|pair of shoes", ["clothes/hikingboot", "clothes/red_highheel"]),
    "hat": ("hat|cap|headgear", ["clothes/hats/", "clothes/t_baseballcap", "seasonal/christmas/santahat", "seasonal/christmas/elfhat", "seasonal/newyears/party-hat"]),
    "glasses": ("glasses|spectacles|sunglasses", ["clothes/glasses", "clothes/sunglasses"]),
    "building": ("building|house|architecture|home", ["town/houses/", "town/cartoon/watch_tower", "town/cartoon/ruins"]),
    "flag": ("flag|banner", ["town/flags/"]),
    "monument": ("monument|landmark|statue or monument", ["town/monuments/", "seasonal/halloween/grave"]),
    "grave": ("gravestone|grave|tombstone|headstone", ["seasonal/halloween/grave", "town/monuments/cartoon/graveyard"]),
    "road sign": ("road sign|traffic sign|street sign|traffic light or sign", ["town/roadsigns/"]),
    "symbol": ("symbol|sign|glyph", ["symbols/"]),
    "letter": ("letter|letter of the alphabet|alphabet letter|character", ["symbols/alphabets/english", "symbols/alphabets/german", "symbols/alphabets/spanish"]),
    "number": ("number|digit|numeral|figure", ["symbols/math/0", "symbols/math/1", "symbols/math/2", "symbols/math/3", "symbols/math/4", "symbols/math/5", "symbols/math/6", "symbols/math/7", "symbols/math/8", "symbols/math/9"]),
    "hand sign": ("hand sign|sign language|finger spelling|hand", ["symbols/alphabets/asl"]),
    "math sign": ("math sign|mathematical operator|arithmetic sign", ["symbols/math/operators"]),
    "music note": ("musical note|sheet music|music notation", ["symbols/music/"]),
    "chess": ("chess piece|chess figure|chess", ["symbols/chess/"]),
    "money": ("money|currency|cash", ["symbols/money/"]),
    "coin": ("coin|metal coin|coins", ["symbols/money/canadian", "symbols/money/euro", "symbols/money/japanese", "symbols/money/us"]),
    "face": ("face|smiley|facial expression", ["symbols/faces/", "people/body_parts/girlface", "people/body_parts/head"]),
    "music": ("musical instrument|instrument|music instrument", ["hobbies/music/"]),
    "guitar": ("guitar|string instrument", ["hobbies/music/string/guitar"]),
    "household": ("household object|household item|thing in the house", ["household/"]),
    "dishes": ("dishes|kitchen utensil|tableware|crockery", ["household/dishes/", "household/kettle"]),
    "tool": ("tool|tools|hand tool|workshop tool", ["household/tools/"]),
    "electronics": ("electronic device|electronics|gadget|computer equipment", ["household/electronics/", "hobbies/camera"]),
    "pen": ("pen|pencil|writing tool|art supplies", ["household/arttools/p", "household/arttools/P", "household/arttools/b", "household/arttools/high"]),
    "medical": ("medical equipment|medicine|medical thing", ["medical/"]),
    "military": ("military equipment|army|weapon", ["military/ammunition", "military/vehicles/b", "military/vehicles/i", "military/vehicles/w", "military/longsword", "military/paratrooper"]),
    "person": ("person|human|man or woman|people", ["people/fireman", "people/cartoon/girl", "people/cartoon/man", "people/cartoon/woman", "military/fireman", "space/spacewalk", "seasonal/christmas/Santa"]),
    "body part": ("body part|part of the body", ["people/body_parts/", "medical/tooth", "symbols/shapes/hand"]),
    "planet": ("planet|planets|celestial body|heavenly body", ["space/planets/", "space/moon/"]),
    "space": ("space|outer space|astronomy", ["space/"]),
    "rocket": ("rocket|spaceship|spacecraft", ["space/rocket", "space/toyrocket", "space/apollo", "space/voyager"]),
    "ball": ("ball|sports ball", ["sports/australian", "sports/basket", "sports/cricket", "sports/football", "sports/soccer", "sports/tennis_ball", "sports/cartoon/volley"]),
    "sport": ("sport|sports equipment|sports", ["sports/"]),
    "christmas": ("christmas|christmas decoration|xmas", ["seasonal/christmas/"]),
    "halloween": ("halloween|spooky thing", ["seasonal/halloween/"]),
    "easter": ("easter|easter decoration", ["seasonal/easter/"]),
    "hanukkah": ("hanukkah|jewish holiday", ["seasonal/hanukkah/"]),
    "new year": ("new year|party|celebration", ["seasonal/newyears/"]),
    "fire": ("fire|flames|explosion", ["naturalforces/fire", "naturalforces/explosion"]),
}
# Wide words of the drawn material (see material.py).
DRAWN_WIDE = {
    "nothing": "nothing|an empty picture|blank picture|nothing at all|background|empty frame|blank screen|plain background",
    "pattern": "pattern|test pattern|regular pattern|texture|abstract pattern",
    "shape": "shape|geometric shape|simple shape|geometric figure",
    "text": "text|writing|written words|words on a screen|lines of text|caption",
}
COLOURS = {"black": (0, 0, 0), "white": (255, 255, 255), "gray": (128, 128, 128), "red": (220, 20, 20),
           "green": (20, 170, 40), "blue": (20, 50, 220), "yellow": (250, 225, 20), "orange": (250, 140, 10),
           "purple": (130, 20, 160), "pink": (255, 150, 190), "brown": (120, 70, 25), "cyan": (30, 215, 225)}
SHAPES = ["circle", "square", "triangle", "ring", "cross", "rectangle", "line", "diamond"]
SHAPE_COLOURS = ["white", "red", "green", "blue", "yellow", "black"]
PATTERNS = {"checkerboard": "checkerboard|chessboard pattern|checkered pattern|checks", "stripes": "stripes|striped pattern|parallel lines",
            "dots": "dots|dotted pattern|polka dots", "grid": "grid|grid of lines|mesh",
            "color bars": "color bars|test card|colour bars|tv test pattern|television test card"}
EMPTIES = {"gradient": "gradient|color gradient|smooth gradient|colour gradient", "noise": "noise|static|tv static|random noise|snow on the screen|television noise"}
DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

# Stamps whose first line is a sentence rather than a name, by file stem.
STAMP_NAMES = {
    "penguin_with_spider": "penguin with a spider", "pengwin": "cartoon penguin", "tux": "tux penguin", "bluegroper": "blue groper",
    "lionfish": "lionfish", "lobster": "lobster", "hoverfly": "hoverfly", "broccoli": "broccoli", "corn": "corn", "tomato": "tomato",
    "toilet": "toilet", "wheelie_bin": "wheelie bin", "stethoscope": "stethoscope", "old_naval_shell": "cannon shell",
    "final-roll-call": "soldiers memorial", "bradley": "armored vehicle", "infantry-stryker": "armored vehicle", "ww2_german_gun": "cannon",
    "explosion": "explosion", "fire": "fire", "grannysmith": "rag doll", "Candy_cane_photo_1": "candy cane", "Candy_cane_photo_2": "candy cane",
    "Christmas_pudding": "christmas pudding", "German_Christmas_toy": "wooden smoking man", "Mince_Pie": "mince pie", "Roast_turkey": "roast turkey",
    "hard_candy": "hard candy", "wrapped_chocolate_easter_egg": "chocolate egg", "wrapped_chocolate_easter_egg_2": "chocolate egg",
    "menorah": "menorah", "0_sun": "sun", "1_mercury": "planet mercury", "2_venus": "planet venus", "3_earth": "earth", "4_mars": "planet mars",
    "5_jupiter": "planet jupiter", "6_saturn": "planet saturn", "7_uranus": "planet uranus", "8_neptune": "planet neptune", "9_pluto": "planet pluto",
    "spacewalk": "astronaut", "voyager2": "space probe", "apollo_lander": "lunar lander", "moon_3qt": "moon", "moon_crescent": "crescent moon",
    "moon_full": "full moon", "football_helmet_front": "football helmet", "football_helmet_side": "football helmet",
    "australian_rules_football": "australian football", "recycle": "recycling symbol", "docks": "docks", "fountain": "fountain",
    "ruins": "castle in ruins", "blacksmith": "blacksmith shop", "cave_entrance": "cave", "hunter": "hunter's house", "eiffel_tower": "eiffel tower",
    "inukshuk-outline": "inukshuk", "inukshuk-photo": "inukshuk", "dead_end_sign": "dead end sign", "give_way_sign": "yield sign", "yield": "yield sign",
    "no_entry_sign": "no entry sign", "roundabout": "roundabout sign", "school_sign": "school sign", "stop": "stop sign",
    "stoplight_01_red": "red traffic light", "stoplight_02_yellow": "yellow traffic light", "stoplight_03_green": "green traffic light",
    "crossroads": "crossroads sign", "no_uturn": "no u-turn sign", "t-junction": "t-intersection sign", "hospital": "hospital sign",
    "toilets": "toilets sign", "xing_ped": "pedestrian crossing sign", "xing_school": "school crossing sign", "arrow": "arrow sign",
    "uk_post_box": "post box", "7spoke256": "wheel", "dumper": "dumper", "sedan_police": "police car", "tux_tractor": "tractor", "tractor": "tractor",
    "eddieCopter": "helicopter", "plane": "airplane", "boxcar": "boxcar", "caboose": "caboose", "tanker": "tank car", "tender": "locomotive tender",
    "bathyscape": "submarine", "bulldozer": "bulldozer", "holly_leaves": "holly leaves", "rambutan": "rambutan tree", "clover": "four leaf clover",
    "shamrock": "shamrock", "leafrake": "rake", "bread": "bread", "cheese": "cheese", "loaf_of_bread": "sliced bread", "calculator": "calculator",
    "camera": "camera", "compact_disc": "compact disc", "inkjet_printer": "printer", "laser_printer": "printer", "laptop": "laptop computer",
    "mobile": "mobile phone", "monitor": "computer monitor", "mouse": "mouse", "phone": "telephone", "clothes_iron": "iron", "globe": "globe",
    "recyclingbox": "recycling box", "recyclingbox2": "recycling box", "mortarboard": "mortarboard hat", "digitalthermometer": "thermometer",
    "woman_dancing": "woman dancing", "cep-2": "cep", "blankroadsign": "blank road sign", "albino_peahen": "peahen", "peacock": "peacock",
    "sheep_lamb": "lamb", "orange_seville": "bitter orange", "wings": "pair of wings", "present": "wrapped gift", "key": "key",
    "appooppanthady": "milkweed", "adeenia": "desert rose", "butterfly": "butterfly",
}
CHESS_SIDES = {"b": "black", "w": "white"}
HEAD_STOPPERS = {"sign", "piece", "cent", "yen", "shell", "lander", "probe", "man", "earth", "ruins", "disc"}


@dataclass
class Concept:
    name: str
    names: list[str]
    parent_word: str = ""


def stem_of(path: str) -> str:
    return Path(path).stem.removesuffix("_mirror")


def is_held_out(path: str) -> bool:
    """One stamp in ten is never trained on; pictures drawn twice share a stem, so both go the same way."""
    return zlib.crc32(stem_of(path).encode()) % 10 == 0


def stamp_name(path: str, description: str) -> str:
    stem = stem_of(path)
    if stem in STAMP_NAMES and not path.endswith("household/electronics/mouse.svg"):
        return STAMP_NAMES[stem]
    if path.endswith("electronics/mouse.svg"):
        return "computer mouse"
    if "symbols/chess/" in path:
        side, _, piece = stem.split("_")
        return f"{CHESS_SIDES[side]} chess {piece}"
    if "/coins/" in path or "money/japanese" in path:
        country = path.split("money/")[1].split("/")[0]
        return {"us": "american coin", "canadian": "canadian coin", "euro": "euro coin"}.get(country, "japanese coin")
    if "symbols/math/" in path and "operators" not in path:
        return f"digit {DIGITS[int(stem)]}"
    if "operators" in path:
        return description.lower().strip(" .!") + " sign"
    if "alphabets/asl" in path:
        return "hand sign"
    if "alphabets" in path:
        return "letter"
    if "symbols/faces" in path:
        return f"{stem} face"
    if "symbols/music" in path and ("note" in stem or "key" in stem):
        return description.lower().strip(" .!") + ("" if "note" in stem else " sign in music")
    if "dreydl" in stem:
        return "dreidel"
    text = re.sub(r"\(.*?\)", "", description).split(",")[0].split(". ")[0]
    text = re.sub(r"[“”\"'.!]", "", text.replace("’", "'")).strip().lower()
    text = re.sub(r"^(a|an|the|some|our|another|two|big|very)\s+", "", text)
    return text if 0 < len(text.split()) <= 5 else stem.replace("_", " ").replace("-", " ").lower()


class Vocabulary:
    """Every concept and every class of pictures; `relation` says for each pair what the class says of the concept."""

    def __init__(self, stamps: list[tuple[str, str]]):
        self.concepts: list[Concept] = []
        self.leaves: list[Leaf] = []
        self.index: dict[str, int] = {}
        for names in FASHION:
            self.leaves.append(Leaf(self._add(names[0], names, parent_word="clothing")))
        self.wide: list[int] = []
        for key, (names, _) in WIDE.items():
            self.wide.append(self._add("wide " + key, names.split("|")))
        for key, names in DRAWN_WIDE.items():
            self.wide.append(self._add("wide " + key, names.split("|")))
        self._relate_fashion()
        self.drawn: dict[str, int] = {}
        self._add_drawn()
        self.stamp_leaves: dict[str, int] = {}
        self._add_stamps(stamps)
        self.relation = relation_table(self.leaves, len(self.concepts))

    def _add(self, name: str, names: list[str], parent_word: str = "") -> int:
        if name not in self.index:
            self.index[name] = len(self.concepts)
            self.concepts.append(Concept(name, names, parent_word))
        return self.index[name]

    def _wide(self, *keys: str) -> list[int]:
        return [self.index["wide " + key] for key in keys]

    def _relate_fashion(self) -> None:
        for number, leaf in enumerate(self.leaves):
            if number in (5, 7, 9):
                leaf.ancestors = self._wide("shoe", "clothing")
            elif number == 8:
                leaf.unsure = self._wide("clothing", "household")
            else:
                leaf.ancestors = self._wide("clothing")

    def _add_drawn(self) -> None:
        for colour in COLOURS:
            names = [f"plain {colour}", f"{colour} background", f"solid {colour}", f"plain {colour} picture", f"{colour} screen", f"{colour} color"]
            if colour == "gray":
                names += [name.replace("gray", "grey") for name in names]
            self._drawn_leaf(f"plain {colour}", names, self._wide("nothing"))
        for key, names in EMPTIES.items():
            self._drawn_leaf(key, names.split("|"), self._wide("nothing"), self._wide("pattern"))
        for key, names in PATTERNS.items():
            self._drawn_leaf(key, names.split("|"), self._wide("pattern"))
        for shape in SHAPES:
            parent = self._add("shape " + shape, [shape])
            for colour in SHAPE_COLOURS:
                self._drawn_leaf(f"{colour} {shape}", [f"{colour} {shape}", f"{shape} in {colour}"], [parent] + self._wide("shape"))
        for number, word in enumerate(DIGITS):
            names = [f"digit {word}", f"digit {number}", f"number {word}", f"number {number}", f"figure {number}"]
            self._drawn_leaf(f"digit {word}", names, self._wide("number"), self._wide("symbol", "text"))
        self._drawn_leaf("wide letter", [], [], self._wide("symbol", "text"))
        self._drawn_leaf("wide text", [], [], self._wide("letter", "symbol"))

    def _drawn_leaf(self, key: str, names: list[str], ancestors: list[int], unsure: list[int] | None = None) -> None:
        self.drawn[key] = len(self.leaves)
        self.leaves.append(Leaf(self._add(key, names), ancestors, unsure or []))

    def _add_stamps(self, stamps: list[tuple[str, str]]) -> None:
        names = {path: stamp_name(path, text) for path, text in stamps}
        heads: dict[str, set[str]] = {}
        for name in names.values():
            heads.setdefault(name.split()[-1], set()).add(name)
        known = {word: number for number, concept in enumerate(self.concepts) for word in concept.names
                 if number < 10 or number in self.wide}
        for path, name in names.items():
            wide = [self.index["wide " + key] for key, (_, prefixes) in WIDE.items() if path.startswith(tuple(prefixes))]
            head = name.split()[-1]
            shared = len(heads[head]) > 1 or head in known
            parents = []
            if head in known:
                wide.append(known[head])
            elif shared and head not in HEAD_STOPPERS:
                parents = [self._add(head, [head])]
            own = [name] if shared or head in HEAD_STOPPERS or name == head or " with " in name or " in " in name else [name, name, head]
            concept = known[name] if name in known else self._add(name, own)
            ancestors = [c for c in parents + wide if c != concept]
            unsure: list[int] = []
            if path.startswith("clothes/"):
                unsure = list(range(10))
            if "/cartoon/" in path or path.startswith(("seasonal/", "town/")):
                unsure += self._wide("household", "symbol")
            self.stamp_leaves[path] = len(self.leaves)
            self.leaves.append(Leaf(concept, sorted(set(ancestors)), unsure))
