"""Regular expressions as Oniguruma reads them, and as others do not."""

import random

# Each of these is read differently, or not at all, by PCRE2.
KNOWN = [
    r"\s+(?!\S)|\s+", r"[^\s\p{L}\p{N}]+", r"\w+", r"\W", r"[\w]+", r"[\W]", r"[^\W]+", r"\d+",
    r"\D+", r"[\d\s]+", r"\h+", r"\H", r"\v", r"\R", r"\X", r"\N+", r"\O", r"^.", r".$", r"\A.",
    r".\z", r".\Z", r"\b", r"\B", r"\bt", r"a(?i)b|c", r"(a(?i)n|t)d", r"(?i:THE)", r"(?i)[a-f]+",
    r"(?m).+", r"(?-m:.+)", r"(?mi-x:T.)", r"(?x) a \ b # comment", r"(?x: t h )e", r"(?#note)a",
    r"a{2}+", r"a{2}?", r"a{1,2}+", r"a{,2}", r"a{2,1}", r"a**", r"a+?", r"a++", r"a?+", r"(?:a|n)+*",
    r"a{x}", r"a{", r"{", r"}", r"]", r"-", r"[]a]", r"[^]a]", r"[a-c-e]", r"[-a]", r"[a-]", r"[a\-c]",
    r"[a-z&&[^aeiou]]+", r"[a-z&&aeiou&&^e]", r"[[:alpha:]]+", r"[[:^alpha:]]+", r"[[:punct:]]+",
    r"[[:space:][:digit:]]+", r"[[:upper:]]", r"[[:lower:]]+", r"[[:word:]]+", r"[[:graph:]]+",
    r"[[:print:]]+", r"[[:cntrl:]]", r"[[:blank:]]+", r"[[:xdigit:]]+", r"[[:alnum:]]+", r"[[:ascii:]]+",
    r"[a[bc]]+", r"[^a[bc]]+", r"[a[^bc]]+", r"[[a-z]&&[^t]]", r"\p{^L}+", r"\P{L}+", r"\P{^L}+",
    r"[\P{L}]+", r"[^\P{L}]+", r"\p{Letter}", r"\p{ lu }", r"\p{Han}+", r"\p{Hiragana}", r"\p{Greek}+",
    r"\p{Alphabetic}+", r"\p{Emoji}", r"\p{In_Cyrillic}+", r"\p{Any}", r"\p{Cn}", r"\p{C}+", r"\p{Zs}",
    r"\p{Punct}+", r"\p{Lu}\p{Ll}*", r"\p{M}+", r"\p{S}", r"[\p{S}\p{P}]+", r"\p{Common}+",
    r"\p{Extended_Pictographic}", r"\p{White_Space}+", r"\p{Uppercase}", r"\p{Word}+", r"\p{Upper}",
    r"\x41", r"\x{e9}", r"\x{61 6e}", r"\xc3\xa9", r"\u00e9", r"\141", r"\o{141}", r"\t|\n|\r|\f", r"\a|\e",
    r"\cA", r"\C-A", r"[\x00-\x1f]", r"[\u4e00-\u9fff]+", r"[\t-\r]+", r"\/", r"\-", r"\ ", r"\é", r"\<",
    r"(a)(n)\2?", r"(t)(h)\1?", r"(?<c>[a-z])\k<c>", r"(?<n>a|e)n", r"(?=t)t", r"(?<=a )[a-z]+", r"(?<!a)n",
    r"(?>a+)n", r"(?:)", r"", r"a|", r"|a", r"(|a)+", r"(a*)*", r"(a*)+", r"\G.", r"t\Kh", r"(?<p>\((?:[^()]|\g<p>)*\))",
    r"'(?:[sdmt]|ll|ve|re)", r"(?i:'s|'t|'re|'ve|'m|'ll|'d)", r"[^\r\n\p{L}\p{N}]?\p{L}+", r"\p{N}{1,3}",
    r" ?[^\s\p{L}\p{N}]+[\r\n]*", r"\s*[\r\n]+", r"[!\"#\$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]", r"[,.!?…。，、।۔،]",
    r"[一-龥\u3040-ゟ゠-ヿ]+", r"\p{L}\p{M}*|\p{N}", r" {2,}", r"[+][(]", r"[\[\]]", r"[.\]]", r"\\",
]
WRONG = [
    "(", ")", "[", "[a", "a)", "(?", "(?:", "(?<n", "*", "+a", "a|*", "^*", "(?i", r"\p{Nothing}", r"\p{L",
    "[b-a]", "(*)", r"[a-\d]", r"[\d-a]", "[]", "\\", r"(?<n>a)\k<m>", r"\k<n>",
    r"(?P<n>a)", "(?z)", r"\8",
]
TEXTS = [
    "The man and a than the bananas\nAnn's  ab éß 12 日本 the\n", "'S 'Ll don't WE'RE", "a", "aab bnn",
    "(a(b)c) ((", "\n\n", "a\u0301e\u0301", "٣4½²", "ÀÉ th TH Th ſ K", "",
]
ATOMS = [
    "a", "b", "n", "the", " ", "é", ".", "^", "$", r"\s", r"\S", r"\w", r"\W", r"\d", r"\D", r"\h", r"\b", r"\B",
    r"\p{L}", r"\P{L}", r"\p{N}", r"\p{^N}", r"\p{Lu}", r"\p{Han}", r"[a-f]", r"[^a-f]", r"[\s\d]", r"[^\s\p{L}]",
    r"[\w&&[^n]]", r"[[:punct:]]", r"[^[:alpha:]]", r"[\W_]", r"[a[^\p{L}]]", r"\X", r"\R", r"\x{61}", "(?i:TH)", r"\A", r"\z", r"\Z",
    "日", "-", r"\.", "'", r"[\p{L}\p{M}']", r"[^\P{L}]", r"\u00e9", r"\G",
]
QUANTIFIERS = ["", "", "", "", "*", "+", "?", "*?", "+?", "??", "++", "*+", "{2}", "{1,3}", "{,2}", "{2,}", "{2}?", "{1,2}?", "{1,2}+", "**"]


def make_expression(chance: random.Random, depth: int = 0) -> str:
    branches = []
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        branch = ""
        for _ in range(chance.choice([1, 1, 2, 2, 3])):
            if depth < 3 and chance.random() < 0.25:
                kind = chance.choice(["(", "(?:", "(?=", "(?!", "(?>", "(?i:", "(?m:", "(?<=", "(?<!", "(?i)"])
                if kind == "(?i)":
                    branch += kind
                    continue
                atom = kind + make_expression(chance, depth + 1) + ")"
            else:
                atom = chance.choice(ATOMS)
            branch += atom + chance.choice(QUANTIFIERS)
        branches.append(branch)
    return "|".join(branches)
