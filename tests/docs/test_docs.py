"""The documentation says what the product does: its samples run, its tables are complete, its links resolve."""

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import typer.main
from markdown_pages import DOCS, PAGES, ROOT, anchors, links, samples

from journeyman.claims.transformations import METHODS
from journeyman.cli.app import app
from journeyman.compiler.compile_folder import compile_all
from journeyman.connector import errors
from journeyman.diagnostics import Severity
from journeyman.engine.registry import SPECS
from journeyman.errors import SettingsError
from journeyman.keys.declared import read_declared
from journeyman.policy.load import load_policies
from journeyman.providers.federation import OAUTH2_SPEC, OPENID_CONNECT_SPEC
from journeyman.providers.restful import RESTFUL_SPEC
from journeyman.settings import load_settings
from journeyman.trace.records import Phase, Verdict

NAME = '[tenant]\nname = "contoso.onmicrosoft.com"\n'


def named(found):
    return [pytest.param(sample, id=sample.name) for sample in found]


def page(name):
    return (DOCS / name).read_text(encoding="utf-8")


# --- samples -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", named(samples(language="python")))
def test_every_python_sample_parses(sample):
    assert ast.parse(sample.text).body


@pytest.mark.parametrize("sample", named(samples(language="json")))
def test_every_json_sample_parses(sample):
    assert isinstance(json.loads(sample.text), dict)


@pytest.mark.parametrize("sample", named(samples(language="toml")))
def test_every_toml_sample_parses(sample):
    assert tomllib.loads(sample.text)


@pytest.mark.parametrize("sample", named(samples(language="xml")))
def test_every_xml_sample_is_well_formed(sample):
    text = sample.text if sample.text.startswith("<?xml") else f"<Fragment>{sample.text}</Fragment>"

    assert len(ET.fromstring(text)) > 0


@pytest.mark.parametrize("sample", named(samples(language="toml", mark="toml")))
def test_complete_settings_load(sample, tmp_path):
    (tmp_path / "journeyman.toml").write_text(sample.text, encoding="utf-8")

    assert load_settings(tmp_path, environment={}).tenant_name == "contoso.onmicrosoft.com"


@pytest.mark.parametrize("sample", named(samples(language="toml", mark="egress")))
def test_parts_of_settings_load(sample, tmp_path):
    (tmp_path / "journeyman.toml").write_text(NAME + sample.text, encoding="utf-8")
    egress = load_settings(tmp_path, environment={}).egress

    assert egress.map or egress.allow


def test_the_samples_of_whom_to_believe_load(tmp_path):
    (how_to,) = DOCS.glob("how-to/private-authorities.md")
    parts = [sample.text for sample in samples(how_to, language="toml")]
    for name in ("ca.pem", "intern-ca.pem", "partner-ca.pem"):
        (tmp_path / name).touch()
    for part in parts:
        (tmp_path / "journeyman.toml").write_text(NAME + part, encoding="utf-8")
        assert load_settings(tmp_path, environment={}).egress is not None

    assert len(parts) == 4


@pytest.mark.parametrize("sample", named(samples(language="toml", mark="profile settings")))
def test_settings_of_profiles_load(sample, tmp_path):
    (tmp_path / "journeyman.toml").write_text(NAME + sample.text, encoding="utf-8")

    assert load_settings(tmp_path, environment={}).profiles


@pytest.mark.parametrize("sample", named(samples(language="toml", mark="settings")))
def test_other_parts_of_settings_load(sample, tmp_path):
    (tmp_path / "journeyman.toml").write_text(NAME + sample.text, encoding="utf-8")

    assert load_settings(tmp_path, environment={}).tenant_name == "contoso.onmicrosoft.com"


@pytest.mark.parametrize("sample", named(samples(language="toml", mark="keys")))
def test_a_keys_toml_of_the_documentation_declares_keys(sample):
    assert len(read_declared(sample.text, "keys.toml")) == sample.text.count("[keys.")


def test_the_settings_page_shows_every_key_in_a_file_that_loads(tmp_path):
    sample = samples(DOCS / "reference" / "settings.md", language="toml")[0]
    (tmp_path / "journeyman.toml").write_text(sample.text, encoding="utf-8")

    assert load_settings(tmp_path, environment={}).profiles["rest-getprofile"].retries == 1


@pytest.mark.parametrize("sample", named(samples(language="python", mark="python")))
def test_marked_python_samples_run(sample):
    names = {}
    exec(compile(sample.text, sample.name, "exec"), names)

    assert len(names) > 1


