"""Addresses of licences by their SPDX names: those of Creative Commons at their own house, all others at spdx.org."""

from __future__ import annotations

import re

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

SPDX = "https://spdx.org/licenses/{}.html"
CREATIVE_COMMONS = "https://creativecommons.org/licenses/{}/"
# What is no licence but a mark, and what is called otherwise there than by SPDX.
OTHERS = {
    "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "cc-pdm-1.0": "https://creativecommons.org/publicdomain/mark/1.0/",
    "cc-pddc": CREATIVE_COMMONS.format("publicdomain"),
    "cc-by-nc-nd-1.0": CREATIVE_COMMONS.format("by-nd-nc/1.0"),
}
# How people write the names of those that have one version only.
SPELLINGS = {
    "cc0": "cc0-1.0", "cc-0": "cc0-1.0", "cc-0-1.0": "cc0-1.0", "cc-zero": "cc0-1.0", "cc-zero-1.0": "cc0-1.0",
    "pdm": "cc-pdm-1.0", "pdm-1.0": "cc-pdm-1.0", "cc-pdm": "cc-pdm-1.0", "public-domain-mark": "cc-pdm-1.0",
    "public-domain-mark-1.0": "cc-pdm-1.0", "cc-public-domain-mark-1.0": "cc-pdm-1.0",
}  # fmt: skip
NAME = re.compile(r"cc-(?P<kind>by|by-sa|by-nc|by-nd|by-nc-sa|by-nc-nd|sa)-(?P<version>\d\.\d)(-(?P<port>[a-z]{2,3}))?")
VERSIONS = {"sa": ("1.0",)}
UNPORTED = ("1.0", "2.0", "2.5", "3.0", "4.0")
# Jurisdictions that Creative Commons wrote a licence of this version for; SPDX knows some of them.
# fmt: off
PORTS = {
    "2.0": "at au be br ca cl de es fr hr it jp kr nl pl tw uk za",
    "2.1": "au es jp",
    "2.5": "ar au bg br ca ch cn co dk es hr hu il in it mk mt mx my nl pe pl pt scotland se si tw za",
    "3.0": "am at au az br ch cl cn cr cz de ec ee eg es fr ge gr gt hk hr ie igo it lu nl no nz ph pl pr pt ro rs sg "
           "th tw ug us ve vn za",
}
# fmt: on


def addresses(licence: str) -> list[str]:
    """Return the address of a licence, or of each in an SPDX expression; the words as they stand where none is."""
    if re.match("https?://", licence):
        return [licence]
    if known := _of_creative_commons(_plain(licence)):
        return [known]
    try:
        expression = canonicalize_license_expression(licence)
    except InvalidLicenseExpression:
        return [licence or "not stated"]
    # Exceptions after WITH are no licences, and those that one names oneself stand nowhere.
    words = re.findall(r"[^\s()]+", re.sub(r"\sWITH\s+\S+", "", expression))
    names = [word for word in words if word not in ("AND", "OR")]
    if any(name.startswith(("LicenseRef-", "DocumentRef-")) for name in names):
        return [licence]
    return list(dict.fromkeys(_address(name.rstrip("+")) for name in names))


def _address(name: str) -> str:
    return _of_creative_commons(name.lower()) or SPDX.format(name)


def _plain(licence: str) -> str:
    """Return a name in small letters with hyphens: "CC BY 4.0" is "cc-by-4.0"."""
    plain = re.sub(r"[\s_-]+", "-", licence.strip().lower())
    return SPELLINGS.get(plain, plain)


def _of_creative_commons(name: str) -> str:
    """Return the address of a licence of Creative Commons by its name in small letters, empty where there is none."""
    if name in OTHERS:
        return OTHERS[name]
    match = NAME.fullmatch(name)
    if match is None:
        return ""
    kind, version, port = match["kind"], match["version"], match["port"]
    if port:
        known = port in PORTS.get(version, "").split()
        return CREATIVE_COMMONS.format(f"{kind}/{version}/{port}") if known and kind != "sa" else ""
    return CREATIVE_COMMONS.format(f"{kind}/{version}") if version in VERSIONS.get(kind, UNPORTED) else ""
