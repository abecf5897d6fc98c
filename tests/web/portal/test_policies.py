"""The pages of custom policies over HTTP."""

from __future__ import annotations

import pytest

from journeyman.management.caller import Right
from journeyman.web.portal.policies import policies_area

BASE = "/portal/policies"


@pytest.fixture
def silent(site):
    """The text of a policy of the folder, and one with another id that derives from the same base."""
    text = (site.engine.settings.folder / "policies" / "Silent.xml").read_text(encoding="utf-8")
    return text.replace("B2C_1A_Silent", "B2C_1A_Uploaded")


async def upload(portal, text, **more):
    await portal.get(f"{BASE}/upload")
    return await portal.post(f"{BASE}/upload", {"xml": ""}, files=[("file", "a.xml", text.encode())], **more)


async def test_policies_of_the_folder_are_listed_with_their_state(portal):
    reply = await portal.get(BASE)

    assert reply.status == 200
    assert "B2C_1A_Silent" in reply.text
    assert "policies/Silent.xml" in reply.text
    assert ">served<" in reply.text
    assert ">base<" in reply.text


async def test_an_uploaded_policy_is_served_when_its_page_appears(portal, site, silent):
    reply = await upload(portal, silent)
    page = await portal.follow(reply)

    assert (reply.status, reply.location) == (303, f"{BASE}/B2C_1A_Uploaded")
    assert "B2C_1A_Uploaded is stored and is served from now on." in page.text
    assert site.engine.policies.find("B2C_1A_Uploaded") is not None


async def test_a_pasted_policy_is_as_good_as_a_file(portal, site, silent):
    await portal.get(f"{BASE}/upload")

    reply = await portal.post(f"{BASE}/upload", {"xml": silent}, files=[("file", "", b"")])

    assert reply.status == 303
    assert site.engine.policies.find("B2C_1A_Uploaded") is not None


async def test_a_policy_with_an_error_changes_nothing_and_is_shown_with_the_error_in_its_line(portal, site, silent):
    broken = silent.replace('<DefaultUserJourney ReferenceId="', '<DefaultUserJourney ReferenceId="No')

    reply = await upload(portal, broken)

    line = next(number for number, text in enumerate(broken.splitlines(), 1) if "DefaultUserJourney" in text)
    assert reply.status == 400
    assert f'<li id="L{line}" class="bad">' in reply.text
    assert "nothing was changed" in reply.text
    assert site.engine.policies.entry("B2C_1A_Uploaded") is None


@pytest.mark.parametrize(("text", "said"), [("", "choose a file, or paste"), ("<nothing", "error"), ("<a/>", "error")])
async def test_what_is_no_policy_is_refused_in_words(portal, text, said):
    reply = await upload(portal, text)

    assert reply.status == 400
    assert said in reply.text


async def test_a_script_in_a_policy_is_text_on_every_page(portal, silent):
    hostile = "<script>alert(1)</script>"
    marked = silent.replace("<DisplayName>", "<DisplayName>&lt;script&gt;alert(1)&lt;/script&gt;", 1)
    await upload(portal, marked)

    pages = [await portal.get(f"{BASE}/B2C_1A_Uploaded{tab}") for tab in ("", "/journey", "/report", "/delete")]

    assert [page.status for page in pages] == [200] * 4
    assert not any(hostile in page.text for page in pages)


async def test_the_text_of_a_policy_is_sent_as_a_file_that_no_browser_draws(portal, site):
    reply = await portal.get(f"{BASE}/b2c_1a_silent/xml")

    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert reply.headers["Content-Disposition"] == "attachment; filename*=UTF-8''B2C_1A_Silent.xml"
    assert reply.text.encode() == (site.engine.settings.folder / "policies" / "Silent.xml").read_bytes()


async def test_a_policy_is_deleted_by_its_name_only(portal, site, silent):
    await upload(portal, silent)
    await portal.get(f"{BASE}/B2C_1A_Uploaded/delete")

    wrong = await portal.post(f"{BASE}/B2C_1A_Uploaded/delete", {"confirm": "B2C_1A_Upload"})
    right = await portal.post(f"{BASE}/B2C_1A_Uploaded/delete", {"confirm": "B2C_1A_Uploaded"})

    assert (wrong.status, right.status, right.location) == (400, 303, BASE)
    assert site.engine.policies.entry("B2C_1A_Uploaded") is None


async def test_a_file_of_the_folder_is_not_deleted_here(portal):
    asked = await portal.get(f"{BASE}/B2C_1A_Silent/delete")
    done = await portal.post(f"{BASE}/B2C_1A_Silent/delete", {"confirm": "B2C_1A_Silent"})

    assert "Delete that file." in asked.text
    assert done.status == 409


async def test_a_policy_that_is_not_there_is_not_found(portal):
    pages = [await portal.get(f"{BASE}/B2C_1A_None{tab}") for tab in ("", "/journey", "/report", "/xml", "/delete")]

    assert [page.status for page in pages] == [404] * 5


async def test_the_list_changes_its_version_with_every_release(portal, silent):
    before = (await portal.get("/portal/api/policies")).text
    await upload(portal, silent)

    assert (await portal.get("/portal/api/policies")).text != before


def test_only_who_may_change_policies_reaches_the_forms(site):
    area = policies_area(site.engine)
    rights = {(page.path.removeprefix(BASE), page.method): page.right for page in area.pages}

    assert {place for place, right in rights.items() if right is Right.WRITE_POLICIES} == {
        ("/upload", "GET"),
        ("/upload", "POST"),
        ("/{id}/delete", "GET"),
        ("/{id}/delete", "POST"),
    }
    assert set(rights.values()) == {Right.READ_POLICIES, Right.WRITE_POLICIES}
