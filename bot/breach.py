"""Whether somebody tells of personal data in wrong hands: that goes to the data protection officer at once."""

from __future__ import annotations

import re

from tips.tokens import cleaned

# The thing by its name, or the accident with what it happened to.
_NAMED = re.compile(
    r"tieto(?:suoja|turva)loukkau|tietovuo[td]|tietovuodo|henkilötieto\w* (?:vuoti|vuotan|karkas)"
    r"|personuppgiftsincident|dataintrång|dataläck|data ?breach|data ?leak|privacy incident",
    re.IGNORECASE,
)
_ACCIDENT = re.compile(
    r"väärälle|väärään osoitteeseen|väärille|vääriin käsiin|vahingossa|hukkasin|kadotin|varastettiin|ulkopuolisille"
    r"|ulkopuolinen (?:näki|sai)|fel (?:person|mottagare|adress)|till fel|av misstag|tappade|utomstående"
    r"|wrong (?:person|recipient|address)|by (?:mistake|accident)|accidentally|lost the|outsider",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"henkilötie|asiak|potila|oppila|lapsen|lasten|hetu|henkilötunnu|palkkatie|terveystie|salassa pidett"
    r"|personuppgift|klient|patient|elev|barnets|barnens|personbeteckning|löneuppgift|hälsouppgift|sekretess"
    r"|personal (?:data|identity)|client|pupil|child|health (?:data|record)|confidential|salar",
    re.IGNORECASE,
)


def is_suspected(text: str) -> bool:
    """Whether the text tells of it."""
    said = cleaned(text)
    return bool(_NAMED.search(said) or (_ACCIDENT.search(said) and _PERSONAL.search(said)))
