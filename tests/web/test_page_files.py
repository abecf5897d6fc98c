"""The files of the folder pages/: what is public, and nothing else."""

import pytest


def write_pages(folder):
    pages = folder / "pages"
    (pages / "css").mkdir(parents=True)
    (pages / ".hidden").mkdir()
    (pages / "sign-in.html").write_text('<html><body><div id="api"></div><script>alert(1)</script></body></html>')
    (pages / "css" / "look.css").write_text("body { color: red }")
    (pages / "pixel.PNG").write_bytes(b"\x89PNG")
    (pages / "keys.pfx").write_text("secret")
    (pages / ".env.txt").write_text("secret")
    (pages / ".hidden" / "a.txt").write_text("secret")
    (pages / "outside.txt").symlink_to(folder / "journeyman.toml")
    (pages / "up").symlink_to(folder)
    (pages / "big.txt").write_bytes(b"x" * (8 * 1024 * 1024 + 1))
    (folder / "secret.txt").write_text("secret")


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("sign-in.html", "text/html; charset=utf-8"),
        ("css/look.css", "text/css; charset=utf-8"),
        ("pixel.PNG", "image/png"),
    ],
)
async def test_a_file_is_served_with_its_type(deploy, http, path, content_type):
    site = await deploy(prepare=write_pages)
    reply = await site.ask(http, "GET", f"{site.origin}/contoso.onmicrosoft.com/pages/{path}")

    assert (reply.status, reply.headers["Content-Type"]) == (200, content_type)
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert reply.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "", "nothing.html", "css", "keys.pfx", ".env.txt", ".hidden/a.txt", "outside.txt", "up/secret.txt", "big.txt",
        "../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "css/..%2f..%2fsecret.txt", "%2fetc%2fhosts.txt",
        "..%5csecret.txt", "sign-in.html%00.txt", "sign-in.html/x.html", "a" * 300 + ".txt", "C:/x.txt",
    ],
)  # fmt: skip
async def test_nothing_else_is(deploy, http, path):
    site = await deploy(prepare=write_pages)
    reply = await site.ask(http, "GET", f"{site.origin}/contoso.onmicrosoft.com/pages/{path}")

    assert reply.status == 404
    assert b"secret" not in reply.body


async def test_in_production_a_file_is_kept_for_a_while(deploy, http):
    site = await deploy(prepare=write_pages, server='mode = "production"')
    url = f"{site.origin}/contoso.onmicrosoft.com/pages/sign-in.html"
    reply = await site.ask(http, "GET", url)
    head = await site.ask(http, "HEAD", url)
    posted = await site.ask(http, "POST", url)

    assert reply.headers["Cache-Control"] == "public, max-age=300"
    assert (head.status, head.body, posted.status) == (200, b"", 405)


async def test_a_tenant_without_the_folder_has_no_files(site, http):
    reply = await site.ask(http, "GET", f"{site.origin}/contoso.onmicrosoft.com/pages/a.html")

    assert reply.status == 404
