"""What must not travel is masked before anything is stored; what only looks like it is left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.messages import say
from bot.protection import KINDS, MASKS, protected
from tips.models import LANGUAGES

CENTURIES = {"+": 1800, **dict.fromkeys("-YXWVU", 1900), **dict.fromkeys("ABCDEF", 2000)}
BEFORE = [
    "",
    " ",
    "(",
    "_",
    "*",
    '"',
    "hetu:",
    "- ",
    "-",
    "x ",
    "2024 ",
    "5 ",
    "1. ",
    "AB12 ",
    "kortti ",
    "\n",
    "\u200b",
]
AFTER = ["", " ", ")", "_", "*", ".", ",", ":n", "!", " 12/27", " 123", "\n", "\u200b", '"', " kiitos", "-", " -", "/"]


@st.composite
def hetus(draw: st.DrawFn) -> str:
    """Valid Finnish identity codes: every sign of a century, temporary ones (900-999) too."""
    sign = draw(st.sampled_from(sorted(CENTURIES)))
    day, month = draw(st.integers(1, 28)), draw(st.integers(1, 12))
    year = draw(st.integers(0, 99 if CENTURIES[sign] < 2000 else 26))
    serial = draw(st.integers(2, 899) | st.integers(900, 999))
    digits = f"{day:02}{month:02}{year:02}{serial:03}"
    return f"{digits[:6]}{sign}{digits[6:]}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(digits) % 31]}"


@st.composite
def ibans(draw: st.DrawFn) -> str:
    """Valid account numbers of the north, in one piece or in fours."""
    country, length = draw(st.sampled_from([("FI", 14), ("SE", 20), ("DE", 18), ("EE", 16)]))
    account = "".join(draw(st.lists(st.sampled_from("0123456789"), min_size=length, max_size=length)))
    letters = "".join(str(int(letter, 36)) for letter in country)
    number = f"{country}{98 - int(account + letters + '00') % 97:02}{account}"
    return draw(st.sampled_from([number, number.lower(), grouped(number, " ")]))


@st.composite
def cards(draw: st.DrawFn) -> str:
    """Card numbers of 13 to 19 digits that pass Luhn's check, in one piece or in fours."""
    digits = draw(st.sampled_from("23456")) + "".join(
        draw(st.lists(st.sampled_from("0123456789"), min_size=11, max_size=17))
    )
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    number = digits + str(-sum(n // 10 + n % 10 for n in doubled) % 10)
    return draw(st.sampled_from([number, grouped(number, " "), grouped(number, "-")]))


def grouped(number: str, gap: str) -> str:
    return gap.join(number[start : start + 4] for start in range(0, len(number), 4))


@settings(max_examples=150)
@given(hetus() | ibans() | cards(), st.sampled_from(BEFORE), st.sampled_from(AFTER))
@example("4111 1111 1111 1111", "2024 ", "")
@example("FI21 1234 5600 0007 85", "AB12 ", " kiitos")
@example("131052-308T", "_", "_")
@example("131052-308T", "-", "")
def test_a_valid_number_is_never_left_in_the_text(number: str, before: str, after: str) -> None:
    safe = protected(before + number + after)
    assert number not in safe.text
    assert len(safe.found) == 1


@settings(max_examples=50)
@given(st.lists(hetus() | ibans() | cards(), min_size=2, max_size=4), st.sampled_from([" ", ", ", "\n", "; ", " ja "]))
def test_each_of_several_numbers_is_masked(numbers: list[str], gap: str) -> None:
    safe = protected(gap.join(numbers))
    assert not any(number in safe.text for number in numbers)


PIECES = [
    "salasanani on ",
    "salasana: ",
    "pin ",
    "mun ",
    "lösenord ",
    "password is ",
    "Kissa123",
    "kissa",
    "1234",
    "on ",
]
PIECES += ["131052-308T", "4111111111111111", "FI2112345600000785", *MASKS.values(), '"', "“", " ", "\n", "-", "_", "]"]


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=()), max_size=5)).map("".join))
@example("131052-308T131052-308T")
@example("salasana: [salasana]")
@example("\ud83d salasanani on Kissa123")
def test_what_is_protected_stays_as_it_is(text: str) -> None:
    safe = protected(text)
    assert protected(safe.text).text == safe.text
    assert protected(safe.text).found == ()
    assert set(safe.found) <= set(KINDS)
    assert safe.text.encode().decode() == safe.text


