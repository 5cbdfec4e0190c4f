"""The accessibility statement, by the model of the Finnish supervisory authority (Act 306/2019, section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import web

from tips.facts import filled
from tips.models import Language
from web.pages.frame import PAGES, frame_of, page

PATH = "/saavutettavuus"
_AUTHORITY: Mapping[Language, str] = MappingProxyType(
    {"fi": "saavutettavuus@traficom.fi", "sv": "tillganglighet@traficom.fi", "en": "saavutettavuus@traficom.fi"}
)


async def show(request: web.Request) -> web.StreamResponse:
    """The statement; who provides the service and whom to tell come from the organisation's facts."""
    pages, language = request.app[PAGES], frame_of(request).language
    facts = await pages.desk.run(pages.stores.facts.values)
    if pages.settings.organisation:
        facts = {"organisation": pages.settings.organisation, **facts}
    context = {
        "authority": _AUTHORITY[language],
        "organisation": filled("{organisation}", facts, language),
        "support": filled("{it_support}", facts, language),
    }
    return page(request, "accessibility.html", context)