@pytest.mark.parametrize("sample", named(samples(language="xml", mark="technical profile")))
def test_technical_profiles_compile_without_an_error(sample, tmp_path):
    claims = ("email", "loyaltyNumber", "grant_type", "scope", "bearerToken", "refreshToken", "signInName", "password")
    claims += ("displayName", "identityProviderAccessToken")
    declared = "".join(
        f'<ClaimType Id="{claim}"><DisplayName>x</DisplayName><DataType>string</DataType></ClaimType>'
        for claim in claims
    )
    (tmp_path / "policy.xml").write_text(
        '<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" '
        'PolicySchemaVersion="0.3.0.0" TenantId="yourtenant.onmicrosoft.com" PolicyId="B2C_1A_Base" '
        'PublicPolicyUri="http://yourtenant.onmicrosoft.com/B2C_1A_Base">'
        f"<BuildingBlocks><ClaimsSchema>{declared}</ClaimsSchema></BuildingBlocks><ClaimsProviders><ClaimsProvider>"
        f"<DisplayName>x</DisplayName><TechnicalProfiles>{sample.text}</TechnicalProfiles></ClaimsProvider>"
        "</ClaimsProviders></TrustFrameworkPolicy>",
        encoding="utf-8",
    )
    loaded = load_policies((tmp_path,), settings={}, tenant_name="contoso.onmicrosoft.com", relative_to=tmp_path)
    result = compile_all(loaded, specs=SPECS, keys=None, engine_production=True)

    assert [str(found) for found in result.diagnostics if found.severity is not Severity.INFO] == []
    assert result.ok


# --- commands ----------------------------------------------------------------------------------


def journeyman_commands():
    for sample in samples(language="console"):
        for command in sample.commands:
            for part in re.split(r"\s*(?:&&|\||>)\s*", command):
                if part.startswith("journeyman ") and "…" not in part:
                    yield pytest.param(shlex.split(part)[1:], id=f"{sample.page.stem}: {part}")


@pytest.mark.parametrize("arguments", list(journeyman_commands()))
def test_every_command_of_the_documentation_is_one(arguments):
    command, path = typer.main.get_command(app), ["journeyman"]
    while hasattr(command, "commands"):
        assert arguments, f"{path} needs a command"
        path.append(arguments[0])
        command, arguments = command.commands[arguments[0]], arguments[1:]
    context = command.make_context(" ".join(path), list(arguments))

    assert context.command is command


def run(command, folder):
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        ["bash", "-ec", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@pytest.mark.parametrize("how_to", sorted((DOCS / "how-to").glob("*.md")), ids=lambda path: path.stem)
def test_the_shell_commands_of_a_how_to_run_in_an_empty_folder(how_to, tmp_path):
    for sample in samples(how_to, language="console", mark="run"):
        for command in sample.commands:
            done = run(command, tmp_path)

            assert done.returncode == 0, f"{command}: {done.stderr}"


@pytest.mark.parametrize("sample", named(samples(language="console", mark="cli in tenant")))
def test_the_commands_for_a_tenant_folder_run_in_one(sample, tmp_path):
    settings = samples(sample.page, language="toml", mark="toml")[0]
    (tmp_path / "journeyman.toml").write_text(settings.text, encoding="utf-8")
    (tmp_path / "keys").mkdir()
    for command in sample.commands:
        done = run(command, tmp_path)

        assert done.returncode == 0, f"{command}: {done.stderr}"


# --- tables ------------------------------------------------------------------------------------


def test_the_page_of_diagnostics_is_current():
    script = ROOT / "scripts" / "write_diagnostics_reference.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_every_code_of_the_source_is_on_the_page_of_diagnostics():
    text = page("reference/diagnostics.md")
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))

    assert [code for code in sorted(set(re.findall(r'"(JM[0-9]{4})"', source))) if f"`{code}`" not in text] == []


