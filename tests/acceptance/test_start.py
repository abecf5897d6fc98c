"""Start, readiness, end; journeys survive; ports in use; settings that are wrong."""

from __future__ import annotations

import signal
import socket
import time

import pytest
from acceptance_browser import decoded, get
from acceptance_folder import TENANT
from acceptance_policy import accounts, call

API = "https://api.contoso.example"
USERS = "B2C_1A_Users"
FORM = {"email": "ada@example.com", "newPassword": "Pass-word-1", "displayName": "Ada", "number": "7"}


@pytest.fixture
def mapped(folder, api):
    folder.write(f'[egress.map]\n"{API}" = "{api.origin}"\n', users=accounts(USERS, f"{API}/ok/check"))
    return folder.token_keys()


@pytest.fixture(scope="module")
def broken(home, api):
    """Development mode with one good and one broken policy."""
    wrong = call("Broken", f"{API}/ok/x", "Kerberos")
    home.write(f'[egress.map]\n"{API}" = "{api.origin}"\n', good=call("Good", f"{API}/ok/good"), broken=wrong)
    return home.up()


def test_in_development_a_policy_with_an_error_is_not_served_and_the_others_are(broken):
    assert broken.browser().id_token("B2C_1A_Good")["tier"] == "gold"
    assert get(f"{broken.origin}/{TENANT}/B2C_1A_Broken/v2.0/.well-known/openid-configuration").status != 200


def test_the_diagnostics_of_a_broken_policy_are_printed_with_the_services_code_and_the_technical_profile(broken):
    line = next(line for line in broken.log.splitlines() if "AADB2C90024" in line)

    assert "broken.xml:" in line
    assert "REST-Broken" in line
    assert " AADB2C90024" in line.partition("JM")[2]


def test_asking_for_the_broken_policy_shows_its_diagnostics(broken):
    reply = broken.browser().authorize("B2C_1A_Broken")

    assert reply.status >= 400
    assert "AADB2C90024" in reply.text
    assert "REST-Broken" in reply.text


def test_in_production_the_release_with_an_error_is_refused_with_exit_code_1(folder):
    folder.write(mode="production", good=call("Good", f"{API}/ok"), broken=call("Broken", f"{API}/ok", "Kerberos"))
    folder.token_keys()

    ended = folder.run("up")

    assert ended.code == 1
    assert "AADB2C90024" in ended.out + ended.err
    assert "REST-Broken" in ended.out + ended.err


def test_up_stays_in_the_foreground_and_readyz_answers_only_when_policies_are_served(mapped):
    up = mapped.start()
    while (status := up.ready()) != 200:
        assert status == 0 or status == 503
        assert up.process.poll() is None, up.log
        time.sleep(0.01)

    assert get(f"{up.origin}/{TENANT}/{USERS}/v2.0/.well-known/openid-configuration").status == 200
    assert up.process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_up_within_10_s_also_while_a_journey_calls_an_api(mapped, number):
    up = mapped.up()
    browser = up.browser()
    browser.authorize(USERS)

    started = time.monotonic()
    code = up.end(number)

    assert code == 0
    assert time.monotonic() - started < 10
    assert "Traceback" not in up.log


def test_a_journey_in_flight_and_a_code_survive_kill_9_and_a_restart(mapped):
    up = mapped.up()
    first, browser = up.browser(), up.browser()
    page = first.follow(first.authorize(USERS), "unified", local="signup")
    first.submit(page, **{**FORM, "email": "bob@example.com"})
    code = first.follow(page).answer["code"]
    page = browser.follow(browser.authorize(USERS), "unified", local="signup")

    up.end(signal.SIGKILL)
    mapped.up()
    answer = browser.submit(page, **FORM)
    back = browser.follow(page)
    tokens = browser.redeem_code(USERS, back.answer["code"])

    assert answer == {"status": "200"}
    assert first.redeem_code(USERS, code).status == 200
    assert decoded(tokens.json["id_token"])["email"] == "ada@example.com"


