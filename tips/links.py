"""Which addresses the starter content may lead to: official ones, and none so deep that it will rot."""

from __future__ import annotations

from urllib.parse import urlsplit

from tips.fields import is_web_address
from tips.reasons import reason

_OFFICIAL = (
    "112.fi dvv.fi eduskunta.fi finlex.fi hus.fi kela.fi kkv.fi kuntaliitto.fi kyberturvallisuuskeskus.fi "
    "oikeuskansleri.fi oph.fi poliisi.fi riku.fi saavutettavuusvaatimukset.fi selkokeskus.fi suomi.fi supo.fi "
    "tietosuoja.fi traficom.fi turvallisuuskomitea.fi tyosuojelu.fi valtioneuvosto.fi vero.fi vm.fi "
    "aka.ms google.com microsoft.com microsoftonline.com apple.com android.com badgefinland.fi openbadgepassport.com "
    "europa.eu nist.gov"
).split()
DEEPEST = 2  # parts of the path of a link; a source may lie deeper: it vouches for what was read there


def link_problem(link: str) -> str:
    """What is wrong with a link of a tip, '' where nothing is."""
    if problem := source_problem(link):
        return problem
    parts = [part for part in urlsplit(link).path.split("/") if part]
    return reason("deep", count=len(parts), most=DEEPEST) if len(parts) > DEEPEST else ""


def source_problem(source: str) -> str:
    """What is wrong with a source, '' where nothing is."""
    if not is_web_address(source) or not source.startswith("https://"):
        return reason("no_https")
    host = urlsplit(source).hostname or ""
    if not any(host == name or host.endswith(f".{name}") for name in _OFFICIAL):
        return reason("unofficial", host=host)
    return ""
