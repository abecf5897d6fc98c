"""The pages about the guard are right: what they show is what runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from journeyman_guard import GuardRequest, load_file, load_guard

DOCS = Path(__file__).parents[2] / "docs"
SECRETS = ("JOURNEYS_PASSWORD", "KEY_2027", "BATCH_TOKEN", "INTROSPECTION_SECRET", "POLICY_KEY_2026")


def sample(page, mark):
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"<!-- test: {re.escape(mark)} -->\n```\w+\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path, monkeypatch, authority):
    for name in SECRETS:
        monkeypatch.setenv(name, f"the {name}")
    (tmp_path / "key-2026.txt").write_text("the key\n")
    authority.cert_pem.write_to_path(tmp_path / "client-ca.pem")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_complete_file_of_the_reference_loads(folder):
    (folder / "guard.toml").write_text(sample("reference/guard-toml.md", "guard complete")[0])

    assert len(load_file("guard.toml").checks) == 9


def test_every_setting_is_in_the_reference():
    source = "".join(
        path.read_text() for path in (Path(__file__).parents[1] / "src/journeyman_guard/configuration").glob("*.py")
    )
    asked = set(re.findall(r'table\.(?:text|optional_text|number|flag|texts|path|paths|table|tables)\("(\w+)"', source))
    page = (DOCS / "reference/guard-toml.md").read_text()

    assert len(asked) > 20
    assert [name for name in sorted(asked) if f"`{name}" not in page and f"[{name}" not in page] == []


@pytest.mark.parametrize("text", sample("how-to/guard-python.md", "python with guard.toml"))
def test_the_python_samples_run(folder, text):
    (folder / "guard.toml").write_text('[routes]\n"ANY /**" = "anyone"\n')
    names = {}
    exec(compile(text, "guard-python.md", "exec"), names)

    assert callable(names["app"])


async def test_the_functions_of_the_page_are_guarded(folder):
    functions = pytest.importorskip("azure.functions")
    (folder / "guard.toml").write_text(sample("how-to/guard-azure-functions.md", "guard functions")[0])
    names = {}
    exec(compile(sample("how-to/guard-azure-functions.md", "functions")[0], "functions.md", "exec"), names)
    built = {found.get_function_name(): found.get_user_function() for found in names["app"].get_functions()}

    def call(name, **headers):
        given = {key.replace("_", "-"): value for key, value in headers.items()}
        url = f"https://your-account.azurewebsites.net/api/{name}"
        return built[name](req=functions.HttpRequest(method="POST", url=url, headers=given, body=b"{}"))

    assert call("profile", x_functions_key="the POLICY_KEY_2026").status_code == 200
    assert call("profile", x_functions_key="wrong").status_code == 401
    assert call("loyalty", authorization="Basic am91cm5leXM6dGhlIEpPVVJORVlTX1BBU1NXT1JE").status_code == 409
    assert call("loyalty").status_code == 401


async def test_the_guard_of_the_nginx_page_refuses_strangers(folder):
    (folder / "guard.toml").write_text(sample("how-to/guard-nginx.md", "guard nginx")[0])
    guard = load_guard("guard.toml")

    assert (await guard.admit(GuardRequest("GET", "/health", ()))).subject == "anonymous"