@pytest.mark.parametrize(
    ("text", "masked", "found"),
    [
        ("hetuni on 131052-308T, auta", "hetuni on [hetu], auta", ("identity_code",)),
        ("131052–308t", "[hetu]", ("identity_code",)),
        ("131\u200b052-308T", "[hetu]", ("identity_code",)),
        ("１３１０５２－３０８Ｔ", "[hetu]", ("identity_code",)),
        ("131052 - 308T", "[hetu]", ("identity_code",)),
        ("131052 308T", "[hetu]", ("identity_code",)),
        ("hetu 131052308T kiitos", "hetu [hetu] kiitos", ("identity_code",)),
        ("4111.1111.1111.1111", "[kortti]", ("card",)),
        ("4111/1111/1111/1111 12/27", "[kortti] 12/27", ("card",)),
        ("4111_1111_1111_1111", "[kortti]", ("card",)),
        ("tili FI21.1234.5600.0007.85.", "tili [IBAN].", ("account",)),
        ("tili FI21 1234 5600 0007 85 kiitos", "tili [IBAN] kiitos", ("account",)),
        ("kortti 4111 1111 1111 1111 12/27", "kortti [kortti] 12/27", ("card",)),
        ("131052-308T ja FI2112345600000785", "[hetu] ja [IBAN]", ("identity_code", "account")),
        ("FI2112345600000785 ja 131052-308T", "[IBAN] ja [hetu]", ("identity_code", "account")),
    ],
)
def test_numbers_are_masked_where_they_stand(text: str, masked: str, found: tuple[str, ...]) -> None:
    assert (protected(text).text, protected(text).found) == (masked, found)


@pytest.mark.parametrize(
    "text",
    [
        "131052 308U",
        "131052308U",
        "040 123 4567 ja +358 40 1234567",
        "0401234567",
        "21.11.2026 22.11.2026",
        "tilaus 234567890123456",  # fails Luhn
        "131052-308U",  # the wrong check character
        "311352-3084",  # no such month
        "puhelin 040 123 4567",
        "p. 08 123 4567 tai +358 40 1234567",
        "4111 1111 1111 1112",
        "FI21 1234 5600 0007 86",
        "lasku 202611210001, viite 1234 5678 9012",
        "5555 5555 5555 5555 5555 5555",
        "viite 3456789012345678906",
        "y-tunnus 1234567-1",
        "kello 12.30, 21.11.2026, versio 10.0.19045",
        "https://example.com/131052-3089",
    ],
)
def test_other_numbers_pass_untouched(text: str) -> None:
    assert protected(text).text == text
    assert protected(text).found == ()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("salasanani on Kissa123", "salasanani on [salasana]"),
        ("Salasana: Kissa123!", "Salasana: [salasana]!"),
        ("salasana=kissa123", "salasana=[salasana]"),
        ("mun salis on Kesä2026, miksi se ei käy", "mun salis on [salasana], miksi se ei käy"),
        ('salasanani on "mustikka metsä"', 'salasanani on "[salasana]"'),
        ("mun salasana on mansikka", "mun salasana on [salasana]"),
        ("laitoin salasanaksi Kissa123", "laitoin salasanaksi [salasana]"),
        ("salasana Kissa123 ei käy", "salasana [salasana] ei käy"),
        ("password: salasana on Kissa123", "password: salasana on [salasana]"),
        ("pinkoodini on 4821", "pinkoodini on [salasana]"),
        ("mitt lösenord är Sommar2026", "mitt lösenord är [salasana]"),
        ("lösenordet Katten123 fungerar inte", "lösenordet [salasana] fungerar inte"),
        ("min pinkod är 4821", "min pinkod är [salasana]"),
        ("my password is Summer2026", "my password is [salasana]"),
        ("the password is Fluffy!1, why", "the password is [salasana], why"),
        ("pwd=cat12345", "pwd=[salasana]"),
        ("salasana on traktori-sateenvarjo-pulla-torstai", "salasana on [salasana]"),
        ("lösenordet är traktor-paraply-bulle-torsdag", "lösenordet är [salasana]"),
        ("password is tractor-umbrella-bun-autumn", "password is [salasana]"),
        ("my password is correct horse battery staple", "my password is [salasana]"),
        ("my password is correct horse battery staple, why?", "my password is [salasana], why?"),
        ("salasana: traktori sateenvarjo pulla torstai", "salasana: [salasana]"),
        ("salasanani on siis Kissa1234", "salasanani on siis [salasana]"),
        ("salasana on nyt Kissa1234", "salasana on nyt [salasana]"),
        ("salasana on edelleen Kissa1234", "salasana on edelleen [salasana]"),
        ("salasana oli ennen Kissa1234", "salasana oli ennen [salasana]"),
        ("lösenordet är nu Katten123", "lösenordet är nu [salasana]"),
        ("password is now Summer2026", "password is now [salasana]"),
        ("password is still Summer2026", "password is still [salasana]"),
        ("vaihdoin salasanan Kissa1234", "vaihdoin salasanan [salasana]"),
        ("kirjauduin salasanalla Kissa1234", "kirjauduin salasanalla [salasana]"),
        ("salasanaksi laitoin Kissa123", "salasanaksi laitoin [salasana]"),
        ("my pass is Kissa1234", "my pass is [salasana]"),
        ("my passcode is 4821", "my passcode is [salasana]"),
        ("pin koodi on 1234", "pin koodi on [salasana]"),
        ("pin code is 1234", "pin code is [salasana]"),
        ("koodini on 384756", "koodini on [salasana]"),
    ],
)
def test_a_disclosed_password_is_masked(text: str, masked: str) -> None:
    assert protected(text).text == masked
    assert protected(text).found == ("password",)