def known_keys(tmp_path):
    """Ask the settings themselves: an unknown key is answered with the list of those that are known."""
    text = """
        zzqqxx = 1
        [tenant]
        name = "contoso.onmicrosoft.com"
        zzqqxx = 1
        [server]
        zzqqxx = 1
        [policies]
        zzqqxx = 1
        [egress]
        zzqqxx = 1
        [egress.origins."https://api.example"]
        zzqqxx = 1
        [calls]
        zzqqxx = 1
        [profiles."REST-A"]
        zzqqxx = 1
        [profiles."REST-A".bearer]
        zzqqxx = 1
        [[applications]]
        zzqqxx = 1
        [[identity_providers]]
        zzqqxx = 1
        [[user_attributes]]
        zzqqxx = 1
        [[user_flows]]
        zzqqxx = 1
        [[user_flows.attributes]]
        zzqqxx = 1
        [user_flows.connectors]
        zzqqxx = 1
        [user_flows.tokens]
        zzqqxx = 1
        [user_flows.session]
        zzqqxx = 1
        [user_flows.password_rules]
        zzqqxx = 1
        [user_flows.pages.error]
        zzqqxx = 1
        [telemetry]
        zzqqxx = 1
        [keys]
        zzqqxx = 1
        [master_key]
        zzqqxx = 1
        [vault]
        address = "https://vault.example"
        zzqqxx = 1
        [management]
        zzqqxx = 1
    """
    (tmp_path / "journeyman.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, environment={})
    return [
        line.partition("known here: ")[2].split(", ") for line in str(caught.value).splitlines() if "known here" in line
    ]


def test_every_setting_is_on_the_page_of_settings(tmp_path):
    lists = known_keys(tmp_path)
    sections = re.split(r"^###? ", page("reference/settings.md"), flags=re.MULTILINE)
    headings = (
        "[tenant]",
        "[server]",
        "[policies]",
        "[egress]",
        "[egress.origins.",
        "[calls]",
        '[profiles."TECHNICAL-PROFILE-ID"]\n',
        '[profiles."TECHNICAL-PROFILE-ID".bearer]',
        "[[applications]]",
        "[[identity_providers]]",
        "[[user_attributes]]",
        "[[user_flows]]",
        "[[user_flows.attributes]]",
        "[user_flows.connectors]",
        "[user_flows.tokens]",
        "[user_flows.session]",
        "[user_flows.password_rules]",
        "[user_flows.pages.PAGE]",
        "[telemetry]",
        "[keys]",
        "[master_key]",
        "[vault]",
        "[management]",
    )
    tables = [next(part for part in sections if part.startswith(heading)) for heading in headings]

    assert ", ".join(lists[0]) == (
        "api_connectors, applications, calls, egress, identity_providers, keys, management, master_key, policies, portal, profiles, "
        "server, settings, telemetry, tenant, user_attributes, user_flows, vault"
    )
    assert [
        [key for key in keys if f"| `{key}` |" not in table] for keys, table in zip(lists[1:], tables, strict=True)
    ] == [[]] * len(headings)


def test_every_environment_variable_is_on_the_page_of_settings():
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src" / "journeyman").rglob("*.py"))
    text = page("reference/settings.md")

    assert [name for name in set(re.findall(r'"(JOURNEYMAN_[A-Z_]+)"', source)) if f"`{name}`" not in text] == []


def verdict_sections():
    parts = re.split(r"^## ", page("reference/rest-failures.md"), flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0].strip("`"): part for part in parts}


def test_every_verdict_has_a_section_and_no_section_has_another_verdict():
    assert set(verdict_sections()) == {verdict.value for verdict in Verdict}


@pytest.mark.parametrize("verdict", list(Verdict), ids=lambda verdict: verdict.value)
def test_a_section_of_a_verdict_says_what_to_check_and_names_its_code(verdict):
    section = verdict_sections()[verdict.value]
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind is not errors.ConnectorError]
    codes = {kind.code for kind in kinds if getattr(kind, "verdict", None) is verdict}

    assert "**Check next**" in section
    assert [code for code in codes if f"`{code}`" not in section] == []


def test_every_phase_is_on_the_page_of_verdicts():
    text = page("reference/rest-failures.md")

    assert [phase.value for phase in Phase if f"| `{phase.value}` |" not in text] == []


def test_every_metadata_key_of_a_restful_profile_is_on_its_page():
    text = page("reference/rest-profile.md")

    assert [key for key in sorted(RESTFUL_SPEC.metadata or ()) if f"`{key}`" not in text] == []


def test_every_metadata_key_of_an_identity_provider_is_on_its_page():
    text = page("reference/identity-provider-profile.md")

    known = (OAUTH2_SPEC.metadata or frozenset()) | (OPENID_CONNECT_SPEC.metadata or frozenset())
    assert [key for key in sorted(known) if f"`{key}`" not in text] == []


def test_the_number_of_claims_transformations_is_the_one_that_is_told():
    told = re.findall(
        r"(\d+) (?:claims transformations|methods)",
        (ROOT / "README.md").read_text() + page("explanation/compatibility.md"),
    )

    assert {int(number) for number in told} == {len(METHODS)}


def test_every_decision_has_context_decision_and_consequence_and_is_listed():
    listed = page("decisions/README.md")
    for path in sorted((DOCS / "decisions").glob("0*.md")):
        text = path.read_text(encoding="utf-8")

        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequence")), path.name
        assert f"({path.name})" in listed


def test_every_make_target_is_in_contributing():
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    text = (ROOT / "CONTRIBUTING.md").read_text()

    assert [target for target in targets if f"`make {target}`" not in text] == ["help"]


# --- links and words ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_resolves(path):
    for link in links(path):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path

        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_reached_from_the_index():
    seen, waiting = set(), [DOCS / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in seen or path.suffix != ".md" or DOCS not in path.parents:
            continue
        seen.add(path)
        waiting += [(path.parent / link.partition("#")[0]).resolve() for link in links(path) if ":" not in link]

    assert sorted(set(DOCS.rglob("*.md")) - seen) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_names_a_path_of_one_machine(path):
    assert not re.search(r"(?<![\w.])/(work|root|home|tmp)/", path.read_text(encoding="utf-8"))
