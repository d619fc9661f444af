"""What the demo model has words for: concepts with their names, and what each class of sounds says of them."""

import zlib
from dataclasses import dataclass
from pathlib import Path

from ..shared import Leaf, relation_table

# General MIDI's 128 programs in order.
PROGRAMS = """grand piano|acoustic piano;bright piano;electric grand piano;honky-tonk piano;electric piano|rhodes piano;
electric piano|wurlitzer piano;harpsichord;clavinet|clavichord;celesta;glockenspiel;music box;vibraphone|vibes;marimba;
xylophone;tubular bells|church bells|chimes;dulcimer|hammered dulcimer;drawbar organ|hammond organ;percussive organ;
rock organ;church organ|pipe organ;reed organ|harmonium;accordion;harmonica|mouth organ;bandoneon|tango accordion;
acoustic guitar|nylon string guitar|classical guitar;acoustic guitar|steel string guitar|folk guitar;
electric guitar|jazz guitar;electric guitar|clean electric guitar;muted guitar;overdriven guitar|rock guitar;
distorted guitar|distortion guitar|heavy metal guitar;guitar harmonics;acoustic bass|upright bass;
electric bass|fingered bass;electric bass|picked bass;fretless bass;slap bass;slap bass;synth bass;synth bass;
violin|fiddle;viola;cello|violoncello;contrabass|double bass;tremolo strings;pizzicato strings|plucked strings;harp;timpani|kettledrum;
string ensemble|string orchestra;string ensemble|slow strings;synth strings;synth strings;choir|choir aahs;
voice oohs|humming choir;synth voice|synth choir;orchestra hit;trumpet;trombone;tuba;muted trumpet;french horn|horn;
brass section|brass band;synth brass;synth brass;soprano saxophone|saxophone;alto saxophone|saxophone|sax;
tenor saxophone|saxophone|sax;baritone saxophone|saxophone;oboe;english horn|cor anglais;bassoon;clarinet;piccolo;
flute;recorder|block flute;pan flute|panpipes;blown bottle;shakuhachi|bamboo flute;whistle|whistling;ocarina;
square lead|square wave synth;saw lead|sawtooth synth;calliope lead;chiff lead;charang lead;voice lead;fifths lead;bass lead;
new age pad;warm pad;polysynth pad;choir pad;bowed pad;metallic pad;halo pad;sweep pad;synth rain;soundtrack pad;
crystal synth;atmosphere synth;brightness synth;goblins synth;echoes synth;sci-fi synth;sitar;banjo;shamisen;koto;kalimba|thumb piano;
bagpipe|bagpipes;fiddle|folk fiddle;shanai|shehnai;tinkle bell;agogo|cowbell;steel drum|steel drums;woodblock;
taiko drum|taiko;melodic tom|tom-tom;synth drum;reverse cymbal;guitar fret noise;breath noise;seashore|sea waves|ocean waves;
bird tweet;telephone ring;helicopter;applause|clapping audience;gunshot"""
PROGRAM_NAMES = [entry.strip().split("|") for entry in PROGRAMS.replace("\n", "").split(";")]

# The eleven families: names, and their programs. General MIDI's own, but that string ensembles are strings, voices are
# a choir, and drum kits are the eleventh; timpani and the orchestra hit belong to none.
FAMILIES = {
    "piano": ("piano|pianos|piano music|piano notes|keyboard", range(0, 8)),
    "chromatic percussion": ("chromatic percussion|mallet percussion|mallet instrument|mallets|bells|bell|tuned percussion|xylophone or bells|chimes and bells", range(8, 16)),
    "organ": ("organ|organ music|organ or accordion", range(16, 24)),
    "guitar": ("guitar|guitars|guitar music|strummed guitar|guitar strings", range(24, 32)),
    "bass": ("bass|bass guitar|bass line|low bass notes", range(32, 40)),
    "strings": ("strings|string section|bowed strings|violins and cellos|string instrument|orchestral strings", [*range(40, 47), *range(48, 52)]),
    "choir": ("choir|singing choir|choir of voices|vocal ensemble|chorus|singers|singing|human voices singing", range(52, 55)),
    "brass": ("brass|brass instrument|brass instruments|trumpets and trombones|horns|horn section", range(56, 64)),
    "reed": ("reed|reed instrument|woodwind reed|saxophone or clarinet|saxophone|clarinet or oboe|reeds", range(64, 72)),
    "flute": ("flute|flutes|pipe|pipes|flute or pipe|flute or whistle", range(72, 80)),
    "drums": ("drums|drum kit|drum set|drumming|percussion|drum beat|drum loop|rhythm of drums", []),
}
LEAD, PAD, EFFECT = range(80, 88), range(88, 96), range(96, 104)

