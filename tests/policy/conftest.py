"""Policy files from a few lines of XML, and the collection of public policies."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from journeyman.diagnostics import Diagnostic
from journeyman.policy.model import Policy
from journeyman.policy.parse import parse_policy
from journeyman.policy.source import parse_source
from journeyman.policy.substitution import Substitutions

NAMESPACE = "http://schemas.microsoft.com/online/cpim/schemas/2013/06"


@pytest.fixture
def corpus() -> Path:
    """The folder of the public policies."""
    folder = Path(os.environ.get("JOURNEYMAN_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
    if not (folder / "index.json").is_file():
        pytest.skip(f"the collection of public policies is not at {folder}; set JOURNEYMAN_CORPUS")
    return folder


@pytest.fixture
def xml() -> Callable[..., str]:
    """Write a policy file around some lines; the lines begin in line 3."""

    def write(body: str = "", *, policy_id: str = "B2C_1A_Base", base: str = "", attributes: str = "") -> str:
        tenant = "contoso.onmicrosoft.com"
        parent = f"<BasePolicy><TenantId>{tenant}</TenantId><PolicyId>{base}</PolicyId></BasePolicy>" if base else ""
        return (
            f'<TrustFrameworkPolicy xmlns="{NAMESPACE}" PolicySchemaVersion="0.3.0.0" TenantId="{tenant}"\n'
            f' PolicyId="{policy_id}" PublicPolicyUri="http://{tenant}/{policy_id}"{attributes}>{parent}\n'
            f"{body}\n</TrustFrameworkPolicy>"
        )

    return write


@pytest.fixture
def read(xml: Callable[..., str]) -> Callable[..., tuple[Policy, list[Diagnostic]]]:
    """Read a policy file written around some lines."""

    def read_policy(body: str = "", *, path: str = "base.xml", **options: str) -> tuple[Policy, list[Diagnostic]]:
        root, of_xml = parse_source(xml(body, **options).encode(), path, Substitutions())
        assert root is not None, of_xml
        policy, of_policy = parse_policy(root, path)
        assert policy is not None, of_policy
        return policy, [*of_xml, *of_policy]

    return read_policy


@pytest.fixture
def clean(read: Callable[..., tuple[Policy, list[Diagnostic]]]) -> Callable[..., Policy]:
    """Read a policy file in which nothing is wrong."""

    def read_clean(body: str = "", **options: str) -> Policy:
        policy, diagnostics = read(body, **options)
        assert diagnostics == []
        return policy

    return read_clean


@pytest.fixture
def places() -> Callable[[object], list[tuple[str, int, int]]]:
    """Say of diagnostics what they are and where."""

    def of(diagnostics: list[Diagnostic]) -> list[tuple[str, int, int]]:
        return [(each.code, each.location.line, each.location.column) for each in diagnostics]

    return of
