"""Texts that tokenizers trip over, the same ones at every run."""

import random
import unicodedata

SEED = 20240517

# Ranges of code points that words are made of.
SCRIPTS = {
    "ascii": "a-z",
    "ASCII": "A-Z",
    "latin": "a-zà-öø-ÿā-žƒǎǐǒșț",
    "Latin": "A-ZÀ-ÖØ-ÞĀ-ŽIİẞ",
    "greek": "α-ωάέήίόύώϊϋΐΰς",
    "Greek": "Α-ΡΣ-ΩΆΈΉΊΌΎΏ",
    "cyrillic": "а-яёА-ЯЁіїґў",
    "arabic": "ء-يٓ-ٕ٠-٩",
    "hebrew": "א-תְ-ֹ",
    "devanagari": "क-हा-्०-९",
    "thai": "ก-ฮะ-ฺเ-๎๐-๙",
    "han": "一-龥㐀-㑿𠀀-𠀯",
    "kana": "ぁ-ゖァ-ヺー゛゜ｦ-ﾟ",
    "hangul": "가-힣",
    "jamo": "ᄀ-하-ᅵᆨ-ᇂㄱ-ㅎ",
    "georgian": "ა-ჰᲐ-Ჰ",
    "cherokee": "Ꭰ-Ᏽꭰ-ꮿ",
    "digits": "0-9",
    "numbers": "½¼¾²³¹⁴₅Ⅳⅷ①⑳٣๓一〇𝟗",
    "mathematical": "𝐀-𝐙𝒶-𝓏𝔸-𝕐ℝℵ∑√∞≠",
    "fullwidth": "！-～",
    "ligatures": "ﬁﬂﬃﬆŉǆǇ㎏㍿℃™℠ª",
    "punctuation": "!-/:-@[-`{-~¡¿«»‘’“”…–—‹›、。「」؟،",
    "marks": "\u0300-\u036f\u0323\u20e3\u3099\u309a",
}
SPACES = " \t\n\r\v\f\u0085\u00a0\u1680\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
INVISIBLE = "\u200b\u200c\u200d\ufeff\u00ad\u180e\u2060\ufe0f\u061c\u200e\u202e"
CONTROLS = "\x00\x01\x08\x0b\x0e\x1b\x1f\x7f\u0080\u009f\ue000\ufffd\ufffe\U000e0001\U0010ffff"
EMOJI = [
    "😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "🇺", "❤️", "☎", "1️⃣", "🧑🏿‍🚀", "🫠", "🐈‍⬛", "👨‍💻",
]
LITERALS = [
    "<|startoftext|>", "<|STARTOFTEXT|>", "<|endoftext|>", "<|EndOfText|>", "<|ENDOFTEXT|>", "<s>",
    "</s>", "</S>", "<pad>", "<PAD>", "<unk>", "<mask>", "<MASK>", "<eos>", "<bos>", "<2mass>",
    "<unused7>", "<start_of_turn>", "[CLS]", "[SEP]", "[MASK]", "[unk]", "<0x41>", "!!", "!",
    "&amp;", "&lt;b&gt;", "&#39;", "&nbsp;", "<b>bold</b>", "'s 'T 're 'VE 'm 'll 'D", "don't",
    "WON'T", "▁", "Ġ", "▁▁the", "</w>", "http://example.org/?a=b&c=%20#d", "e-mail@example.org",
    "3.14159", "1,000,000.00", "C++20", "a_b_c", "__init__", "--flag=\"x y\"", "\\n\\t", "½ cup",
    "10²", "naïve café", "NAÏVE CAFÉ", "ΟΔΥΣΣΕΥΣ", "ὈΔΥΣΣΕΎΣ", "İstanbul", "STRASSE straße",
    "ﬃ", "Ǆ", "\u1e9e", "A\u030angstro\u0308m", "e\u0323\u0302", "e\u0302\u0323", "q\u0307\u0323",
    "\u1100\u1161\u11a8", "ｶﾞ", "か\u3099", "क्षि", "ที่นี่", "שָׁלוֹם", "السَّلَامُ", "ញ៉ាំ", "𝓗𝓮𝓵𝓵𝓸",
]


