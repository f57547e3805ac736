import pytest

from annotation.dataset.pages.licence_addresses import addresses

CC, SPDX = "https://creativecommons.org/licenses/", "https://spdx.org/licenses/"
LICENCES = [
    ("CC-BY-4.0", [f"{CC}by/4.0/"]),
    ("cc-by-sa-4.0", [f"{CC}by-sa/4.0/"]),
    ("CC BY 4.0", [f"{CC}by/4.0/"]),
    ("CC-BY-NC-ND-2.5", [f"{CC}by-nc-nd/2.5/"]),
    ("CC-BY-NC-ND-1.0", [f"{CC}by-nd-nc/1.0/"]),
    ("CC-BY-ND-1.0", [f"{CC}by-nd/1.0/"]),
    ("CC-SA-1.0", [f"{CC}sa/1.0/"]),
    ("CC-BY-SA-3.0-DE", [f"{CC}by-sa/3.0/de/"]),
    ("CC-BY-3.0-IGO", [f"{CC}by/3.0/igo/"]),
    ("CC-BY-SA-2.1-JP", [f"{CC}by-sa/2.1/jp/"]),
    ("CC-BY-NC-SA-2.0-UK", [f"{CC}by-nc-sa/2.0/uk/"]),
    ("CC-BY-2.5-AU", [f"{CC}by/2.5/au/"]),
    ("CC0-1.0", ["https://creativecommons.org/publicdomain/zero/1.0/"]),
    ("CC0", ["https://creativecommons.org/publicdomain/zero/1.0/"]),
    ("CC-PDM-1.0", ["https://creativecommons.org/publicdomain/mark/1.0/"]),
    ("Public Domain Mark 1.0", ["https://creativecommons.org/publicdomain/mark/1.0/"]),
    ("CC-PDDC", [f"{CC}publicdomain/"]),
    ("MIT", [f"{SPDX}MIT.html"]),
    ("odbl-1.0", [f"{SPDX}ODbL-1.0.html"]),
    ("GPL-3.0-or-later", [f"{SPDX}GPL-3.0-or-later.html"]),
    ("CC-BY-4.0 OR MIT", [f"{CC}by/4.0/", f"{SPDX}MIT.html"]),
    ("(CC-BY-SA-3.0-DE AND CC0-1.0) OR MIT", [f"{CC}by-sa/3.0/de/", "https://creativecommons.org/publicdomain/zero/1.0/",
                                              f"{SPDX}MIT.html"]),
    ("GPL-2.0-only WITH Classpath-exception-2.0", [f"{SPDX}GPL-2.0-only.html"]),
    ("https://example.org/terms", ["https://example.org/terms"]),
    # No licence has these names: words stay words, and no address leads nowhere.
    ("CC-BY", ["CC-BY"]),
    ("CC-BY-5.0", ["CC-BY-5.0"]),
    ("CC-BY-4.0-DE", ["CC-BY-4.0-DE"]),
    ("CC-BY-2.1", ["CC-BY-2.1"]),
    ("CC-BY-3.0-XX", ["CC-BY-3.0-XX"]),
    ("Public domain (PD-old-100)", ["Public domain (PD-old-100)"]),
    ("LicenseRef-museum", ["LicenseRef-museum"]),
    ("all rights reserved", ["all rights reserved"]),
    ("", ["not stated"]),
]  # fmt: skip


@pytest.mark.parametrize(("licence", "expected"), LICENCES)
def test_a_licence_has_its_own_address_or_none(licence, expected):
    assert addresses(licence) == expected