@pytest.mark.parametrize(
    "text",
    """
    salasana vanheni
    salasana on vanhentunut
    salasana on liian lyhyt
    salasanani on unohtunut
    mun salasana on unohtunu
    salasanani on varmaan vuotanut
    salasanani on selaimessa
    salasana 15 merkkiä
    salasana on 15 merkkiä pitkä
    salasana vanheni 12.1.2027
    Office365 salasana
    salasana Office365
    salasana: https://salasana.mallila.fi
    mikä on hyvä salasana?
    lösenordet har gått ut
    mitt lösenord är för kort
    mitt lösenord är utgånget
    mitt lösenord är bortglömt
    mitt lösenord är stulet
    lösenordet är samma överallt
    my password is expired
    my password is too short
    my password was stolen
    my password is outdated
    password is 12 characters
    my pin is forgotten
    salasana unohtunut, miten vaihdan
    salasana: ohje
    salasana: katso ohje intrasta
    salasanassa pitää olla 14 merkkiä
    vaihdan salasanan Office365:ssä
    my password is not working
    my password is out-of-date
    my password is now visible
    password is needed again
    password is case-sensitive
    lösenordet är lösenord-skyddat
    lösenordet är fel
    lösenord är fel
    mitt lösenord har gått ut
    wifin salasana?
    salasana on sama kaikkialla
    salasana on OneDrivessa
    """.strip().splitlines(),
)
def test_talk_about_a_password_is_no_disclosure(text: str) -> None:
    assert protected(text.strip()).found == ()


def test_text_without_secrets_comes_back_letter_for_letter() -> None:
    text = "Hei\u200b – ”kokous”\t½ 🙂\r\n"
    assert protected(text).text == text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_mask_and_a_warning(kind: str, language: str) -> None:
    assert MASKS[kind]
    assert say(language, f"warn_{kind}").startswith("**")


@pytest.mark.parametrize(
    "text",
    [
        "salasana on" + " " * 50_000,
        "2 " * 10_000,
        "FI21 " * 4_000,
        "pin " * 5_000,
        "salasana on " * 1_667,
    ],
)
def test_no_message_keeps_the_filter_busy(text: str) -> None:
    started = time.process_time()
    assert protected(text).found == ()
    assert time.process_time() - started < 2  # a tenth is usual; a search that starts over takes half a minute
