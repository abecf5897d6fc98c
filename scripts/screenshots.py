"""Take the pictures of README and docs: the demo is started in a new folder and driven by headless Chromium."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT: Final = Path(__file__).parent.parent
PICTURES: Final = ROOT / "docs" / "pictures"
DESKTOP: Final = ViewportSize(width=1280, height=800)
PHONE: Final = ViewportSize(width=390, height=844)
READY: Final = "Ctrl-C ends the demo"
PERSON: Final = {
    "email": "ada.lovelace@example.com",
    "newPassword": "Analytical-1843",
    "reenterPassword": "Analytical-1843",
    "displayName": "Ada Lovelace",
}


def main() -> int:
    """Take every picture; return the exit code."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("Chromium is missing: on Debian, apt-get install chromium", file=sys.stderr)
        return 2
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder) / "demo") as addresses, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        take(browser, addresses)
        browser.close()
    for picture in sorted(PICTURES.glob("*.png")):
        print(f"{picture.relative_to(ROOT)}  {picture.stat().st_size // 1024} KiB")
    return 0


@contextmanager
def demo(folder: Path) -> Iterator[Mapping[str, str]]:
    """Run the demo; yield its addresses by the word that stands before each."""
    command = [str(Path(sys.executable).parent / "journeyman"), "demo", str(folder), "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield read_addresses(process)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=15)


def read_addresses(process: subprocess.Popen[str]) -> Mapping[str, str]:
    """Read what the demo prints until it serves; raise RuntimeError when it ends before that."""
    found: dict[str, str] = {}
    for line in process.stdout or ():
        words = line.split()
        if len(words) > 1 and words[1].startswith("http"):
            found[words[0]] = words[1]
        if READY in line:
            return found
    message = "the demo ended before it served"
    raise RuntimeError(message)


def take(browser: Browser, addresses: Mapping[str, str]) -> None:
    """Sign somebody up and take a picture at each place."""
    page = browser.new_page(viewport=DESKTOP, color_scheme="light", locale="en-GB", timezone_id="UTC")
    open_sign_up(page, addresses["open"])
    fill(page, "12345671")
    page.click("#continue")
    page.wait_for_selector("#claimVerificationServerError", state="visible")
    page.set_viewport_size(ViewportSize(width=1280, height=960))
    picture(page, "sign-up-refused")
    page.fill("#loyaltyNumber", "98765432")
    page.click("#continue")
    page.wait_for_url(f"{addresses['open']}callback?*")
    picture(page, "signed-in")
    page.goto(addresses["journeys"])
    page.locator("a[href*='/portal/journeys/']").first.click()
    page.wait_for_url("**/portal/journeys/*")
    page.set_viewport_size(ViewportSize(width=1280, height=1040))
    picture(page, "journey")
    page.goto(addresses["portal"])
    page.wait_for_selector("#targets")
    page.set_viewport_size(DESKTOP)
    picture(page, "portal")
    page.goto(f"{addresses['portal'].partition('/portal')[0]}/portal/policies")
    page.locator("tr", has_text="REST").or_(page.locator("tr", has_text="SignUp")).first.locator("a.row").click()
    page.get_by_role("link", name="Security report").click()
    page.set_viewport_size(ViewportSize(width=1280, height=900))
    picture(page, "security-report")
    page.close()
    phone = browser.new_page(viewport=PHONE, color_scheme="light", locale="en-GB", is_mobile=True)
    open_sign_up(phone, addresses["open"])
    picture(phone, "sign-up-phone")
    phone.close()


def open_sign_up(page: Page, address: str) -> None:
    """Go from the demo's application to the sign-up page."""
    page.goto(address)
    page.locator("a[href*='sign-in'], button").first.click()
    page.click("#createAccount")
    page.wait_for_selector("#loyaltyNumber")


def fill(page: Page, loyalty_number: str) -> None:
    """Fill the sign-up page."""
    for field, value in {**PERSON, "loyaltyNumber": loyalty_number}.items():
        page.fill(f"#{field}", value)


def picture(page: Page, name: str) -> None:
    """Take a picture of what the window shows, without a blinking cursor."""
    page.evaluate("document.activeElement?.blur(); window.scrollTo(0, 0)")
    page.wait_for_timeout(300)
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", caret="hide")


if __name__ == "__main__":
    sys.exit(main())
