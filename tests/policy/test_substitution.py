from __future__ import annotations

import pytest

from journeyman.policy.problems import Problems
from journeyman.policy.source import parse_source
from journeyman.policy.substitution import Substitutions, substitute

NAMESPACE = "http://schemas.microsoft.com/online/cpim/schemas/2013/06"
OPEN = f'<TrustFrameworkPolicy xmlns="{NAMESPACE}">'
CLOSE = "</TrustFrameworkPolicy>"


def replaced(text, *, tenant_name=None, **settings):
    problems = Problems("p.xml")
    result = substitute(text, Substitutions(settings, tenant_name), limit=1000, problems=problems)
    return result.text, problems.found


def element(body, *, tenant_name=None, **settings):
    root, diagnostics = parse_source(f"{OPEN}\n{body}{CLOSE}".encode(), "p.xml", Substitutions(settings, tenant_name))
    return root, diagnostics


def test_a_setting_is_replaced_in_text_and_in_a_start_tag():
    root, diagnostics = element('<A Url="https://{Settings:Host}/x">{Settings:Host}</A>', Host="api.example.com")

    assert root.children[0].attributes["Url"] == "https://api.example.com/x"
    assert root.children[0].text == "api.example.com"
    assert diagnostics == ()


@pytest.mark.parametrize("written", ["{Settings:host}", "{settings:HOST}", "{Settings: Host }"])
def test_the_name_of_a_setting_is_found_without_regard_to_case(written):
    assert replaced(written, Host="x")[0] == "x"


@pytest.mark.parametrize("value", ['"/><B a="', "</A><B/>", "a & b < c", "'", "]]>", "<![CDATA[", "{Settings:Other}"])
def test_a_value_never_becomes_markup(value):
    root, diagnostics = element('<A Url="{Settings:V}">{Settings:V}</A>', V=value, Other="other")

    assert [child.name for child in root.children] == ["A"]
    assert dict(root.children[0].attributes) == {"Url": value}
    assert root.children[0].text == value
    assert diagnostics == ()


@pytest.mark.parametrize("value", ["a & b", "]]>", "]]><B/>", "line\nbreak"])
def test_a_value_in_a_cdata_section_stays_text(value):
    root, diagnostics = element("<A><![CDATA[<x> {Settings:V} </x>]]></A>", V=value)

    assert root.children[0].text == f"<x> {value} </x>"
    assert root.children[0].children == ()
    assert diagnostics == ()


def test_a_line_break_in_a_value_does_not_move_what_follows():
    root, _ = element("<A>{Settings:V}</A>\n <B/>", V="one\ntwo\r\nthree")

    assert root.children[0].text == "one\ntwo\r\nthree"
    assert str(root.children[1].location) == "p.xml:3:2"


def test_comments_and_processing_instructions_are_left_alone():
    text = "<!-- {Settings:A} --><?x {Settings:A} ?>{Settings:A}"

    assert replaced(text, A="v") == ("<!-- {Settings:A} --><?x {Settings:A} ?>v", ())


def test_a_comment_sign_in_a_cdata_section_begins_no_comment():
    assert replaced("<![CDATA[<!--]]>{Settings:A}", A="v")[0] == "<![CDATA[<!--]]>v"


def test_a_setting_without_a_value_is_reported_where_it_stands_and_stays():
    root, diagnostics = element('<A/>\n  <B Url="{Settings:Missing}"/>')

    assert root.children[1].attributes["Url"] == "{Settings:Missing}"
    assert [str(each) for each in diagnostics] == [
        (
            "p.xml:3:11: warning JM1008 The placeholder {Settings:Missing} has no value: "
            "it stays in the policy as it stands."
        )
    ]
    assert diagnostics[0].help == 'add Missing = "…" under [settings] in journeyman.toml'


def test_columns_behind_placeholders_are_those_of_the_file():
    line = '<A x="{Settings:Long}" y="{Settings:Short}"/><B/>{Settings:Short}<C/>'
    root, _ = element(line, Long="a value that is longer than its name", Short="s")

    assert [child.location.column for child in root.children] == [1, line.index("<B/>") + 1, line.index("<C/>") + 1]


def test_a_missing_setting_behind_a_placeholder_has_the_column_of_the_file():
    _, diagnostics = element("{Settings:A}{Settings:A}\n{Settings:A} {Settings:B}", A="a longer value")

    assert [(each.location.line, each.location.column) for each in diagnostics] == [(3, 14)]


def test_the_documented_tenant_becomes_the_tenant_name():
    text = (
        'TenantId="yourtenant.onmicrosoft.com" "http://yourtenant.onmicrosoft.com/B2C_1A_X" YourTenant.onmicrosoft.com'
    )
    result, _ = replaced(text, tenant_name="contoso.onmicrosoft.com")

    assert result == (
        'TenantId="contoso.onmicrosoft.com" "http://contoso.onmicrosoft.com/B2C_1A_X" contoso.onmicrosoft.com'
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("https://yourtenant.b2clogin.com/x", "https://contoso.b2clogin.com/x"),
        ("https://yourtenant.ciamlogin.com", "https://contoso.ciamlogin.com"),
        ('Tenant="yourtenant"', 'Tenant="contoso"'),
        ("<Item>yourtenant</Item>", "<Item>contoso</Item>"),
    ],
)
def test_the_first_label_of_the_documented_tenant_becomes_that_of_the_tenant(written, expected):
    assert replaced(written, tenant_name="contoso.onmicrosoft.com")[0] == expected


@pytest.mark.parametrize(
    "unrelated",
    [
        "Ask for yourtenant in the portal",
        "syourtenant.onmicrosoft.com",
        "cljunyourtenantgdemob2c.onmicrosoft.com",
        "my-yourtenant.onmicrosoft.com",
        "www.yourtenant.onmicrosoft.com",
        "yourtenant.onmicrosoft.company",
        "yourtenant.b2clogin.com-x",
        "https://yourtenant.blob.core.windows.net/x",
        "<yourtenant>.onmicrosoft.com",
        "B2C_1A_yourtenant",
        "<!-- yourtenant.onmicrosoft.com -->",
    ],
)
def test_text_that_only_looks_like_the_documented_tenant_is_left_alone(unrelated):
    assert replaced(unrelated, tenant_name="contoso.onmicrosoft.com")[0] == unrelated


def test_without_a_tenant_name_the_documented_tenant_stays():
    text = 'TenantId="yourtenant.onmicrosoft.com" {Settings:A}'

    assert replaced(text, A="a")[0] == 'TenantId="yourtenant.onmicrosoft.com" a'


def test_the_tenant_setting_is_the_tenant_name_unless_it_is_given():
    assert replaced("{Settings:Tenant}", tenant_name="contoso.onmicrosoft.com")[0] == "contoso.onmicrosoft.com"
    assert replaced("{Settings:Tenant}", tenant_name="contoso.onmicrosoft.com", Tenant="other")[0] == "other"


def test_values_that_make_the_text_too_long_are_refused():
    problems = Problems("p.xml")
    result = substitute("{Settings:A}" * 3, Substitutions({"A": "x" * 400}), limit=1000, problems=problems)

    assert result is None
    assert problems.found[0].message == (
        "The file is refused: with the values of its placeholders it is longer than 1000 characters."
    )


def test_a_text_without_placeholders_is_the_text_itself():
    text = "<a/>"

    assert replaced(text, tenant_name="contoso.onmicrosoft.com")[0] is text
