"""All policies of a tenant: its files, its user flows and policies from elsewhere in, one set of loaded policies out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from journeyman.directory.attributes import DEFAULT_EXTENSIONS_APP
from journeyman.engine.stored import Stored
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
from journeyman.settings import Settings
from journeyman.settings.extensions_app import extensions_app_of

if TYPE_CHECKING:
    from journeyman.policy.user_flow.policies import WrittenFlows


def tenant_texts(settings: Settings, stored: Stored, before: WrittenFlows | None = None) -> tuple[PolicyText, ...]:
    """Return the policies of a tenant that are no files: the uploaded ones, and those made of its user flows."""
    return (*stored.uploaded, *flow_texts(settings, stored, before))


def flow_texts(settings: Settings, stored: Stored, before: WrittenFlows | None = None) -> tuple[PolicyText, ...]:
    """Return the policies that the user flows of a tenant become; ``before`` is what was written of them last."""
    if not stored.identity.user_flows:
        return ()
    # Pages of templates are a library of their own: a tenant without user flows does not load it.
    from journeyman.policy.user_flow.policies import user_flow_policies

    extensions_app = extensions_app_known(settings, stored)
    return user_flow_policies(
        stored.identity, tenant=settings.tenant_name, extensions_app=extensions_app, before=before
    )


def written_flows(stored: Stored, texts: tuple[PolicyText, ...]) -> WrittenFlows | None:
    """Return what ``tenant_texts`` has written of user flows, so that the next time only changed ones are written."""
    if not stored.identity.user_flows:
        return None
    from journeyman.policy.user_flow.policies import WrittenFlows

    return WrittenFlows(stored.identity, texts[len(stored.uploaded) :])


def extensions_app_known(settings: Settings, stored: Stored) -> str:
    """Return the client id of the extensions application; before the first start of a tenant without an id, zeros."""
    tenant_id = settings.tenant_id or stored.tenant_id
    return extensions_app_of(settings, tenant_id) if settings.extensions_app or tenant_id else DEFAULT_EXTENSIONS_APP


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