def expand(ranges: str) -> str:
    result, i = [], 0
    while i < len(ranges):
        if i + 2 < len(ranges) and ranges[i + 1] == "-":
            result += map(chr, range(ord(ranges[i]), ord(ranges[i + 2]) + 1))
            i += 3
        else:
            result.append(ranges[i])
            i += 1
    return "".join(c for c in result if unicodedata.category(c) != "Cn")


ALPHABETS = {name: expand(ranges) for name, ranges in SCRIPTS.items()}
WORDS = (
    "a photo of the small dog cat running on beach at night with people and cars sound rain "
    "falling tin roof music guitar The An In New York Paris one two three city street sunlight "
    "unbelievable internationalization antidisestablishmentarianism"
).split()


class TextMaker:
    def __init__(self, seed: int = SEED):
        self.random = random.Random(seed)

    def word(self) -> str:
        pick = self.random.random()
        if pick < 0.35:
            return self.random.choice(WORDS)
        if pick < 0.45:
            return self.random.choice(LITERALS)
        if pick < 0.5:
            return self.random.choice(EMOJI) * self.random.choice([1, 1, 2])
        alphabet = ALPHABETS[self.random.choice(list(ALPHABETS))]
        word = "".join(self.random.choices(alphabet, k=self.random.randint(1, 8)))
        if self.random.random() < 0.3:
            form = self.random.choice(["NFC", "NFD", "NFKC", "NFKD"])
            word = unicodedata.normalize(form, word)
        if self.random.random() < 0.1:
            word = self.random.choice([word.upper(), word.lower(), word.title()])
        return word

    def gap(self) -> str:
        pick = self.random.random()
        if pick < 0.6:
            return " "
        if pick < 0.75:
            return ""
        if pick < 0.85:
            return " " * self.random.randint(2, 6)
        if pick < 0.95:
            return "".join(self.random.choices(SPACES, k=self.random.randint(1, 3)))
        return self.random.choice(INVISIBLE + CONTROLS)

    def text(self) -> str:
        count = self.random.choice([1, 1, 2, 3, 4, 6, 10, 20])
        text = "".join(self.word() + self.gap() for _ in range(count))
        return self.gap() + text if self.random.random() < 0.2 else text.rstrip(" ")

    def noise(self) -> str:
        """Any code points at all."""
        count = self.random.randint(1, 24)
        limits = self.random.choice([0x80, 0x800, 0x3400, 0x10000, 0x20000, 0x110000])
        code_points = (self.random.randrange(limits) for _ in range(count))
        return "".join(chr(c) for c in code_points if not 0xD800 <= c <= 0xDFFF)


def special_texts() -> list[str]:
    texts = ["", " ", "  ", "\n", "\t", "\x00", "a\x00b", "\u200b", "\ufeffa", *LITERALS, *EMOJI]
    texts += [c for c in SPACES + INVISIBLE + CONTROLS]
    texts += [f"a{c}b" for c in SPACES + INVISIBLE + CONTROLS]
    for literal in LITERALS:
        texts += [f" {literal}", f"{literal} ", f"a{literal}b", f"a  {literal}  b", literal * 2]
    texts += [f"{a}{b}" for a in "<</a b" for b in LITERALS[:20]]
    texts += ["word " * 400, "supercalifragilistic" * 40, "a" * 3000, "é" * 500, "👩‍👩‍👧‍👦" * 90]
    texts += [" " * 200, "\n" * 77, "1234567890" * 30, "!" * 300, "ab" * 1000, "日本語" * 150]
    texts += ["\n\n \t\n" * 20, "<|endoftext|>" * 90, "<mask> " * 90, "</s> " * 70]
    return texts


def make_texts(count: int, seed: int = SEED) -> list[str]:
    maker = TextMaker(seed)
    texts = special_texts()
    while len(texts) < count:
        texts.append(maker.noise() if maker.random.random() < 0.15 else maker.text())
    return texts


def every_code_point(around: str = "a{}b ", size: int = 64) -> list[str]:
    """Each code point up to the end of the planes in use once, and some of the others."""
    code_points = [c for c in range(0x33480) if not 0xD800 <= c <= 0xDFFF]
    code_points += [*range(0xE0000, 0xE0200), *range(0x33480, 0x110000, 1009), 0x10FFFF]
    return [
        "".join(around.replace("{}", chr(c)) for c in code_points[i : i + size])
        for i in range(0, len(code_points), size)
    ]
