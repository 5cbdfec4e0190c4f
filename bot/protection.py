"""The filter that runs before anything is stored or shown to others: identity codes, cards, accounts, passwords.

Numbers count only where their checksum is right (python-stdnum: hetu with all century signs of 2023, Luhn, IBAN),
so that a phone number or a document number passes. A password counts only where it was disclosed: 'salasanani on
Kissa123' is, 'salasana on vanhentunut' is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from stdnum import iban, luhn
from stdnum.fi import hetu

from tips.tokens import visible

KINDS = ("identity_code", "card", "account", "password")
MASKS = {"identity_code": "[hetu]", "card": "[kortti]", "account": "[IBAN]", "password": "[salasana]"}

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
# A number stands alone where no letter or digit touches it; '_' and '*' do, as Markdown.
_HETU = re.compile(r"(?<!\d)(?<!\d-)\d{6}\s?[-+A-FU-Y]?\s?\d{3}\s?[0-9A-Y](?![^\W_])(?!-\d)", re.IGNORECASE)
# Ten digits without a sign count as 6 + 4 only, and not where they begin as a mobile number does.
_NO_SIGN = re.compile(r"\d{9}[A-Y]|\d{6}\s\d{3}\s?[A-Y]|(?!04|050)\d{6}\s\d{4}", re.IGNORECASE)
# Dots, slashes and underscores also part dates and versions: they count between fours.
_CARD = re.compile(
    r"(?<!\d)(?<!\d-)(?!(\d)(?:[ -]?\1){18})"  # one digit over and over is no card: no need to look closer
    r"[2-6](?:(?:[ -]?\d){12,18}|\d{3}([./_])(?:\d{4}\2\d{4}\2\d{1,7}|\d{6}\2\d{5}))(?!-?\d)"
)
_IBAN = re.compile(r"(?<![^\W_])[A-Z]{2}\d{2}(?:[ ./_-]?[A-Z0-9]){11,30}(?![^\W_])", re.IGNORECASE)

# '<whose> <password word> <is> VALUE'. Inflected forms that tell of a password rather than give it are left out.
_WORD = (
    r"(?:salasana(?:ni|mme|nsa|n|lla(?:ni)?|ks(?:i|eni))?|salis|passu|passwordi?|tunnusluku(?:ni)?"
    r"|pin(?:[- ]?koodi|[- ]code)?(?:ni)?|koodini|lösenord(?:et)?|lösen(?:et)?|pinkod(?:en)?"
    r"|passphrase|passcode|pass ?word|pass(?=[:=]|\s(?:is|was)\b)|pwd?)"
)
_FILLER = (
    r"(?P<filler>(?:(?:siis|nyt|nykyään|edelleen|vielä|yhä|ennen|aiemmin|ollut|vaan|vain|nu|alltså|fortfarande|ännu"
    r"|förut|now|still|currently|just|been)\s+){1,3})?"
)
_IS = (
    rf"(?:\s*[:=]\s*|\s+(?:on|oli|olis|is|was|är|e|var)(?:\s*:)?\s+{_FILLER}"
    r"|\s+(?:laitoin|annoin|valitsin|panin|asetin|vaihdoin|kirjoitin)\s+)"
)
_QUOTED = r"[\"“”„«»'][^\"“”„«»'\n]{4,60}[\"“”«»']"
_GIVEN = re.compile(
    rf"\b(?P<whose>mun|minun|mitt|min|my|our|meidän|vårt)?\s*\b{_WORD}(?P<link>{_IS}|\s+)(?P<value>{_QUOTED}|\S+)",
    re.IGNORECASE,
)
_OWNED = re.compile(r"salasanani|salasanamme|tunnuslukuni|koodini", re.IGNORECASE)
_STATES = frozenset(
    """
    vanhentunut vanha unohtunut unohtui väärä väärin heikko vahva lyhyt pitkä hukassa lukossa liian sama jo kai ehkä
    nyt vaan vielä ei pakko mikä miten joku sellainen tosi hyvä huono vaikea helppo turvallinen uusi oikea oikein
    vuotanut voimassa tarpeeksi varmaan kadonnut poissa rikki ok turha muuttunut vaihdettu vaihtunut jokin
    gammalt gamla fel för utgånget glömt borta låst spärrat svagt starkt kort långt samma nytt nu inte int redan bra
    dåligt svårt lätt rätt slut bytt okej säkert utgått bortglömt försvunnet stulet läckt knäckt hackat ogiltigt
    felaktigt ändrat okänt enkelt sparat
    expired old wrong weak strong short long forgotten gone locked the same too not incorrect being about now already
    new right correct safe ok okay secure bad good hard easy invalid blocked required needed a an in on it my your
    stolen leaked hacked guessed compromised outdated missing lost changed reset rejected disabled unknown different
    broken saved fine everywhere valid active empty
    ohje ohjeet ohjeita apua apu ongelma kysymys vaihto vaihtaminen hjälp fråga byte help question problem
    """.split()
)
_STATE_ENDING = re.compile(r"(?:[nlrs][uy]t|[nt][uy]|neet|ssa|ssä|lla|llä|sta|stä|ksi|vat?|isi)$")
_FUNCTION = frozenset(
    """
    ja tai mutta kun jos että kuin eikä se sen sitä siis tämä tuo hän minä mun minun meidän edelleen yhä taas aina
    koskaan kaikki kaikkialla joka jossa missä milloin miksi voi voiko pitää pitäisi täytyy olla katso kysy ota
    unohdin vaihda vaihdan tarvitsen haluan uuden vanhan väärin sitten kiitos hei huomenna tänään eilen ensin
    och eller men att som den det jag mitt min har kan ska måste vill inte fortfarande överallt från med till
    hur var när varför alltid aldrig idag sedan
    and but or if that than with from for this these those you your they their has have had was were will would can
    cannot could should must does did only just very still always never again any what when where why how who all
    almost working visible today because since after before until every here there please contact ask see use
    """.split()
)
_WORDS = re.compile(
    r"[^\W\d_]{3,30}(?: (?!(?:ja|mutta|miksi|eikä|and|but|why|och|men|varför)\b)[^\W\d_]{3,30}){2,11}"
    r"(?=\s*(?:[.,;:!?)\"”\n]|$)|\s+(?:ja|mutta|miksi|eikä|and|but|why|och|men|varför)\b)",
    re.IGNORECASE,
)
_HYPHENED = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]{2,}){2,}")
_JOINTS = frozenset("to of the and by in on at for or ja tai och på av i".split())
_TOLD_ENDING = re.compile(
    r"(?:\w{3}(?:[ls]ta|[ls]tä|ssa|ssä|lla|llä|lle|ksi)|[nlrs][uy]t|[nt]tu|tty|neet|\w{4}(?:ing|ed))$"
)
_CASED = re.compile(
    r"(?:(?i:onedrive|onenote|sharepoint|powerpoint|linkedin|youtube|iphone|ipad|bitlocker|lastpass|keepass|whatsapp"
    r"|wordpress|macbook|icloud|github)(?::?[a-zåäö]{0,5}|-[a-zåäö]+)|[A-ZÅÄÖ]{2,6}:[a-zåäö]{1,5})"
)
_PRODUCT = re.compile(
    r"(?:office|microsoft|ms|m|o|win|windows|teams|excel|word|outlook|iphone|android|ios|a)\W?\d{1,4}(?::[a-zåäö]+)?$",
    re.IGNORECASE,
)
_FRAME = "\"'“”„’‘»«()[]<>,;.!?"
_ENDS = re.compile(rf"\s*[,;.!]|[{re.escape(_FRAME)} \n]*\Z")


@dataclass(frozen=True, slots=True)
class Protected:
    """The text with what must not travel masked, and the kinds of what was there, in the order of `KINDS`."""

    text: str
    found: tuple[str, ...] = ()


def unmasked(text: str) -> str:
    """The text without its masks: they are words of ours, not of the question's."""
    for mask in MASKS.values():
        text = text.replace(mask, " ")
    return text


