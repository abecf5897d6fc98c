"""What ``make run`` promises: the calls, the refusal, the token; a second run; a port in use; a clean end."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

PASSWORD = "Passw0rd!x"
CALLS = {
    "call 1 of 5: REST-CheckLoyaltyNumber, Basic",
    "call 2 of 5: REST-RegisterMember, ClientCertificate",
    "for call 3: REST-AcquireAccessToken, Basic",
    "call 3 of 5: REST-GetBenefits, Bearer",
    "call 4 of 5: REST-GetWelcomeGift, Bearer",
    "call 5 of 5: REST-GetDeliveryWindow, ApiKeyHeader",
}


def once(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "journeyman", "demo", str(folder), "--once", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=folder.parent)


def secrets_of(folder: Path) -> list[str]:
    files = [path for path in (folder / "keys").iterdir() if path.suffix in {".txt", ".password"}]
    texts = [path.read_text() for path in files]
    return [text for text in texts if len(text) >= 16 and text.count("-") != 4]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("once") / "demo"
    return folder, once(folder)


def test_one_sign_up_makes_the_five_secured_calls_and_ends_with_0(played):
    _, result = played

    assert result.returncode == 0, result.stderr
    assert set(result.stdout.splitlines()) >= CALLS
    assert "the API refuses, the page says" in result.stdout
    assert "The loyalty number 1234 5671 is not known." in result.stdout


def test_the_transcript_ends_with_the_claims_that_the_calls_have_made(played):
    _, result = played
    claims = result.stdout.split("The claims of the id token:")[1]

    assert "loyaltyTier    gold" in claims
    assert 'benefits       ["Free returns", "Early access", "Birthday gift"]' in claims
    assert "welcomeGift    Trail mug" in claims
    assert "deliveryDays   2" in claims


def test_no_secret_of_the_demo_is_printed(played):
    folder, result = played
    secrets = secrets_of(folder)

    assert len(secrets) == 5
    assert [secret for secret in secrets if secret in result.stdout + result.stderr] == []


def test_keys_and_certificates_are_readable_by_their_owner_only(played):
    folder, _ = played
    files = [path for name in ("keys", "tls") for path in (folder / name).iterdir()]

    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    assert folder.stat().st_mode & 0o077 == 0


def test_a_second_run_keeps_users_and_keys(played):
    folder, _ = played
    before = {path.name: path.read_bytes() for path in (folder / "keys").iterdir()}
    ids = json.loads((folder / "demo.json").read_text())
    again = once(folder)

    assert again.returncode == 0, again.stderr
    assert {path.name: path.read_bytes() for path in (folder / "keys").iterdir()} == before
    assert json.loads((folder / "demo.json").read_text()) == ids


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    result = once(tmp_path)

    assert result.returncode == 2
    assert "is not empty and not a demo folder" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["precious.txt"]


def test_a_port_in_use_is_one_clear_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = once(tmp_path / "demo", "--listen", f"127.0.0.1:{port}")

    assert result.returncode == 2
    assert result.stderr.strip().splitlines() == [
        (
            f"error: the address 127.0.0.1:{port} is in use; end the other program or choose another one with "
            "--listen 127.0.0.1:PORT"
        )
    ]


def open_sign_up(tab: Page, application: str) -> None:
    tab.goto(application)
    tab.click("text=Sign in or sign up")
    tab.click("#createAccount")
    tab.wait_for_selector("#continue")


def fill(tab: Page, **values: str) -> None:
    for name, value in values.items():
        tab.fill(f"#{name}", value)


@pytest.mark.browser
def test_in_a_browser_the_api_refuses_then_accepts_and_the_page_shows_token_and_calls(demo, chromium, artifacts):
    tab = chromium.new_page(viewport={"width": 1280, "height": 860})
    seen: list[str] = []
    tab.on("request", lambda request: seen.append(request.url))
    open_sign_up(tab, demo.application)
    fill(tab, email="ann@example.com", displayName="Ann Lee", loyaltyNumber="12345671")
    fill(tab, newPassword=PASSWORD, reenterPassword=PASSWORD)
    tab.click("#continue")
    tab.wait_for_selector("#claimVerificationServerError:visible")
    refused = tab.inner_text("#claimVerificationServerError")
    tab.screenshot(path=artifacts / "demo-refused.png", full_page=True)
    tab.fill("#loyaltyNumber", "98765432")
    tab.click("#continue")
    tab.wait_for_selector("ol.calls")
    tab.screenshot(path=artifacts / "demo-signed-in.png", full_page=True)

    assert refused.strip() == "The loyalty number 1234 5671 is not known. Please check the number on your card."
    assert tab.inner_text("h1") == "Welcome, Ann Lee"
    assert tab.inner_text("dl").split("\n").count("gold") == 1
    assert tab.locator("ol.calls > li").count() == 7
    assert {url.split("/")[2].split(":")[0] for url in seen if not url.startswith("data:")} == {"127.0.0.1"}
    tab.close()


@pytest.mark.browser
def test_in_a_browser_a_wrong_password_is_refused_and_the_right_one_signs_in(demo, chromium, artifacts):
    first = chromium.new_context()
    tab = first.new_page()
    open_sign_up(tab, demo.application)
    fill(tab, email="bob@example.com", displayName="Bob", loyaltyNumber="55555552")
    fill(tab, newPassword=PASSWORD, reenterPassword=PASSWORD)
    tab.click("#continue")
    tab.wait_for_selector("ol.calls")
    first.close()
    second = chromium.new_context()
    tab = second.new_page()
    tab.goto(demo.application)
    tab.click("text=Sign in or sign up")
    fill(tab, signInName="bob@example.com", password="wrong")
    tab.click("#next")
    tab.wait_for_selector(".error.pageLevel:visible")
    refused = tab.inner_text(".error.pageLevel:visible")
    tab.screenshot(path=artifacts / "demo-wrong-password.png")
    tab.fill("#password", PASSWORD)
    tab.click("#next")
    tab.wait_for_selector("ol.calls")

    assert refused.strip() == "The email address or the password is not right."
    assert tab.inner_text("h1") == "Welcome, Bob"
    second.close()


@pytest.mark.browser
def test_in_a_browser_a_second_sign_in_needs_no_password(demo, chromium):
    context = chromium.new_context()
    tab = context.new_page()
    open_sign_up(tab, demo.application)
    fill(tab, email="eve@example.com", displayName="Eve", loyaltyNumber="55555552")
    fill(tab, newPassword=PASSWORD, reenterPassword=PASSWORD)
    tab.click("#continue")
    tab.wait_for_selector("ol.calls")
    tab.goto(demo.application)
    tab.click("text=Sign in or sign up")
    tab.wait_for_selector("ol.calls")

    assert tab.inner_text("h1") == "Welcome, Eve"
    context.close()


@pytest.mark.browser
def test_the_journeys_page_shows_every_call_with_request_and_response(demo, chromium: Browser, artifacts):
    tab = chromium.new_page(viewport={"width": 1280, "height": 860})
    tab.goto(f"{demo.origin}/portal/journeys")
    tab.click("main a[href*='/portal/journeys/'] >> nth=0")
    tab.wait_for_selector("text=REST-GetDeliveryWindow")
    tab.screenshot(path=artifacts / "journey.png", full_page=True)
    text = tab.inner_text("main")

    assert "contoso-loyalty.azurewebsites.net" in text
    assert "secret, 43 characters" in text
    assert [secret for secret in secrets_of(demo.folder) if secret in tab.content()] == []
    tab.close()


def test_it_says_what_to_open_and_where_the_data_is(demo):
    assert "Now try it yourself:" in demo.output
    assert f"journeys {demo.origin}/portal/journeys" in demo.output
    assert f"data     {demo.folder / '.journeyman'}" in demo.output


def test_an_interrupt_ends_it_cleanly(start_demo):
    with start_demo() as running:
        code = running.end()

        assert code == 0
    assert "Traceback" not in running.output
    assert "ended; users, keys and journeys are kept" in running.output
