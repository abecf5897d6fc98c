"""``journeyman-guard hash``: a secret in, what stands for it in ``guard.toml`` out."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys

from journeyman_guard.cli.terminal import DONE, say, say_json
from journeyman_guard.credential import hash_secret
from journeyman_guard.errors import MisconfiguredError
from journeyman_guard.slow_secret import hash_slowly


def run_options(options: argparse.Namespace) -> int:
    """Print the hash. Raises MisconfiguredError."""
    secret = secrets.token_urlsafe(32) if options.generate else _asked()
    hashed = str(hash_slowly(secret) if options.argon2 else hash_secret(secret))
    shown = {"secret": secret, "hash": hashed} if options.generate else {"hash": hashed}
    if options.json:
        say_json(shown)
    else:
        for name, value in shown.items():
            say(value if len(shown) == 1 else f"{name}: {value}")
    return DONE


def _asked() -> str:
    if sys.stdin.isatty():
        secret = getpass.getpass("Secret: ")
        if secret != getpass.getpass("Again: "):
            raise MisconfiguredError("the two are not the same")
        return secret
    return sys.stdin.readline().removesuffix("\n").removesuffix("\r")
