"""The arguments of ``journeyman-guard``; what a command does is imported only when it runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from journeyman_guard import __version__
from journeyman_guard.cli.terminal import USAGE, note
from journeyman_guard.errors import MisconfiguredError

_INTERRUPTED: Final = 130
_KINDS: Final = ("basic", "api-key", "bearer", "jwt", "client-certificate")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        module = import_module(f"journeyman_guard.cli.{options.module}")
        code: int = module.run_options(options)
    except MisconfiguredError as error:
        note(f"error: {error}")
        return USAGE
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        return _INTERRUPTED
    return code


def run() -> None:
    """Run and end the process."""
    sys.exit(main())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="journeyman-guard",
        description="Let only callers with proper credentials reach your REST API.",
        epilog="Exit codes: 0 done, 1 the thing checked is wrong, 2 the call is wrong.",
    )
    parser.add_argument("--version", action="version", version=f"journeyman-guard {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_check(commands)
    _add_hash(commands)
    _add_serve(commands)
    _add_authz(commands)
    _add_conformance(commands)
    return parser


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "Read a guard.toml as the guard would at its start, and list its routes."
    command = commands.add_parser("check", help=text, description=text)
    command.add_argument(
        "file", type=Path, nargs="?", default=Path("guard.toml"), metavar="FILE", help="default: guard.toml"
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(module="check")


def _add_hash(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "Print the hash of a secret, for guard.toml. The secret is read from standard input or asked for."
    command = commands.add_parser("hash", help=text, description=text)
    command.add_argument("--argon2", action="store_true", help="argon2id, for passwords that people choose")
    command.add_argument("--generate", action="store_true", help="make a random secret and print it too")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(module="hash")


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "Stand in front of an API as a reverse proxy with TLS and client certificates."
    command = commands.add_parser("serve", help=text, description=text)
    _add_file(command)
    command.add_argument("--upstream", metavar="URL", help="the API behind, for example http://127.0.0.1:7071")
    command.add_argument("--certificate", type=Path, metavar="FILE", help="PEM of the server's certificate")
    command.add_argument("--key", type=Path, metavar="FILE", help="PEM of its private key")
    command.add_argument("--client-ca", type=Path, metavar="FILE", help="PEM of the authorities of client certificates")
    command.set_defaults(module="serve")


def _add_authz(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "Answer the question of nginx (auth_request), Traefik (ForwardAuth) or Envoy (ext_authz) who may come in."
    command = commands.add_parser("authz", help=text, description=text)
    _add_file(command)
    command.add_argument("--mode", choices=("nginx", "traefik", "envoy"), help="who asks; default: nginx")
    command.set_defaults(module="authz")


def _add_file(command: argparse.ArgumentParser) -> None:
    command.add_argument("--config", type=Path, default=Path("guard.toml"), metavar="FILE", help="default: guard.toml")
    command.add_argument("--listen", metavar="HOST:PORT", help="where to listen, in place of the setting")
    command.add_argument("--metrics", metavar="HOST:PORT", help="where the counters can be read; nowhere by default")


def _add_conformance(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "Attack an API with wrong credentials and print what got in. Only the host of URL is called."
    command = commands.add_parser("conformance", help=text, description=text)
    command.add_argument("url", metavar="URL", help="one guarded route, for example https://127.0.0.1:7071/api/loyalty")
    command.add_argument("--auth", required=True, choices=_KINDS, help="what the route asks for")
    command.add_argument("--user", help="the user of --auth basic")
    command.add_argument("--secret-file", type=Path, metavar="FILE", help="password, key or token; - is standard input")
    command.add_argument("--secret-env", metavar="NAME", help="the variable of the environment that holds it")
    command.add_argument(
        "--header", default="x-functions-key", help="the header of --auth api-key; default: x-functions-key"
    )
    command.add_argument(
        "--query", metavar="NAME", help="the parameter of --auth api-key, where it travels in the query"
    )
    command.add_argument("--certificate", type=Path, metavar="FILE", help="PEM of the right client certificate")
    command.add_argument("--key", type=Path, metavar="FILE", help="PEM of its private key")
    command.add_argument("--method", default="GET", help="default: GET")
    command.add_argument("--body", type=Path, metavar="FILE", help="a JSON body that the API accepts")
    command.add_argument(
        "--ca", type=Path, metavar="FILE", help="PEM of the authorities of the server; default: the system's"
    )
    command.add_argument(
        "--signing-key", type=Path, metavar="FILE", help="key of a test issuer; adds tokens with wrong claims"
    )
    command.add_argument(
        "--public-key",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="public key of the issuer; adds key confusion",
    )
    command.add_argument(
        "--issuer-certificate",
        type=Path,
        metavar="FILE",
        help="authority of test clients; with --issuer-key adds wrong certificates of it",
    )
    command.add_argument("--issuer-key", type=Path, metavar="FILE", help="its private key")
    command.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="one family or case; can be repeated"
    )
    command.add_argument(
        "--rate", type=float, default=20.0, metavar="N", help="requests per second at most; 0 is no limit; default: 20"
    )
    command.add_argument("--timeout", type=float, default=10.0, metavar="SECONDS", help="of one request; default: 10")
    command.add_argument("--all", action="store_true", help="list also what passed")
    command.add_argument("--list", action="store_true", help="list the catalogue and send nothing")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--junit", type=Path, metavar="FILE", help="also write JUnit XML")
    command.set_defaults(module="conformance")
