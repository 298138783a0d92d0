"""Every page type of the portal: who looks at it, and where. `{listing}` and the like are found from the lists."""

from __future__ import annotations

import re

from playwright.sync_api import Page

PAGES: dict[str, list[str]] = {
    "": [
        "/",
        "/tietoa/",
        "/saavutettavuus/",
        "/tietosuoja/",
        "/kayttoehdot/",
        "/ilmoitukset/",
        "/ilmoitukset/?q=kuusipuinen-olematon",
        "{listing}",
        "/jasenet/",
        "{organisation}",
        "/liity/",
        "/liity/kiitos/",
        "/indikaattorit/",
        "/indikaattorit/synergies/",
        "/tili/login/",
        "/tili/password/reset/",
        "/kutsu/vanhentunut/",
        "/ei-ole/",
    ],
    "member": [
        "/tyopoyta/",
        "/haku/?q=puu",
        "/kalenteri/",
        "/heratteet/",
        "/ilmoitukset/uusi/",
        "/ilmoitukset/uusi/offer/",
        "{own_listing}",
        "{own_listing}muokkaa/",
        "{own_listing}tulkinta/",
        "{own_listing}tulkinta/?q=puu",
        "{own_listing}liitteet/",
        "{own_listing}sulje/",
        "/osumat/",
        "{match}",
        "{match}vastaus/?answer=dismissed",
        "/viestit/",
        "{enquiry}",
        "/oma/",
        "/oma/tiedot/",
        "/tili/email/",
        "/tili/password/change/",
        "/tili/sessions/",
        "/tili/2fa/",
        "/hakemukset/",
    ],
    "orgadmin": ["{own}", "{own}muokkaa/", "{own}henkilot/", "{own}kutsu/"],
    "coordinator": [
        "/tyopoyta/",
        "/osumat/",
        "/synergiat/",
        "/synergiat/?view=board",
        "{synergy}",
        "{synergy}muokkaa/",
        "{synergy}vaihe/",
        "/synergiat/uusi/",
    ],
    "staff": [
        "/tyopoyta/",
        "/hakemukset/",
        "{application}",
        "{application}hylkaa/",
        "/ajot/",
        "{run}",
        "/viestiloki/",
        "/loki/",
        "/tulkinnat/",
        "/tulkinnat/?show=all",
        "/kayttajat/",
        "{user}",
        "{user}rooli/",
        "/tyopaketit/",
        "/tyopaketit/TP4/",
        "/tyopaketit/suunnitelman-erot/",
        "/tietopohja/",
        "/tietopohja/kaytot/",
        "/tietopohja/materiaalit/sawdust/",
        "/tietopohja/kaytot/animal_bedding/",
        "/tietopohja/lisaykset/term/uusi/?of=material:sawdust",
        "/tietopohja/lisaykset/fitness/uusi/?of=material:sawdust",
        "/tietopohja/kokeile/",
        "/tietopohja/julkaisut/",
        "{release}",
        "/indikaattorit/website-visitors/arvo/",
        "/indikaattorit/website-visitors/tavoite/",
    ],
    "steering": ["/ohjaus/", "/ohjaus/resurssit/"],
    "admin": ["/yllapito/"],
}
# Where the first link of this form stands, and for whom.
FOUND = {
    "listing": ("", "/ilmoitukset/", r"/ilmoitukset/\d+/"),
    "organisation": ("", "/jasenet/", r"/jasenet/\d+/"),
    "own_listing": ("member", "/tyopoyta/", r"/ilmoitukset/\d+/"),
    "match": ("member", "/osumat/", r"/osumat/\d+/"),
    "enquiry": ("member", "/viestit/", r"/viestit/\d+/"),
    "own": ("orgadmin", "/jasenet/oma/", r"/jasenet/\d+/"),
    "synergy": ("coordinator", "/synergiat/", r"/synergiat/\d+/"),
    "application": ("staff", "/hakemukset/", r"/hakemukset/\d+/"),
    "run": ("staff", "/ajot/", r"/ajot/\d+/"),
    "release": ("staff", "/tietopohja/julkaisut/", r"/tietopohja/julkaisut/\d+/"),
    "user": ("staff", "/kayttajat/", r"/kayttajat/\d+/"),
}


def first_link(page: Page, pattern: str) -> str:
    """The address of the first link of that form in the page's content. Fails when there is none."""
    links: list[str] = (
        page.get_by_role("main")
        .get_by_role("link")
        .evaluate_all("links => links.map(link => link.getAttribute('href'))")
    )
    found = [link for link in [*links, page.url[page.url.index("/", 8) :]] if re.fullmatch(pattern, link or "")]
    assert found, f"no link of the form {pattern} on {page.url}"
    return found[0]
