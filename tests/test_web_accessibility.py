"""The accessibility statement: open to everybody, in three languages, with what the model asks for."""

from __future__ import annotations

import pytest

from bot.settings import Settings
from bot.stores import Stores
from tests.pages import CONNECTED, text_of, visiting
from tips.models import LANGUAGES, Language

TOLD = {
    "fi": ("osittain", "14 päivän", "Traficom", "www.saavutettavuusvaatimukset.fi", "029 534 5000", "306/2019"),
    "sv": ("delvis", "14 dagar", "Traficom", "www.tillganglighetskrav.fi", "029 534 5000", "306/2019"),
    "en": ("in part", "14 days", "Traficom", "www.webaccessibility.fi", "029 534 5000", "306/2019"),
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_says_what_the_model_asks_for(stores: Stores, language: Language) -> None:
    stores.facts.put("it_support", "IT-tuki <08 123 4567>")
    async with visiting(stores, CONNECTED) as client:
        page = await text_of(client, f"/saavutettavuus?lang={language}")
    for told in (*TOLD[language], "IT-tuki &lt;08 123 4567&gt;"):
        assert told in page


async def test_every_page_leads_to_it_and_the_organisation_has_its_name(stores: Stores) -> None:
    async with visiting(stores, Settings(organisation="Mallilan kunta")) as client:
        assert 'href="/saavutettavuus"' in await text_of(client, "/ohjeet")
        assert "Mallilan kunta" in await text_of(client, "/saavutettavuus")
        stores.facts.put("organisation", "Uusi kunta")
        assert "Uusi kunta" in await text_of(client, "/saavutettavuus")