KINDS = {
    "speech": "speech|talking|a person speaking|someone talking|human speech|spoken words|voice|a human voice|conversation|a speaker|narration",
    "music": "music|musical instrument|a musical instrument playing|instrumental music|melody|song|tune|instruments",
    "noise": "noise|background noise|static noise|random noise",
    "silence": "silence|nothing|no sound|quiet|absolute silence|complete silence|a silent recording|nothing at all",
    "animal": "animal|animal sound|animals|animal call|animal noise|wild animal",
    "tone": "electronic tone|electronic beep|beeps|synthetic tone|test tone|electronic sound",
    "synthesizer": "synthesizer|synth|synthesizer music|electronic music",
    "band": "band|orchestra|several instruments|band playing|full band|ensemble of instruments|pop song",
    "bird": "bird|bird call|bird song|birds|birdsong|chirping bird",
    "mammal": "mammal|four-legged animal",
    "insect": "insect|buzzing insect|insect buzz|insects",
    "machine": "machine|household machine|appliance|tool",
}
LANGUAGES = {"en": "english", "es": "spanish", "fr": "french", "it": "italian", "ru": "russian", "de": "german", "el": "greek",
             "ro": "romanian", "bg": "bulgarian", "be": "belarusian", "ca": "catalan", "pt": "portuguese"}
# Made by synthesis.py: names, and the kind above.
SYNTHETIC = {
    "silence": ("", "silence"),
    "white noise": ("white noise|static|tv static|radio static", "noise"),
    "pink noise": ("pink noise", "noise"),
    "brown noise": ("brown noise|brownian noise|red noise|low rumble|rumble", "noise"),
    "hiss": ("hiss|tape hiss|blue noise|hissing", "noise"),
    "wind": ("wind|wind noise|blowing wind|howling wind", "noise"),
    "crackle": ("crackle|crackling|vinyl crackle|crackling noise", "noise"),
    "band noise": ("band-limited noise|filtered noise", "noise"),
    "hum": ("hum|mains hum|electric hum|humming|ground loop hum", "tone"),
    "sine tone": ("sine tone|sine wave|pure tone|steady tone|test tone", "tone"),
    "square tone": ("square wave|buzzer|buzz|sawtooth wave|buzzing tone", "tone"),
    "beep": ("beep|beeping|repeated beeps|alarm clock|alarm", "tone"),
    "sweep": ("sweep|frequency sweep|chirp signal|rising tone", "tone"),
    "siren": ("siren|emergency siren|police siren|wailing siren", "tone"),
    "dial tones": ("telephone keypad|dial tones|phone dialing|dtmf tones|telephone tones", "tone"),
    "click": ("click|clicks|ticking|ticking clock|clicking|metronome", ""),
}
# Stamps whose sound is not the thing's, or is a voice.
STAMPS_LEFT_OUT = ("symbols/", "town/", "seasonal/hanukkah/", "seasonal/christmas/", "seasonal/halloween/bat_left", "seasonal/halloween/ghost",
                   "seasonal/halloween/spider")
STAMP_NAMES = {
    "heron_greatblue_flying": "heron", "drake": "duck", "gander": "goose", "nandou": "rhea", "tucan": "toucan", "xanthia": "moth",
    "cow_white": "cow", "sheep_lamb": "lamb", "pig_golden": "pig", "pig_golden2": "pig", "chimp": "chimpanzee", "ram": "sheep",
    "apple_red": "biting an apple", "camera_35mm": "camera shutter", "cymbal_crash": "cymbal", "drum_tomtom_floor": "tom-tom",
    "drumkit": "drum kit", "Washing-machine": "washing machine", "scissors_small_closed": "scissors", "scissors_small_open": "scissors",
    "bottle": "bottle", "glass": "breaking glass", "kettle": "kettle", "rubberduck": "rubber duck", "toilet": "flushing toilet",
    "mallet_metal": "hammer", "vacuum_cleaner": "vacuum cleaner", "final-roll-call": "bugle", "lightningbolt": "thunder",
    "blackcat": "cat", "fireworks": "fireworks", "apollo_lander": "rocket", "firetruck": "fire truck siren", "bathyscape": "submarine sonar",
    "dog": "barking dog", "rooster": "crowing rooster",
}
ALSO = {"barking dog": ["dog", "dog barking", "bark"], "cat": ["meowing cat", "meow"], "crowing rooster": ["rooster", "cock-a-doodle-doo"],
        "cow": ["mooing cow", "moo", "cattle"], "sheep": ["bleating sheep"], "horse": ["neighing horse"], "duck": ["quacking duck", "quack"],
        "frog": ["croaking frog"], "lion": ["roaring lion", "roar"], "bee": ["buzzing bee"], "thunder": ["thunderstorm", "lightning strike"],
        "owl": ["hooting owl"], "pig": ["grunting pig", "oink"], "crow": ["cawing crow"], "fireworks": ["fireworks exploding", "explosions"],
        "hammer": ["hammering"], "saw": ["sawing"], "vacuum cleaner": ["vacuuming"], "flushing toilet": ["toilet flush"]}


@dataclass
class Concept:
    name: str
    names: list[str]


def is_held_out(stem: str) -> bool:
    """One phrase or stamp in ten is never trained on."""
    return zlib.crc32(stem.encode()) % 10 == 0


