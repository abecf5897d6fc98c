import json
import re
from dataclasses import replace

import pytest

from journeyman.journey.page import PageApi
from journeyman.web.pages.script_globals import page_globals, script_json
from journeyman.web.pages.texts import page_texts


def variables(page, transaction) -> dict:
    text = str(page_globals(page, transaction, page_texts(page)))
    return {name: json.loads(value) for name, value in re.findall(r"^var (\w+) = (.*);$", text, re.MULTILINE)}


def test_each_variable_is_one_statement_on_its_own_line(combined_page, transaction):
    lines = str(page_globals(combined_page, transaction, page_texts(combined_page))).split("\n")

    assert [line.split(" = ")[0] for line in lines] == ["var SETTINGS", "var CONTENT", "var SA_FIELDS", "var CP"]
    assert all(line.endswith("};") for line in lines)


def test_scripted_clients_find_token_and_transaction_by_regular_expressions(combined_page, transaction):
    text = str(page_globals(combined_page, transaction, page_texts(combined_page)))

    assert re.search(r'"csrf":"([^"]+)"', text)[1] == transaction.csrf
    assert re.search(r'"transId":"([^"]+)"', text)[1] == transaction.tx
    assert re.search(r'"api":"([^"]+)"', text)[1] == "CombinedSigninAndSignup"


def test_settings_say_where_the_page_talks_to(sign_up_page, transaction):
    settings = variables(sign_up_page, transaction)["SETTINGS"]

    assert settings["api"] == "SelfAsserted"
    assert settings["hosts"]["tenant"] == "/contoso.onmicrosoft.com/B2C_1A_SignUpOrSignIn"
    assert settings["hosts"]["policy"] == "B2C_1A_SignUpOrSignIn"
    assert settings["locale"] == {"lang": "en", "country": ""}
    assert settings["config"]["inputVerificationDelayTimeInMilliseconds"] == 2000


def test_fields_and_providers_are_listed(combined_page, transaction):
    found = variables(combined_page, transaction)

    assert [field["ID"] for field in found["SA_FIELDS"]["AttributeFields"]] == ["signInName", "password"]
    assert found["CP"]["list"] == [
        {"id": "FacebookExchange", "description": "Facebook"},
        {"id": "GoogleExchange", "description": "Google"},
    ]
    assert found["CONTENT"]["button_signin"] == "Sign in"


def test_a_provider_selection_has_no_fields(combined_page, transaction):
    page = replace(combined_page, api=PageApi.PROVIDER_SELECTION)

    assert "SA_FIELDS" not in variables(page, transaction)


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--", "]]>", "\u2028", "\ud800", '"\\'])
def test_no_text_can_leave_the_script_element(text):
    written = script_json({"x": text})

    assert "<" not in written
    assert ">" not in written
    assert written.isascii()
    assert json.loads(written) == {"x": text}
