"""Custom page templates: where they come from, how long they are kept, what happens when they are not there."""

from contextlib import closing
from socket import create_server

import pytest
from starlette.applications import Starlette
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from journeyman.web.pages.template_source import MAX_KEPT

ASKED = {
    "client_id": "11111111-0000-4000-8000-000000000004",
    "redirect_uri": "http://127.0.0.1:5000/callback",
}
TEMPLATE = (
    '\ufeff<!DOCTYPE html><html><head><title>Contoso</title><link rel="stylesheet" href="https://cdn.contoso.com/a.css">'
    '<script src="https://evil.example/x.js"></script></head><body><h1>Grüezi</h1><div id="api"></div></body></html>'
)


class Host:
    """A host of templates that counts and can fail."""

    def __init__(self):
        self.asked = []
        self.broken = False

    async def page(self, request):
        self.asked.append(str(request.url).partition("/page")[2])
        return Response("down", status_code=503) if self.broken else Response(TEMPLATE, media_type="text/html")

    async def odd(self, request):
        match request.path_params["kind"]:
            case "away":
                return RedirectResponse("/page")
            case "big":
                return Response(b"x" * 1_100_000)
            case "empty":
                return Response("<html><body>no place</body></html>")
        return Response("no", status_code=404)

    def app(self):
        return Starlette(routes=[Route("/page", self.page), Route("/odd/{kind}", self.odd)])


@pytest.fixture
def host(serve):
    host = Host()
    host.origin = serve(host.app())
    return host


def page_url(url):
    return lambda text: text.replace("~/tenant/templates/AzureBlue/unified.cshtml", url)


async def show(site, http, **extra):
    challenge = {"code_challenge": "x" * 43, "scope": "openid"}
    return await site.authorize(http, "B2C_1A_CustomPage", **ASKED, **challenge, **extra)


def write_template(folder):
    (folder / "pages" / "deep").mkdir(parents=True)
    (folder / "pages" / "deep" / "sign in.html").write_text(TEMPLATE, encoding="utf-8")


async def test_a_template_of_the_tenant_folder_is_read_from_the_folder(deploy, http):
    for server in ("", 'mode = "production"'):
        site = await deploy(prepare=write_template, server=server, change=own_url)
        reply = await show(site, http)

        assert reply.status == 200
        assert "<h1>Grüezi</h1>" in reply.text
        assert 'id="signInName"' in reply.text


def own_url(text):
    """Return the settings with a page address below our own origin, whose port stands in no setting."""
    return page_url("{origin}/contoso.onmicrosoft.com/pages/deep/sign%20in.html")(text)


async def test_a_template_is_fetched_and_merged(deploy, http, host):
    site = await deploy(change=page_url(f"{host.origin}/page"))
    reply = await show(site, http, campaign="spring sale")

    assert reply.status == 200
    assert host.asked == ["?campaign=spring%20sale"]
    assert "<h1>Grüezi</h1>" in reply.text
    assert 'id="signInName"' in reply.text
    assert "evil.example" not in reply.text
    policy = reply.headers["Content-Security-Policy"]
    assert f"style-src 'self' 'unsafe-inline' {host.origin} https://cdn.contoso.com" in policy
    assert "evil.example" not in policy.partition("script-src")[2].partition(";")[0]


async def test_a_template_is_kept_for_a_minute_in_development(deploy, http, host):
    site = await deploy(change=page_url(f"{host.origin}/page"))
    for advance, count in ((0, 1), (55, 1), (6, 2)):
        site.clock.advance(seconds=advance)
        await show(site, http)

        assert len(host.asked) == count


async def test_a_template_that_was_good_is_used_on_while_its_host_fails(deploy, http, host):
    site = await deploy(change=page_url(f"{host.origin}/page"))
    await show(site, http)
    host.broken = True
    site.clock.advance(seconds=61)
    replies = [await show(site, http), await show(site, http)]

    assert [reply.status for reply in replies] == [200, 200]
    assert len(host.asked) == 2
    host.broken = False
    site.clock.advance(seconds=11)
    await show(site, http)
    assert len(host.asked) == 3


async def test_only_so_many_templates_are_kept(deploy, http, host):
    site = await deploy(change=page_url(f"{host.origin}/page"))
    for number in range(MAX_KEPT + 1):
        await show(site, http, campaign=str(number))
    await show(site, http, campaign=str(MAX_KEPT))
    await show(site, http, campaign="0")

    assert len(host.asked) == MAX_KEPT + 2


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/odd/away", "the host answered 307"),
        ("/odd/nothing", "the host answered 404"),
        ("/odd/big", "larger than 1048576 bytes"),
        ("/odd/empty", "no element with id"),
    ],
)
async def test_what_is_wrong_with_a_template_is_said_to_its_developer(deploy, http, host, path, reason):
    site = await deploy(change=page_url(host.origin + path))
    reply = await show(site, http)

    assert reply.status == 500
    assert "AADB2C90065" in reply.text
    assert host.origin + path in reply.text
    assert reason in reply.text


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "the URL is not valid"),
        ("/pages/x.html", "the URL is not valid"),
        ("https://user:secret@contoso.com/", "user name or password"),
        ("http://169.254.169.254/latest/meta-data", "cloud metadata"),
        ("http://127.0.0.1:{free}/x", "refused"),
        ("http://0x7f000001/", "not a plain IPv4 address"),
    ],
)
async def test_what_may_not_be_called_is_not_called_for_a_template_either(deploy, http, url, reason):
    with closing(create_server(("127.0.0.1", 0))) as listener:
        free = listener.getsockname()[1]
    site = await deploy(change=page_url(url.replace("{free}", str(free))))
    reply = await show(site, http)

    assert (reply.status, reason in reply.text) == (500, True)


async def test_strangers_do_not_learn_where_templates_are(deploy, http, host):
    site = await deploy(change=page_url(f"{host.origin}/page"), server='mode = "production"')
    reply = await show(site, http)

    assert reply.status == 500
    assert "AADB2C90065: An exception has occurred." in reply.text
    assert host.origin not in reply.text
    assert host.asked == []


async def test_a_missing_file_of_the_folder_is_said(deploy, http):
    site = await deploy(change=own_url)
    reply = await show(site, http)

    assert (reply.status, "no such file in the folder pages/" in reply.text) == (500, True)


async def test_a_person_signs_up_on_a_custom_page(deploy, open_person, host):
    site = await deploy(change=page_url(f"{host.origin}/page"))
    person = await open_person(site)
    page = await person.authorize(site.tenant, "B2C_1A_CustomPage", ASKED)
    page = await person.navigate(page, "unified", local="signup")
    form = {
        "email": "ada@contoso.com",
        "newPassword": "Passw0rd!",
        "reenterPassword": "Passw0rd!",
        "displayName": "Ada",
    }
    answer = await person.submit(page, form)

    assert answer.accepted
    assert "code" in (await person.go_on(page)).parameters
