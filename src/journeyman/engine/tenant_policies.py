"""All policies of a tenant: its files, its user flows and policies from elsewhere in, one set of loaded policies out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from journeyman.policy.load import LoadedPolicies, PolicyText, load_policies
from journeyman.settings import Settings


def load_tenant_policies(
    settings: Settings,
    texts: Sequence[PolicyText] = (),
    *,
    paths: Sequence[Path] | None = None,
    relative_to: Path | None = None,
) -> LoadedPolicies:
    """Load the policies of a tenant.

    Args:
        texts: policies that are no files; each takes the place of a file with the same policy id.
        paths: policy files and folders; None for those of the settings that are there.
        relative_to: a folder; paths below it are shown relative to it. None for the tenant folder.
    """
    return load_policies(
        [path for path in settings.policy_paths if path.exists()] if paths is None else paths,
        settings=settings.values,
        tenant_name=settings.tenant_name,
        relative_to=relative_to or settings.folder,
        texts=texts,
    )
