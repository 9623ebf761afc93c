"""Which names are the same, by the page and ICU's copy of the Unicode data, not by our tables."""

import unicodedata

import icu

NFC, NFD = icu.Normalizer2.getNFCInstance(), icu.Normalizer2.getNFDInstance()
CASEFOLD = icu.Normalizer2.getInstance(None, "nfkc_cf", icu.UNormalizationMode2.COMPOSE)
SPOOF = icu.SpoofChecker()
JOINERS = "\u200c\u200d"
DOT = "\u0307"


def prototype(letter: str) -> str:
    """What confusables.txt maps a code point to, itself where to nothing."""
    return SPOOF.getSkeleton(0, letter)


def fold(name: str) -> str:
    return CASEFOLD.normalize("".join(c for c in name if c not in JOINERS))


def soft_dotted(letter: str) -> bool:
    return icu.Char.hasBinaryProperty(letter, icu.UProperty.SOFT_DOTTED)


def skeleton(text: str) -> str:
    """Of TR 39, but that l among capitals is I, and that a dot above a dot is not seen."""
    parts = NFD.normalize(text)
    others = [unicodedata.category(c) for c in parts if prototype(c) != "l"]
    capitals = ("Lu" in others or "Lt" in others) and "Ll" not in others
    made, dotted = "", False
    for c in parts:
        if c == DOT and dotted:
            continue
        like = prototype(c)
        made += "I" if like == "l" and capitals else like
        if icu.Char.getCombiningClass(c) in (0, 230):
            dotted = soft_dotted(like[-1])
    return made


def look(name: str) -> str:
    last, now = None, "".join(c for c in name if c not in JOINERS)
    while now != last:
        last, now = now, CASEFOLD.normalize(skeleton(now))
    return now


def same(one: str, other: str) -> bool:
    return bool({fold(one), look(one)} & {fold(other), look(other)})


def letters() -> list:
    """Letters and digits that confusables.txt knows, and what they look like, in NFC."""
    categories = {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"}
    found = set()
    for number in range(0x110000):
        c = chr(number)
        if unicodedata.category(c) in categories and NFC.isNormalized(c) and prototype(c) != c:
            found.add(c)
            if all(unicodedata.category(p) in categories for p in prototype(c)):
                found.add(NFC.normalize(prototype(c)))
    return sorted(found)
