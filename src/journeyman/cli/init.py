"""``journeyman init``: a folder's name in; a tenant folder that runs, with secrets of its own, out."""

from __future__ import annotations

import os
import secrets
import shlex
import string
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from journeyman.cli.terminal import errors_in_words, say, say_json
from journeyman.errors import SettingsError

TENANT: Final = "contoso.onmicrosoft.com"
POLICY: Final = "B2C_1A_SignUpOrSignIn"

# Where each bundled file goes. Some are bundled under other names so that no tool takes them for its own.
_SHARED: Final = {
    "api/server.py": "server.py.txt",
    "tests/README.md": "tests_readme.txt",
    ".gitignore": "gitignore.txt",
}


@dataclass(frozen=True, slots=True)
class Starter:
    """What a new tenant folder begins with: its files, and the policy or user flow that one signs up with."""

    policy: str
    files: Mapping[str, str]


POLICIES: Final = Starter(
    POLICY,
    {
        "journeyman.toml": "journeyman.toml",
        "policies/Base.xml": "Base.xml",
        "policies/SignUpOrSignIn.xml": "SignUpOrSignIn.xml",
        **_SHARED,
    },
)
USER_FLOW: Final = Starter("B2C_1_signup_signin", {"journeyman.toml": "user_flow.toml", **_SHARED})


def init(folder: Path, *, force: bool, as_json: bool, user_flow: bool = False) -> None:
    """Write the tenant folder and say what to do next."""
    starter = USER_FLOW if user_flow else POLICIES
    with errors_in_words():
        client_id = str(uuid.uuid4())
        try:
            _refuse_occupied(folder, force=force)
            written = [*_write_files(folder, starter, {"client_id": client_id}), *_write_keys(folder)]
        except OSError as error:
            detail = f"{error.filename or folder}: it cannot be written ({error.strerror}); name another folder"
            raise SettingsError(detail) from error
        if as_json:
            shown = {
                "folder": str(folder.resolve()),
                "client_id": client_id,
                "files": written,
                "open": _address(starter, client_id),
            }
            say_json(shown)
            return
        _say_what_next(folder, starter, client_id)


def _refuse_occupied(folder: Path, *, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"{folder} is a file; name a folder")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise SettingsError(f"{folder} is not empty; name another folder, or add --force to write into it")


def _write_files(folder: Path, starter: Starter, values: Mapping[str, str]) -> list[str]:
    bundled = files("journeyman.cli") / "starter"
    for target, source in starter.files.items():
        text = (bundled / source).read_text(encoding="utf-8")
        path = folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        if target == "journeyman.toml":
            text = string.Template(text).substitute(values)
        path.write_text(text, encoding="utf-8")
    return list(starter.files)


def _write_keys(folder: Path) -> list[str]:
    texts = {"RestApiUsername": "contoso-policies", "RestApiPassword": secrets.token_urlsafe(32)}
    (folder / "keys").mkdir(mode=0o700, exist_ok=True)
    written = []
    for name, text in texts.items():
        path = folder / "keys" / f"B2C_1A_{name}.txt"
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            written.append(f"keys/{path.name}")
    return written


def _address(starter: Starter, client_id: str) -> str:
    query = {
        "client_id": client_id,
        "redirect_uri": "http://127.0.0.1:7071/signed-in",
        "response_type": "id_token",
        "response_mode": "fragment",
        "scope": "openid",
        "nonce": "sample",
    }
    return f"http://127.0.0.1:8080/{TENANT}/{starter.policy}/oauth2/v2.0/authorize?{urlencode(query)}"


def _say_what_next(folder: Path, starter: Starter, client_id: str) -> None:
    quoted = shlex.quote(str(folder))
    say(f"{folder} is a tenant folder now. Start the sample API and the engine, each in a terminal:")
    say(f"  python {shlex.quote(str(folder / 'api' / 'server.py'))}")
    say(f"  journeyman up {quoted}")
    say("and open, to sign up:")
    say(f"  {_address(starter, client_id)}")
    if starter is USER_FLOW:
        say("The code that proves an e-mail address is in the mailbox: http://127.0.0.1:8080/portal/mailbox")
    say(f"Then `journeyman trace --dir {quoted}` shows the journey. Settings are in {folder / 'journeyman.toml'}.")
