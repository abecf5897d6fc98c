from __future__ import annotations

from pathlib import Path

from journeyman.settings import PortalSettings, Settings
from journeyman.web.portal.settings import sections


def rows(settings):
    return {section.name: {row.name: row for row in section.rows} for section in sections(settings, "the id")}


def test_what_differs_from_its_default_is_marked():
    shown = rows(
        Settings(Path("/t"), "contoso.onmicrosoft.com", None, portal=PortalSettings(allow_from=("10.0.0.0/8",)))
    )

    assert (shown["portal"]["allow_from"].text, shown["portal"]["allow_from"].changed) == ("10.0.0.0/8", True)
    assert (shown["portal"]["enabled"].text, shown["portal"]["enabled"].changed) == ("yes", False)
    assert shown["server"]["public_url"].variable == "JOURNEYMAN_PUBLIC_URL"


def test_values_of_a_policy_author_are_named_and_not_shown():
    shown = rows(Settings(Path("/t"), "contoso.onmicrosoft.com", None, values={"ApiKey": "canary"}))

    assert shown["settings"]["ApiKey"].text == "set, not shown"
    assert "canary" not in repr(shown)


async def test_the_page_names_the_file_and_changes_nothing(portal, site):
    page = await portal.get("/portal/settings")

    assert str(site.engine.settings.folder / "journeyman.toml") in page.text
    assert (await portal.post("/portal/settings")).status == 404