def protected(text: str) -> Protected:
    """Masks identity codes, card numbers, IBANs and disclosed passwords. Invisible characters hide nothing."""
    text = text.encode("utf-8", "replace").decode()  # half of an emoji can neither be stored nor sent
    found: set[str] = set()
    clean, masked = "", visible(text).translate(_DASHES)
    while masked != clean:  # a mask may lay bare what stood beside it
        clean, masked = masked, _masked_once(masked, found)
    return Protected(clean if found else text, tuple(kind for kind in KINDS if kind in found))


def _masked_once(text: str, found: set[str]) -> str:
    for kind, pattern, valid in (
        ("identity_code", _HETU, _is_identity_code),
        ("account", _IBAN, _is_account),
        ("card", _CARD, _is_card),
    ):
        text = _masked(text, kind, _numbers(text, pattern, valid), found)
    return _masked(text, "password", _passwords(text), found)


def _masked(text: str, kind: str, places: Iterable[tuple[int, int]], found: set[str]) -> str:
    for start, end in reversed(list(places)):
        text = text[:start] + MASKS[kind] + text[end:]
        found.add(kind)
    return text


def _numbers(text: str, pattern: re.Pattern[str], valid: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    place = 0
    while match := pattern.search(text, place):
        number, place = match[0], match.start() + 1
        # A number may run into the words or numbers after it: the longest valid beginning is the number.
        ends = [group.end() for group in re.finditer(r"[^\W_]+", number)]
        if end := next((end for end in reversed(ends) if valid(number[:end])), 0):
            place = match.start() + end
            yield match.start(), place


def _is_identity_code(number: str) -> bool:
    code = re.sub(r"\s", "", number).upper()
    if len(code) == 10:
        code = f"{code[:6]}-{code[6:]}" if _NO_SIGN.fullmatch(number) else ""
    return bool(hetu.is_valid(code, allow_temporary=True))


def _is_account(number: str) -> bool:
    return bool(iban.is_valid(re.sub(r"[\W_]", "", number), check_country=False))


def _is_card(number: str) -> bool:
    digits = re.sub(r"\D", "", number)
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and bool(luhn.is_valid(digits))


def _passwords(text: str) -> Iterator[tuple[int, int]]:
    place = 0
    while match := _GIVEN.search(text, place):
        value, place = match["value"].strip(_FRAME), match.start("value")
        start = place + match["value"].find(value)
        if not _unmasked(match["value"]):
            continue
        if words := _words(match, start):
            place = start + len(words)
        elif _is_disclosed(match, value, _ENDS.match(text, start + len(value)) is not None):
            place = start + len(value)
        else:
            continue
        yield start, place


def _words(match: re.Match[str], start: int) -> str:
    """The words of a passphrase that is somebody's or labelled, up to the end of the clause; '' where it is talk."""
    if not (_is_labelled(match) or (_is_owned(match) and match["link"].strip())):
        return ""
    found = _WORDS.match(match.string, start)
    words = found[0].lower().split() if found else []
    talk = any(
        (word in _STATES and word != "correct") or word in _FUNCTION or _TOLD_ENDING.search(word) for word in words
    )
    return found[0] if found and not talk else ""


def _is_labelled(match: re.Match[str]) -> bool:
    return match["link"].strip() in (":", "=")


def _is_owned(match: re.Match[str]) -> bool:
    return bool(match["whose"] or _OWNED.search(match[0]))


def _unmasked(value: str) -> str:
    for mask in MASKS.values():
        value = value.replace(mask, "")
    return value.strip(_FRAME + " ")


def _is_disclosed(match: re.Match[str], value: str, ends: bool) -> bool:
    small = value.lower()
    if small in _STATES or _is_name(value):
        return False
    linked = bool(match["link"].strip())
    if linked and re.fullmatch(_QUOTED, match["value"]):
        return True
    if re.search(r"\bpin", match[0], re.IGNORECASE) and re.fullmatch(r"\d{4,8}", value):
        return True
    if linked and _is_hyphened(small):
        return True
    if _looks_like_password(value):
        return linked or (any(c.isdigit() for c in value) and any(c.isalpha() for c in value) and len(value) >= 6)
    owned = _is_owned(match) and not _STATE_ENDING.search(small)
    told = match["filler"] or _HYPHENED.fullmatch(small)
    return linked and not told and ends and len(value) >= 4 and (_is_labelled(match) or owned)


def _is_hyphened(small: str) -> bool:
    if not _HYPHENED.fullmatch(small):
        return False
    return _JOINTS.isdisjoint(small.split("-")) and not small.endswith(("ssa", "ssä"))


def _is_name(value: str) -> bool:
    """Whether it names a product or a place, however much like a password it looks."""
    return bool(_PRODUCT.fullmatch(value) or _CASED.fullmatch(value)) or "://" in value or value == "{"


def _looks_like_password(value: str) -> bool:
    digits, letters = any(c.isdigit() for c in value), any(c.isalpha() for c in value)
    symbols = any(not c.isalnum() and c not in "-'’/" for c in value)
    inner_capital = not value.isupper() and any(c.isupper() for c in value[1:])
    if digits and not letters:
        return 4 <= len(value) <= 12
    return len(value) >= 4 and ((digits and letters) or (symbols and letters) or inner_capital)
