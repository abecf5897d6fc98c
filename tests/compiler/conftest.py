"""A small healthy policy, and a way to break it in one place and compile it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from journeyman.compiler.compiled import CompiledPolicy
from journeyman.compiler.handlers import (
    CLAIMS_TRANSFORMATION,
    DIRECTORY,
    JWT_ISSUER,
    NONE,
    OAUTH2,
    OPENID_CONNECT,
    PASSWORD_GRANT,
    RESTFUL,
    SELF_ASSERTED,
    SESSION_DEFAULT,
    SESSION_EXTERNAL_LOGIN,
    SESSION_NOOP,
    SESSION_OAUTH,
)
from journeyman.compiler.passes import compile_policy
from journeyman.compiler.spec import HandlerSpec, KeyInfo
from journeyman.diagnostics import Diagnostic, Severity
from journeyman.policy.load import load_policies

POLICY_ID = "B2C_1A_signup_signin"

HANDLER_SPECS = (
    HandlerSpec(RESTFUL, required_metadata=frozenset({"ServiceUrl", "AuthenticationType"})),
    HandlerSpec(
        SELF_ASSERTED,
        metadata=frozenset({"SignUpTarget", "setting.showSignupLink", "setting.forgotPasswordLinkOverride"}),
        required_metadata=frozenset({"ContentDefinitionReferenceId"}),
        interactive=True,
    ),
    HandlerSpec(CLAIMS_TRANSFORMATION),
    HandlerSpec(DIRECTORY, required_metadata=frozenset({"Operation"})),
    HandlerSpec(PASSWORD_GRANT),
    HandlerSpec(JWT_ISSUER),
    HandlerSpec(SESSION_NOOP),
    HandlerSpec(SESSION_DEFAULT),
    HandlerSpec(SESSION_EXTERNAL_LOGIN, runs=False, reason="the session provider is not built yet"),
    HandlerSpec(SESSION_OAUTH, runs=False),
    HandlerSpec(OPENID_CONNECT, runs=False, interactive=True),
    HandlerSpec(OAUTH2, runs=False, interactive=True),
    HandlerSpec(NONE),
)


@dataclass(frozen=True)
class Sample:
    """What compiling one text gave."""

    text: str
    policy: CompiledPolicy | None
    diagnostics: list[Diagnostic]

    def line_of(self, marker: str) -> int:
        """Return the line on which ``marker`` stands for the first time."""
        return self.text[: self.text.index(marker)].count("\n") + 1

    def of(self, code: str) -> list[Diagnostic]:
        """Return the diagnostics with this code."""
        return [diagnostic for diagnostic in self.diagnostics if diagnostic.code == code]

    def only(self, code: str) -> Diagnostic:
        """Return the one diagnostic with this code."""
        (found,) = self.of(code)
        return found

    @property
    def errors(self) -> list[str]:
        """The codes of all errors, in order."""
        return [diagnostic.code for diagnostic in self.diagnostics if diagnostic.severity is Severity.ERROR]


CompileXml = Callable[..., Sample]


@pytest.fixture
def specs() -> dict[str, HandlerSpec]:
    return {spec.handler: spec for spec in HANDLER_SPECS}


@pytest.fixture
def keys() -> dict[str, KeyInfo]:
    ids = ("B2C_1A_TokenSigningKeyContainer", "B2C_1A_TokenEncryptionKeyContainer", "B2C_1A_LoyaltyPassword")
    return {
        key_id.lower(): KeyInfo(key_id, "RSA", has_private_key=True, has_certificate=False, has_active_key=True)
        for key_id in ids
    }


@pytest.fixture
def compile_xml(tmp_path: Path, specs: dict[str, HandlerSpec], keys: dict[str, KeyInfo]) -> CompileXml:
    """Return a function that replaces texts of the healthy policy and compiles the result."""
    given_specs, given_keys = specs, keys

    def run(
        *replacements: tuple[str, str],
        specs: Mapping[str, HandlerSpec] = given_specs,
        keys: Mapping[str, KeyInfo] | None = given_keys,
        engine_production: bool = False,
    ) -> Sample:
        text = (Path(__file__).parent / "healthy.xml").read_text(encoding="utf-8")
        for old, new in replacements:
            assert old in text, f"the sample does not hold {old!r}"
            text = text.replace(old, new, 1)
        path = tmp_path / "policy.xml"
        path.write_text(text, encoding="utf-8")
        merged, found = load_policies([path], settings={}, tenant_name=None).merged(POLICY_ID)
        assert merged is not None, [str(diagnostic) for diagnostic in found]
        policy, diagnostics = compile_policy(merged, specs=specs, keys=keys, engine_production=engine_production)
        return Sample(text, policy, diagnostics)

    return run


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder with the collection of public policies."""
    folder = Path(os.environ.get("JOURNEYMAN_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip(f"the collection of public policies is not at {folder}; set JOURNEYMAN_CORPUS")
    return folder
