"""Every page there is, with addresses to look at it by; and pages that only come of a press."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from playwright.sync_api import Page, expect

_QUARTER = "/vuosikello/security-quarter-data-protection"
# By the router's own way of writing an address. A page that is added is looked at once it stands here.
SAMPLES: Mapping[str, list[str]] = {
    "/ohjeet": ["/ohjeet", "/ohjeet?q=salasana", "/ohjeet?embed"],
    "/ohjeet/{theme}": ["/ohjeet/passwords", "/ohjeet/nothing"],
    "/ohjeet/{theme}/{tip}": ["/ohjeet/passwords/password-strong"],
    "/vartit": ["/vartit"],
    "/vartit/{theme}": ["/vartit/passwords"],
    "/vartit/{theme}/isannalle": ["/vartit/passwords/isannalle"],
    "/vartit/{theme}/muokkaa": ["/vartit/passwords/muokkaa", "/vartit/passwords/muokkaa?kieli=sv"],
    "/digitutorit": ["/digitutorit"],
    "/saavutettavuus": ["/saavutettavuus"],
    "/kirjaudu/{token}": ["/kirjaudu/forged"],
    "/vuosikello": ["/vuosikello", "/vuosikello?vuosi=2027"],
    "/vuosikello/uusi": ["/vuosikello/uusi"],
    "/vuosikello/{entry}": [_QUARTER],
    "/vuosikello/{entry}/{day}": [f"{_QUARTER}/2028-01-26"],
    "/paiva/{day}": ["/paiva/2027-02-09"],
    "/viikko/{year}-{week}": ["/viikko/2027-4"],
    "/seuraavaksi": ["/seuraavaksi", "/seuraavaksi?tehty=retry"],
    "/vastaanottajat": ["/vastaanottajat"],
    "/vastaanottajat/{id}": ["/vastaanottajat/d1", "/vastaanottajat/d2"],
    "/henkilot": ["/henkilot"],
    "/henkilot/tuonti": ["/henkilot/tuonti"],
    "/henkilot/{person}": ["/henkilot/teams:tiina"],
    "/vinkit": ["/vinkit", "/vinkit?teema=passwords"],
    "/vinkit/{tip}": ["/vinkit/password-strong"],
    "/uusi-vinkki": ["/uusi-vinkki"],
    "/luonnokset": ["/luonnokset"],
    "/luonnokset/{number}": ["/luonnokset/1"],
    "/historia": ["/historia"],
    "/ajankohtaista": ["/ajankohtaista"],
    "/tuonti": ["/tuonti"],
    "/loki": ["/loki"],
    "/julisteet": ["/julisteet"],
    "/luvut": ["/luvut", "/luvut?vuosi=2020"],
}
# What is downloaded, what is for machines, and the preview, which has tests of its own.
FILES = {"/kuvat/{digest}", "/images/{digest}", "/sivut/{name}", "/vienti/{name}", "/luvut.csv", "/luvut.pdf"}
FILES |= {"/calendar.ics", "/vuosikello/{entry}/{day}.ics"}
FILES |= {"/julisteet/vinkki/{tip}.pdf", "/julisteet/kerta/{entry}/{day}.pdf"}
PAGES = [path for paths in SAMPLES.values() for path in paths]

_PACK = """
theme: own
series: digivinkki
title: {fi: Oma aihe}
tips:
- id: own-tip
  fi: {title: Oma vinkki, body: Tee näin.}
"""


def _answered(page: Page, _: Path) -> None:
    page.goto("/ohjeet")
    page.get_by_label("Kysymyksesi").fill("salasana vanheni")
    page.get_by_role("button", name="Kysy").click()
    expect(page.locator(".asked")).to_be_visible()


def _in_conflict(page: Page, _: Path) -> None:
    """Somebody else saves while this one writes."""
    other = page.context.new_page()
    for each in (page, other):
        each.goto("/vinkit/password-reuse")
    for each, title in ((other, "Toisen otsikko"), (page, "Oma otsikko")):
        each.locator("[name='fi.title']").fill(f"{title} {id(page)}")
        each.get_by_role("button", name="Tallenna", exact=True).click()
        each.wait_for_load_state()
    other.close()
    expect(page.get_by_role("alert").first).to_be_visible()


def _half_an_entry(page: Page, _: Path) -> None:
    page.goto("/vuosikello/uusi")
    page.get_by_role("button", name="Tallenna").click()
    expect(page.locator(".problem").first).to_be_visible()


def _before_an_import(page: Page, folder: Path) -> None:
    _upload(page, folder / "oma.yaml", _PACK.encode())
    expect(page.locator("form[action^='/tuonti/hyvaksy']")).to_be_visible()


def _refused_import(page: Page, folder: Path) -> None:
    _upload(page, folder / "p.zip", b"no archive")
    expect(page.get_by_role("alert")).to_be_visible()


def _upload(page: Page, file: Path, data: bytes) -> None:
    file.write_bytes(data)
    page.goto("/tuonti")
    page.locator("#vinkit").set_input_files(file)
    page.get_by_role("button", name="Katso, mitä muuttuu").first.click()
    page.wait_for_load_state()


REACHED: Mapping[str, Callable[[Page, Path], None]] = {
    "an answer": _answered,
    "a conflict": _in_conflict,
    "half an entry": _half_an_entry,
    "before an import": _before_an_import,
    "a refused import": _refused_import,
}


def visits(page: Page, folder: Path) -> Iterator[str]:
    """Brings the page to each of them, in turn."""
    for path in PAGES:
        page.goto(path)
        yield path
    for name, reach in REACHED.items():
        reach(page, folder)
        yield name
