"""All policies of a tenant: its files, its user flows and policies from elsewhere in, one set of loaded policies out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from journeyman.policy.load import (
    LoadedPolicies,
    ParsedPolicy,
    PolicyText,
    parse_files,
    parse_text,
    together,
)
from journeyman.policy.model import key
from journeyman.policy.substitution import Substitutions
from journeyman.settings import IdentitySettings, Settings


def tenant_texts(
    settings: Settings,  # noqa: ARG001 - the XML of a user flow names the tenant
    identity: IdentitySettings,  # noqa: ARG001 - no user flow is turned into XML yet
    uploaded: Sequence[PolicyText],
) -> tuple[PolicyText, ...]:
    """Return the policies of a tenant that are no files: the uploaded ones, and those made of its user flows."""
    return tuple(uploaded)


def parse_tenant_files(
    settings: Settings,
    substitutions: Substitutions,
    *,
    paths: Sequence[Path] | None = None,
    relative_to: Path | None = None,
) -> tuple[ParsedPolicy, ...]:
    """Read and parse policy files; ``paths`` is None for those of the settings, as far as they are there."""
    there = [path for path in settings.policy_paths if path.exists()] if paths is None else paths
    return parse_files(there, substitutions, relative_to=relative_to or settings.folder)


def load_tenant_policies(
    settings: Settings,
    texts: Sequence[PolicyText] = (),
    *,
    paths: Sequence[Path] | None = None,
    relative_to: Path | None = None,
    files_first: bool = False,
) -> LoadedPolicies:
    """Load the policies of a tenant.

    Args:
        texts: policies that are no files; each takes the place of a file with the same policy id.
        paths: policy files and folders; None for those of the settings that are there.
        relative_to: a folder; paths below it are shown relative to it. None for the tenant folder.
        files_first: files take the place of texts instead.
    """
    substitutions = Substitutions(settings.values, settings.tenant_name)
    files = parse_tenant_files(settings, substitutions, paths=paths, relative_to=relative_to)
    parsed = [parse_text(text, substitutions) for text in texts]
    if files_first:
        in_files = {key(one.policy.policy_id) for one in files if one.policy is not None}
        parsed = [one for one in parsed if one.policy is None or key(one.policy.policy_id) not in in_files]
    return together(parsed, files, tenant_name=settings.tenant_name)