class Vocabulary:
    """Concepts, leaves by key, and `relation` (leaf x concept). `stamps` are paths below the stamp folder."""

    def __init__(self, stamps: list[str]):
        self.concepts: list[Concept] = []
        self.index: dict[str, int] = {}
        self.leaves: list[Leaf] = []
        self.leaf_of: dict[str, int] = {}
        self.kinds = [self._concept("kind " + kind, names.split("|")) for kind, names in KINDS.items()]
        self.families = [self._concept("family " + name, names.split("|")) for name, (names, _) in FAMILIES.items()]
        self._add_instruments()
        self._add_speech()
        self._add_synthetic()
        for path in stamps:
            self._add_stamp(path)
        self.relation = relation_table(self.leaves, len(self.concepts))

    def _concept(self, key: str, names: list[str]) -> int:
        if key not in self.index:
            self.index[key] = len(self.concepts)
            self.concepts.append(Concept(key, []))
        known = self.concepts[self.index[key]].names
        known += [name for name in names if name not in known]
        return self.index[key]

    def _all(self, *keys: str) -> list[int]:
        return [self.index[key] for key in keys]

    def _leaf(self, key: str, concept: int, ancestors: list[int], unsure: list[int] | None = None) -> None:
        self.leaf_of[key] = len(self.leaves)
        self.leaves.append(Leaf(concept, ancestors, unsure or []))

    def family_of(self, program: int) -> str | None:
        return next((name for name, (_, programs) in FAMILIES.items() if program in programs), None)

    def _add_instruments(self) -> None:
        shared = {name for names in PROGRAM_NAMES for name in names if sum(name in other for other in PROGRAM_NAMES) > 1}
        for program, names in enumerate(PROGRAM_NAMES):
            if program >= 120:  # sound effects: no two fonts agree on them
                continue
            own = [name for name in names if name not in shared] or names
            ancestors, unsure = self._all("kind music"), []
            for name in names:
                if name in shared and name != own[0]:
                    ancestors.append(self._concept("shared " + name, [name]))
            family = self.family_of(program)
            if family:
                ancestors += self._all("family " + family)
                unsure = self._all("kind band") if program >= 48 and program < 56 else []
            if program in (*LEAD, *PAD, *EFFECT, 38, 39, 50, 51, 54, 62, 63):
                ancestors += self._all("kind synthesizer")
                unsure = unsure + self._all("kind tone")
            if program in (112, 113, 114, 115, 116, 117, 118, 119, 47):
                unsure = unsure + self._all("family drums", "family chromatic percussion")
            if 104 <= program < 112:
                unsure = unsure + self._all("family guitar", "family strings", "family reed")
            self._leaf(f"program {program}", self._concept("sound of " + own[0], own), sorted(set(ancestors)), unsure)
        self._leaf("drums", self.index["family drums"], self._all("kind music"))
        instruments = [self.index["family " + name] for name in FAMILIES]
        self._leaf("band", self.index["kind band"], self._all("kind music"), instruments + self._all("kind synthesizer"))

    def _add_speech(self) -> None:
        for code, name in LANGUAGES.items():
            names = [f"{name} speech", f"someone speaking {name}", f"{name} language", f"{name} voice", f"spoken {name}"]
            self._leaf("speech " + code, self._concept("speech " + code, names), self._all("kind speech"))
        languages = self._all(*("speech " + code for code in LANGUAGES))
        self._leaf("speech", self.index["kind speech"], [], languages)

    def _add_synthetic(self) -> None:
        for key, (names, kind) in SYNTHETIC.items():
            unsure = self._all("kind synthesizer", "kind music") if kind == "tone" else []
            unsure += self._all("kind tone", "kind noise") if key in ("click", "hum", "crackle") else []
            kinds = self._all("kind " + kind) if kind else []
            if not names:
                self._leaf(key, kinds[0], [])
            else:
                concept = self._concept("synthetic " + key, names.split("|"))
                self._leaf(key, concept, kinds, [c for c in unsure if c not in kinds])

    def _add_stamp(self, path: str) -> None:
        stem = Path(path).stem
        name = STAMP_NAMES.get(stem, stem.replace("_", " ").lower())
        ancestors = []
        if path.startswith("animals/") or name == "cat":
            ancestors += self._all("kind animal")
            for part in ("birds", "insects", "mammals"):
                ancestors += self._all("kind " + part.removesuffix("s")) if f"/{part}/" in path or part == "mammals" and name == "cat" else []
        elif "/music/" in path or name == "bugle":
            ancestors += self._all("kind music")
            for part, family in (("percussion", "drums"), ("string", "strings"), ("wind", "reed")):
                ancestors += self._all("family " + family) if f"/{part}/" in path else []
        elif name in ("washing machine", "vacuum cleaner", "saw", "hammer"):
            ancestors += self._all("kind machine")
        unsure = self._all("kind noise", "kind machine") if not path.startswith(("animals/", "hobbies/")) else []
        known = next((key for key in (f"sound of {name}",) if key in self.index), None)
        concept = self.index[known] if known else self._concept("thing " + name, [name, *ALSO.get(name, [])])
        self._leaf("stamp " + path, concept, ancestors, [c for c in unsure if c not in ancestors])
