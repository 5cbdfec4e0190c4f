"""Teams' app package: valid against Microsoft's schema, the same app for ever, in three languages, no more permissions
than needed."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from bot.commands import Command, command_in
from bot.menu import ENTRIES
from bot.settings import Settings
from bot.teams.manifest import manifest, package, package_id, zipped
from tips.models import LANGUAGES, Language

APP = "2f0a7c1e-5b3d-4e86-9c47-d1b8e6a35f90"
SETTINGS = Settings(public_url="https://vinkit.kunta.fi", app_id=APP)
SCHEMA = json.loads((Path(__file__).parent / "data" / "teams-1.30.json").read_text(encoding="utf-8"))

# What Microsoft's localisation schema allows besides the names and descriptions of the app: key, longest value.
LOCALISED = {
    r"bots\[0\]\.commandLists\[[0-2]\]\.commands\[([0-9]|1[0-1])\]\.title": 128,
    r"bots\[0\]\.commandLists\[[0-2]\]\.commands\[([0-9]|1[0-1])\]\.description": 4000,
    r"composeExtensions\[0\]\.commands\[[0-9]\]\.(title|parameters\[[0-4]\]\.title)": 32,
    r"composeExtensions\[0\]\.commands\[[0-9]\]\.(description|parameters\[[0-4]\]\.description)": 128,
    r"name\.short": 30,
    r"name\.full": 100,
    r"description\.short": 80,
    r"description\.full": 4000,
}


def settings(**more: Any) -> Settings:
    return Settings(**{"public_url": SETTINGS.public_url, "app_id": APP, **more})


def texts(place: str, value: Any) -> dict[str, str]:
    """All titles and descriptions below a place of the manifest, by their paths."""
    if isinstance(value, dict):
        own = {f"{place}.{name}": text for name, text in value.items() if name in ("title", "description")}
        below = (texts(f"{place}.{name}", part) for name, part in value.items() if not isinstance(part, str))
        return own | {key: text for found in below for key, text in found.items()}
    parts = value if isinstance(value, list) else []
    return {key: text for n, part in enumerate(parts) for key, text in texts(f"{place}[{n}]", part).items()}


def localised(language: Language, default: Language = "fi") -> dict[str, str]:
    found: dict[str, str] = json.loads(package(settings(language=default), "1.2.3")[f"{language}.json"])
    return found


# --- The manifest -------------------------------------------------------------------------------------------------


def test_the_schema_is_one_that_can_refuse() -> None:
    assert not Draft4Validator(SCHEMA).is_valid({**manifest(SETTINGS, "1.2.3"), "accentColor": "teal"})
    assert not Draft4Validator(SCHEMA).is_valid({**manifest(SETTINGS, "1.2.3"), "more": ""})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hears_all", [False, True])
@pytest.mark.parametrize("organisation", ["", "Mallilan kunta", "Kaukametsän seudun koulutuskuntayhtymä, hallinto"])
def test_the_manifest_is_valid(language: Language, hears_all: bool, organisation: str) -> None:
    made = manifest(settings(language=language, organisation=organisation), "1.2.3", hears_all=hears_all)
    assert [error.message for error in Draft4Validator(SCHEMA).iter_errors(made)] == []
    assert made["manifestVersion"] == "1.30"
    assert made["version"] == "1.2.3"


def test_it_is_a_bot_for_private_chats_teams_and_group_chats() -> None:
    (bot,) = manifest(SETTINGS, "1.2.3")["bots"]
    assert (bot["botId"], bot["scopes"]) == (APP, ["personal", "team", "groupChat"])
    assert [scope for commands in bot["commandLists"] for scope in commands["scopes"]] == bot["scopes"]


def test_private_and_shared_channels_are_supported() -> None:
    assert manifest(SETTINGS, "1.2.3")["supportsChannelFeatures"] == "tier1"


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://vinkit.kunta.fi", "vinkit.kunta.fi"),
        ("https://vinkit.kunta.fi:8443/digivinkki", "vinkit.kunta.fi"),
        ("https://Vinkit.Kunta.fi", "vinkit.kunta.fi"),
    ],
)
def test_links_may_lead_to_the_public_address_only(address: str, domain: str) -> None:
    assert manifest(settings(public_url=address), "1.2.3")["validDomains"] == [domain]


def test_the_publisher_is_the_organisation_as_far_as_there_is_room() -> None:
    def developer(**more: Any) -> dict[str, str]:
        return dict(manifest(settings(**more), "1.2.3")["developer"])

    assert developer()["name"] == "Digivinkki"
    assert developer(organisation="Mallilan kunta")["name"] == "Mallilan kunta"
    assert developer(organisation="Kaukametsän seudun koulutuskuntayhtymä")["name"] == "Kaukametsän seudun…"


def test_the_links_of_the_publisher_lead_to_the_organisations_page() -> None:
    def links(about: str) -> set[str]:
        return {text for name, text in manifest(SETTINGS, "1.2.3", about=about)["developer"].items() if name != "name"}

    assert links("") == {"https://vinkit.kunta.fi"}
    assert links("https://www.kunta.fi/digivinkki") == {"https://www.kunta.fi/digivinkki"}


def test_no_permission_is_asked_for_unless_it_is_wanted() -> None:
    plain = manifest(SETTINGS, "1.2.3")
    assert plain.keys() & {"webApplicationInfo", "authorization", "permissions", "devicePermissions"} == set()
    wanted = manifest(SETTINGS, "1.2.3", hears_all=True)
    assert wanted["webApplicationInfo"]["id"] == APP
    assert wanted["authorization"]["permissions"]["resourceSpecific"] == [
        {"name": "ChannelMessage.Read.Group", "type": "Application"}
    ]
    assert {name: wanted[name] for name in plain} == plain


def test_the_apps_id_is_another_than_the_bots_and_stays_for_ever() -> None:
    assert package_id(APP) == "40845b5f-4436-5e94-b7b7-f6bd4b9ee449"
    assert package_id(APP.upper()) == package_id(APP)
    assert package_id(APP.replace("2", "3", 1)) != package_id(APP)
    assert manifest(settings(public_url="https://other.fi", language="sv"), "9.9.9")["id"] == package_id(APP)


def test_an_app_id_in_capitals_is_the_same_app() -> None:
    assert manifest(settings(app_id=APP.upper()), "1.2.3") == manifest(SETTINGS, "1.2.3")


# --- Commands and search ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_offered_works_as_it_is_written(language: Language) -> None:
    (bot,) = manifest(settings(language=language), "1.2.3")["bots"]
    offered = [[command_in(command["title"], language) for command in part["commands"]] for part in bot["commandLists"]]
    private = ["help", "themes", "language", "my_data", "delete_data"]
    assert offered == [[Command(name, language) for name in names] for names in (private, private[:2])]


def test_the_search_asks_for_words_and_does_not_run_without_any() -> None:
    (extension,) = manifest(SETTINGS, "1.2.3")["composeExtensions"]
    search = extension["commands"][0]
    assert (extension["botId"], search["type"], search["initialRun"]) == (APP, "query", False)
    assert [parameter["inputType"] for parameter in search["parameters"]] == ["text"]


def test_any_message_can_be_made_a_tip_or_an_answer() -> None:
    (extension,) = manifest(SETTINGS, "1.2.3")["composeExtensions"]
    tip, answer = extension["commands"][1:]
    assert [(each["type"], each["context"], each["fetchTask"]) for each in (tip, answer)] == [
        ("action", ["message"], True)
    ] * 2
    assert (tip["title"], answer["title"]) == ("Tee tästä vinkki", "Tämä on vastaus")
    assert {tip["id"], answer["id"]} == set(ENTRIES)


# --- Languages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("default", LANGUAGES)
def test_the_other_languages_have_files_in_the_package(default: Language) -> None:
    made = package(settings(language=default), "1.2.3")
    languages = json.loads(made["manifest.json"])["localizationInfo"]
    assert languages["defaultLanguageTag"] == default
    assert {other["languageTag"]: other["file"] for other in languages["additionalLanguages"]} == {
        other: f"{other}.json" for other in LANGUAGES if other != default
    }
    assert set(made) == {"manifest.json", "color.png", "outline.png"} | {
        other["file"] for other in languages["additionalLanguages"]
    }


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_language_file_translates_every_text_of_the_manifest(language: Language) -> None:
    made, other = manifest(SETTINGS, "1.2.3"), manifest(settings(language=language), "1.2.3")
    found = localised(language)
    expected = {f"{part}.{size}": other[part].get(size) for part in ("name", "description") for size in other[part]}
    expected |= texts("bots[0]", other["bots"][0]) | texts("composeExtensions[0]", other["composeExtensions"][0])
    assert {key: text for key, text in found.items() if key != "$schema"} == expected
    assert set(expected) == {
        *(f"{part}.{size}" for part in ("name", "description") for size in made[part]),
        *texts("bots[0]", made["bots"][0]),
        *texts("composeExtensions[0]", made["composeExtensions"][0]),
    }


@pytest.mark.parametrize(("language", "default"), [("sv", "fi"), ("en", "fi"), ("fi", "sv")])
def test_a_language_file_keeps_to_what_teams_takes(language: Language, default: Language) -> None:
    for key, text in localised(language, default).items():
        if key != "$schema":
            (longest,) = [longest for pattern, longest in LOCALISED.items() if re.fullmatch(pattern, key)]
            assert 0 < len(text) <= longest, key


# --- The zip ------------------------------------------------------------------------------------------------------


def test_the_zip_holds_the_files_without_folders() -> None:
    files = package(SETTINGS, "1.2.3")
    with zipfile.ZipFile(io.BytesIO(zipped(files))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o644}


def test_the_same_settings_make_the_same_zip() -> None:
    assert zipped(package(SETTINGS, "1.2.3")) == zipped(package(settings(), "1.2.3"))


@pytest.mark.parametrize(("icon", "size", "colour_type"), [("color.png", 192, 2), ("outline.png", 32, 6)])
def test_an_icon_has_the_size_that_teams_wants(icon: str, size: int, colour_type: int) -> None:
    data = package(SETTINGS, "1.2.3")[icon]
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">IIBB", data[16:26]) == (size, size, 8, colour_type)


def test_the_outline_is_white_on_nothing() -> None:
    data = package(SETTINGS, "1.2.3")["outline.png"]
    length = struct.unpack(">I", data[33:37])[0]
    rows = zlib.decompress(data[41 : 41 + length])
    lines = [rows[start:end] for start, end in pairwise(range(0, len(rows) + 1, 32 * 4 + 1))]
    assert {line[0] for line in lines} == {0}  # no filter: the bytes are the pixels
    pixels = [line[start : start + 4] for line in lines for start in range(1, len(line), 4)]
    assert {pixel[:3] for pixel in pixels} == {b"\xff\xff\xff"}
    assert pixels[0][3] == 0
    assert max(pixel[3] for pixel in pixels) == 255
