"""Turns a name ("barking dog") into the many ways in which people write a label for a sound."""

import random

from ..shared import made_up_word

ARTICLES = ["", "", "", "", "a ", "a ", "an ", "the ", "some ", "one ", "this "]
RECORDINGS = ["sound", "sound", "sound", "sounds", "noise", "recording", "recording", "audio", "audio clip", "clip", "sample",
              "sound effect", "field recording", "audio recording", "fragment", "track", "excerpt", "tape"]
QUALITIES = ["", "", "", "", "", "clear ", "loud ", "quiet ", "short ", "long ", "low quality ", "high quality ", "distant ",
             "close ", "noisy ", "clean ", "typical ", "mono ", "stereo ", "faint ", "good ", "bad ", "live "]
LINKS = [" of ", " of ", " of ", " of ", " of ", " with ", ": ", " that contains ", " containing ", " featuring ", " made by "]
OPENINGS = ["", "", "", "this is ", "it is ", "here is ", "there is ", "we hear ", "i hear ", "you can hear ", "listen to ",
            "sounds like ", "it sounds like ", "label: ", "class: ", "category: ", "sound: ", "audio: ", "an example of ",
            "a kind of ", "probably ", "mostly ", "only ", "one can hear ", "that is ", "in the background ", "music: "]
ADJECTIVES = ["", "", "", "", "loud ", "soft ", "quiet ", "distant ", "nearby ", "beautiful ", "slow ", "fast ", "typical ",
              "single ", "solo ", "real ", "recorded ", "low ", "high ", "old ", "strange "]
ENDINGS = ["", "", "", "", "", ".", ".", ".", "!", "?", " sound", " sounds", " sound", " playing", " playing", " is playing",
           " can be heard", " is heard", " in the background", " recording", " in the distance", " in a room", " outside",
           " solo", " music", " alone", " on the radio", " in a film", " without anything else", " somewhere", " noise",
           " being played", " up close", " in this recording", " on tape", " here"]

# Never made by the grammar above but by chance; kept for the measurements.
USUAL_TEMPLATES = ["{}", "a sound of {}", "the sound of a {}", "this is a sound of {}.", "an audio clip of {}", "i can hear {}", "{} playing"]
UNSEEN_TEMPLATES = ["what you are listening to was produced by a {}", "our archive files this one under {}", "foley: {} (take two)",
                    "the microphone picked up {}", "caption: {} heard off screen"]

FILLERS = """about above across after again all almost also always among and any around as asked at away back be because
been before behind below best better between both bring brought but by call called came can captured carry case certain come
could course cut day did different do does done down during each early easy either end enough even ever every example eye fact
fall family far feel few find first five follow form found four from full gave get give go going good great group grow had half
hand has have he head hear her here him his hold home how however if in into is it its just keep kind know known last later
lead learn leave left less let life like line list little live long look made make man many mark may me mean might mind more
most much must name near need never new next night no not now number off often on once only open or order other our out over
own page part people place plan point possible press put question quite ran reach ready really rest right room round run said
same saw say second see seem send sentence set several she should show side since size so soon special stand start state stay
step still stop story street such sure system take tell than that their them then there these they thing think those though
three through time to today together told too took top toward town travel true try turn two type under until up upon us use
usual very walk want was watch way we week well went were what when where which while who whole why will wish with without
work world would write year yes yet you young your archive file microphone recorder take session scene broadcast listener
speaker studio tape label caption screen film episode produced published uploaded mixed""".split()


class Frame:
    """One drawn way of writing; the same frame over a whole label set is what users do."""

    def __init__(self, rng: random.Random):
        self.opening = self.adjective = self.article = self.ending = ""
        kind = rng.random()
        if kind < 0.2:
            return
        self.article = rng.choice(ARTICLES)
        self.adjective = rng.choice(ADJECTIVES) if rng.random() < 0.3 else ""
        self.ending = rng.choice(ENDINGS) if rng.random() < 0.6 else ""
        if kind < 0.55:
            start = rng.choice(["a ", "a ", "an ", "the ", "the ", "", "this is a ", "this is the "])
            self.opening = start + rng.choice(QUALITIES) + rng.choice(RECORDINGS) + rng.choice(LINKS)
        elif kind < 0.8:
            self.opening = rng.choice(OPENINGS)
        else:
            # Words of no meaning here teach the tower to look past templates that nobody foresaw.
            self.opening = " ".join(self._filler(rng) for _ in range(rng.randint(1, 6))) + " "
            if rng.random() < 0.4:
                self.ending = " " + " ".join(self._filler(rng) for _ in range(rng.randint(1, 4)))

    @staticmethod
    def _filler(rng: random.Random) -> str:
        return made_up_word(rng) if rng.random() < 0.25 else rng.choice(FILLERS)

    def write(self, name: str) -> str:
        return self.opening + self.article + self.adjective + name + self.ending
