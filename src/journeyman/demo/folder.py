"""The demo's tenant folder: made on first start with fresh secrets and certificates, kept ever after."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from journeyman.errors import SettingsError
from journeyman.keys.certificate import Purpose, issue, make_ca
from journeyman.secret import Secret

TENANT: Final = "contoso.onmicrosoft.com"
POLICY: Final = "B2C_1A_DemoSignUpOrSignIn"
API_HOST: Final = "contoso-loyalty.azurewebsites.net"
MARK: Final = "demo.json"


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """Where everything of the demo is.

    Attributes:
        app_client_id: the application that signs in.
        api_client_id: the API as a resource.
        engine_client_id: as which the policies ask for a token for the API.
    """

    path: Path
    app_client_id: str
    api_client_id: str
    engine_client_id: str
    created: bool

    @property
    def tls(self) -> Path:
        """The certificates of the sample API and of the demo's authority."""
        return self.path / "tls"

    def key_text(self, name: str) -> Secret:
        """Return what a text file of ``keys/`` holds."""
        return Secret((self.path / "keys" / f"B2C_1A_{name}.txt").read_text(encoding="utf-8"))


def open_folder(path: Path, *, listen: str, api_port: int, app_port: int, now: datetime) -> DemoFolder:
    """Return the demo folder at ``path``, made first when there is none.

    Raises:
        SettingsError: the folder holds something else.
    """
    mark = path / MARK
    if mark.exists():
        ids = json.loads(mark.read_text(encoding="utf-8"))
        _write_settings(path, ids, listen=listen, api_port=api_port, app_port=app_port)
        return DemoFolder(path, ids["app"], ids["api"], ids["engine"], created=False)
    if path.exists() and any(path.iterdir()):
        detail = f"{path} is not empty and not a demo folder; name another one: journeyman demo DIR"
        raise SettingsError(detail)
    ids = {name: str(uuid.uuid4()) for name in ("app", "api", "engine")}
    path.mkdir(parents=True, exist_ok=True)
    with as_file(files("journeyman.demo") / "tenant") as bundled:
        shutil.copytree(bundled, path, dirs_exist_ok=True)
    # The copy gives the folder the mode of the original.
    path.chmod(0o700)
    _write_certificates(path, now)
    _write_secrets(path)
    _write_settings(path, ids, listen=listen, api_port=api_port, app_port=app_port)
    # The mark comes last: a folder without it was interrupted while it was made.
    mark.write_text(json.dumps(ids), encoding="utf-8")
    return DemoFolder(path, ids["app"], ids["api"], ids["engine"], created=True)


def _write_secrets(path: Path) -> None:
    texts = {
        "RestApiUsername": "journeyman",
        "RestApiPassword": secrets.token_urlsafe(24),
        "RestApiBearerToken": secrets.token_urlsafe(32),
        "RestApiKey": secrets.token_urlsafe(32),
    }
    for name, text in texts.items():
        write_private(path / "keys" / f"B2C_1A_{name}.txt", text.encode())


def _write_certificates(path: Path, now: datetime) -> None:
    authority = make_ca("CN=Journeyman demo authority", now=now)
    server = issue(
        authority, f"CN={API_HOST}", purpose=Purpose.SERVER, names=(API_HOST, "localhost", "127.0.0.1"), now=now
    )
    client = issue(authority, f"CN=loyalty.{TENANT}", purpose=Purpose.CLIENT, names=(), now=now)
    write_private(path / "tls" / "ca.pem", authority.chain_pem())
    write_private(path / "tls" / "api.pem", server.chain_pem())
    write_private(path / "tls" / "api.key", server.key_pem())
    password = secrets.token_urlsafe(18)
    write_private(path / "keys" / "B2C_1A_RestApiClientCertificate.pfx", client.pfx(Secret(password)))
    write_private(path / "keys" / "B2C_1A_RestApiClientCertificate.pfx.password", password.encode())


def _write_settings(path: Path, ids: Mapping[str, str], *, listen: str, api_port: int, app_port: int) -> None:
    text = f'''# The demo's tenant. Made by `journeyman demo`, which writes this file anew at each start.
[tenant]
name = "{TENANT}"

[server]
listen = "{listen}"

[settings]
ApiScope = "https://{TENANT}/loyalty/.default"

# The policies call https://{API_HOST}, as they would in the cloud. Here the call goes to the sample API.
[egress]
trust = ["tls/ca.pem"]
[egress.map]
"https://{API_HOST}" = "https://127.0.0.1:{api_port}"

[[applications]]
client_id = "{ids["app"]}"
name = "Demo application"
type = "native"
redirect_uris = ["http://127.0.0.1:{app_port}/callback", "http://localhost:{app_port}/callback"]

[[applications]]
client_id = "{ids["api"]}"
name = "Loyalty API"
identifier_uris = ["https://{TENANT}/loyalty"]
scopes = ["benefits.read"]

[[applications]]
client_id = "{ids["engine"]}"
name = "The policies, when they call the Loyalty API"
type = "web"
permissions = ["https://{TENANT}/loyalty/benefits.read"]
'''
    (path / "journeyman.toml").write_text(text, encoding="utf-8")


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