def test_a_journey_survives_sigterm_between_the_accepted_page_and_the_next_step(mapped):
    up = mapped.up()
    browser = up.browser()
    page = browser.follow(browser.authorize(USERS), "unified", local="signup")
    assert browser.submit(page, **FORM) == {"status": "200"}

    up.end()
    mapped.up()

    assert "code" in browser.follow(page).answer


def test_a_port_in_use_is_one_clear_line(mapped):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", mapped.port))
        listener.listen()
        ended = mapped.run("up")

    assert ended.code in {1, 2}
    assert str(mapped.port) in ended.err
    assert len([line for line in ended.err.splitlines() if line.startswith("error")]) == 1


def test_listen_on_the_command_line_wins(mapped):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", mapped.port))
        listener.listen()
        ended = mapped.run("up", "--listen", "127.0.0.1:0")

    assert ended.code == 2
    assert "--listen" in ended.err


def test_an_unknown_key_of_the_settings_is_an_error_with_a_suggestion(folder):
    folder.write('[egress]\nalow = ["10.1.2.0/24:443"]\n', good=call("Good", f"{API}/ok"))

    ended = folder.run("up")

    assert ended.code in {1, 2}
    assert "journeyman.toml:" in ended.err
    assert "alow" in ended.err
    assert "allow" in ended.err.replace("alow", "")


def test_a_folder_without_settings_is_one_line_that_says_what_to_do(tmp_path, folder):
    ended = folder.run("up", cwd=tmp_path)

    assert ended.code in {1, 2}
    assert "journeyman init" in ended.err


def test_missing_token_keys_are_made_in_development_with_a_warning(broken):
    log = broken.log

    assert "warning" in log
    assert "B2C_1A_TokenSigningKeyContainer" in log
    assert "B2C_1A_TokenEncryptionKeyContainer" in log


def test_a_changed_policy_is_taken_over_while_up_runs(broken, home):
    text = call("Added", f"{API}/ok/added")
    (home.path / "policies" / "added.xml").write_text(text, encoding="utf-8")

    end = time.monotonic() + 10
    while get(f"{broken.origin}/{TENANT}/B2C_1A_Added/v2.0/.well-known/openid-configuration").status != 200:
        assert time.monotonic() < end, broken.log
        time.sleep(0.05)

    assert broken.browser().id_token("B2C_1A_Added")["tier"] == "gold"


def waited(up, url, status=200):
    end = time.monotonic() + 15
    while (found := get(url)).status != status:
        assert time.monotonic() < end, up.log
        time.sleep(0.05)
    return found


def test_changed_settings_are_taken_over_while_up_runs_and_mistakes_are_not(folder):
    folder.write()
    up = folder.token_keys().up()
    path = folder.path / "journeyman.toml"
    good = path.read_text(encoding="utf-8")
    flow = '[[user_flows]]\nid = "B2C_1_new"\ntype = "signIn"\n'

    path.write_text(good + flow.replace("signIn", "sginIn"), encoding="utf-8")
    end = time.monotonic() + 20
    while "what was set before is served" not in up.log:
        assert time.monotonic() < end, up.log
        time.sleep(0.05)
    path.write_text(f'{good}{flow}claims = ["ciyt"]\n', encoding="utf-8")
    while "error JM1500" not in up.log:
        assert time.monotonic() < end, up.log
        time.sleep(0.05)
    path.write_text(good + flow, encoding="utf-8")
    found = waited(up, f"{up.origin}/{TENANT}/B2C_1_new/v2.0/.well-known/openid-configuration")

    assert found.status == 200
    assert "journeyman.toml has changed" in up.log
    assert "type is not known" in up.log
    assert f"journeyman.toml:{len(good.splitlines()) + 4}:11: error JM1500 [claims.0]" in up.log
    assert up.end() == 0
