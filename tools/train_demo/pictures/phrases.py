"""Turns a name ("ankle boot") into the many ways in which people write a label for it."""

import random

from ..shared import made_up_word

ARTICLES = ["", "", "", "a ", "a ", "a ", "an ", "the ", "the ", "some ", "one ", "this ", "my ", "someone's "]
MEDIA = ["photo", "photo", "photo", "picture", "picture", "image", "image", "photograph", "drawing", "painting",
         "sketch", "illustration", "rendering", "close-up", "thumbnail", "frame", "video frame", "still", "icon",
         "view", "shot", "cartoon", "clip art", "screenshot", "scene", "depiction"]
QUALITIES = ["", "", "", "", "good ", "bad ", "small ", "large ", "blurry ", "sharp ", "clear ", "simple ", "cropped ",
             "bright ", "dark ", "low resolution ", "high quality ", "pixelated ", "grayscale ", "grey ", "gray ",
             "black and white ", "color ", "close-up ", "studio ", "product ", "catalogue ", "fashion ", "28x28 ",
             "tiny ", "beautiful ", "centered ", "jpeg corrupted ", "stock ", "digital "]
LINKS = [" of ", " of ", " of ", " of ", " of ", " showing ", " with ", " that shows ", " depicting ", " featuring ",
         " containing ", ": ", " in which there is "]
OPENINGS = ["", "", "", "", "this is ", "it is ", "here is ", "there is ", "we see ", "i see ", "that is ",
            "an example of ", "a kind of ", "a type of ", "label: ", "class: ", "category: ", "object: ", "look, ",
            "it shows ", "probably ", "a single ", "a pair of ", "the picture shows ", "the image shows ",
            "the photo shows ", "you can see ", "a typical ", "the word is "]
ADJECTIVES = ["", "", "", "", "", "", "small ", "large ", "big ", "nice ", "new ", "old ", "clean ", "weird ", "cool ",
              "single ", "typical ", "beautiful ", "plain ", "toy ", "plastic ", "real ", "hard to see ", "modern "]
ENDINGS = ["", "", "", "", "", "", ".", ".", ".", ".", "!", "?", " in the picture", " in the middle", " here",
           " on a white background", " on a black background", " on a plain background", " in a video",
           " from a catalogue", " for sale", " in a shop", " seen from the front", " from the side", " up close",
           " at rest", " in the frame", " in the center of the picture", " that someone has drawn", " in the scene",
           " in black and white", " in color", " without anything else", " in a video game", " item", " object"]

# Never made by the grammar above; kept for the measurements.
USUAL_TEMPLATES = ["{}", "a photo of a {}", "a photo of a {}.", "a picture of {}", "a picture of a {}", "this is a {}",
                   "this is a photo of a {}.", "an image of a {}", "a photo of the {}.", "a photo of {}",
                   "a black and white photo of a {}.", "a low resolution photo of the {}.", "a blurry photo of a {}.",
                   "a photo of a {}, a type of clothing."]
UNSEEN_TEMPLATES = ["itap of a {}.", "can anybody find the {} around here", "our shop sells every sort of {}",
                    "an advertisement about a {}", "the thing displayed below is known as {}", "art of the {}.",
                    "a snapshot capturing one {}", "the embroidered {}.", "a doodle of a {}.", "wearing or carrying a {}"]

def plural(name: str) -> str:
    if name.endswith("s") and not name.endswith("ss"):
        return name
    if name.endswith(("ss", "x", "ch", "sh")):
        return name + "es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    return name + "s"


class Frame:
    """One drawn way of writing; the same frame over a whole label set is what users do."""

    def __init__(self, rng: random.Random, words: list[str]):
        self.article = rng.choice(ARTICLES)
        self.adjective = rng.choice(ADJECTIVES) if rng.random() < 0.3 else ""
        self.ending = rng.choice(ENDINGS) if rng.random() < 0.6 else ""
        self.opening = ""
        self.plural = rng.random() < 0.12
        self.compound = ""
        kind = rng.random()
        if kind < 0.25:
            if rng.random() < 0.5:
                self.article = self.adjective = self.ending = ""
        elif kind < 0.65:
            start = rng.choice(["a ", "a ", "a ", "an ", "the ", "", "this is a ", "this is a ", "it is a "])
            medium = rng.choice(QUALITIES) + rng.choice(MEDIA)
            self.opening = start + medium + rng.choice(LINKS)
        elif kind < 0.85:
            self.opening = rng.choice(OPENINGS)
        else:
            # Words of no meaning here teach the tower to look past templates that nobody foresaw.
            self.opening = " ".join(self._filler(rng, words) for _ in range(rng.randint(1, 4))) + " "
            if rng.random() < 0.4:
                self.ending = " " + " ".join(self._filler(rng, words) for _ in range(rng.randint(1, 3)))

    @staticmethod
    def _filler(rng: random.Random, words: list[str]) -> str:
        return made_up_word(rng) if rng.random() < 0.3 else rng.choice(words)

    def write(self, name: str, kind_of: str = "") -> str:
        noun = plural(name) if self.plural else name
        text = self.opening + self.article + self.adjective + noun + self.ending
        return f"{text.rstrip('.')}, a type of {kind_of}." if kind_of else text


FILLERS = """about above across after again all almost also always among and any around as asked at away back be because been
before began behind being below best better between both bring brought build but by call came can capturing care carry case
certain change come could country course cut day did different display do does done down during each early earth easy either
end enough even ever every example eye fact fall family far fast feel few find first five follow form found four from full
gave get give go going gone got great group grow had half hand has have he head hear help her high him his hold home how
however i if in into is it its itself just keep kind know known last later lead learn leave left less let life like line list
little live long look made make man many mark may me mean might mile mind more morning most mother move much must name near
need never new next night no note now number of off often on once only open or order other our out over own page part people
place plan point possible press problem put question quick quite ran reach read ready really rest right room round run said
same saw say second see seem self sell send sentence set several she shop short should show side since six size so some soon
sort sound special stand start state stay step still stop story street such sure system take talk tell ten than that their
them then there these they thing think those though three through time to today together told too took top toward town travel
true try turn two type under until up upon us use usual very walk want was watch way we week well went were what when where
which while white who whole why will wish with without word work world would write year yes yet you young your advertisement
anybody buy celebrity collection customer delivery design embroidered factory item market model online owner price quality
season size store style summer wearing winter woman worn carrying child display exhibit famous museum nobody ordinary peculiar
popular sample snapshot standing unusual weather""".replace("\n", " ").split()
