"""Tenant folders to measure on: policy files in, a folder with settings and applications out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).parent
TENANT = "contoso.onmicrosoft.com"
APP_CLIENT_ID = "11111111-1111-4111-8111-111111111111"
SERVICE_CLIENT_ID = "22222222-2222-4222-8222-222222222222"
REDIRECT_URI = "http://127.0.0.1:5000/callback"
REST_POLICY = "B2C_1A_BenchmarkRestCalls"
SIGN_IN_POLICY = "B2C_1A_BenchmarkSignIn"
STARTER_PACK_POLICY = "B2C_1A_signup_signin"
PACKS = ("LocalAccounts", "SocialAccounts", "SocialAndLocalAccounts", "SocialAndLocalAccountsWithMfa")

SETTINGS = f"""
[tenant]
name = "{TENANT}"

[[applications]]
client_id = "{APP_CLIENT_ID}"
name = "Application"
type = "native"
redirect_uris = ["{REDIRECT_URI}"]

[[applications]]
client_id = "{SERVICE_CLIENT_ID}"
name = "Service"
type = "web"
"""


def starter_pack() -> Path | None:
    """Return the folder of the public starter pack; None when this machine has none."""
    corpus = Path(os.environ.get("JOURNEYMAN_CORPUS") or HERE.parent.parent / "shared" / "corpus")
    pack = corpus / "starterpack"
    return pack if (pack / PACKS[0] / "TrustFrameworkBase.xml").is_file() else None


def demo_policies() -> list[Path]:
    """Return the files of the demo's tenant."""
    return sorted(Path(str(files("journeyman.demo") / "tenant" / "policies")).glob("*.xml"))


def demo_base() -> Path:
    """Return the base of the demo's policies: local accounts, sessions, the issuer."""
    return next(path for path in demo_policies() if path.stem == "Base")


def rest_policies() -> list[Path]:
    """Return the base of the demo and the policy whose journey makes one REST call of each type."""
    return [demo_base(), HERE / "policies" / "RestCalls.xml"]


def sign_in_policies() -> tuple[str, list[Path]]:
    """Return the policy whose sign-in is measured, and its files: the starter pack's when it is there."""
    pack = starter_pack()
    if pack is None:
        return SIGN_IN_POLICY, [demo_base(), HERE / "policies" / "SignIn.xml"]
    return STARTER_PACK_POLICY, sorted((pack / PACKS[0]).glob("*.xml"))


def make_tenant(
    folder: Path, policies: Iterable[Path], *, api_url: str = "https://api.example/", authority: Path | None = None
) -> Path:
    """Fill an empty folder.

    Args:
        api_url: what the REST technical profiles of the measured policy call.
        authority: the certificate of who vouches for that API.
    """
    (folder / "policies").mkdir(parents=True)
    (folder / "keys").mkdir(mode=0o700)
    for path in policies:
        shutil.copy(path, folder / "policies" / path.name)
    settings = f'{SETTINGS}\n[settings]\nApiUrl = "{api_url}"\n'
    if authority is not None:
        settings += f'\n[egress]\ntrust = ["{authority}"]\n'
    (folder / "journeyman.toml").write_text(settings, encoding="utf-8")
    return folder
