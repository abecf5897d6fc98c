"""``journeyman guard``: its commands and options; ``guard.py`` does what they say."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from journeyman.cli.options import HERE, AsJson, Dir, command_group
from journeyman.cli.terminal import USAGE, say

app = command_group("The guard of your API: its side of a technical profile.")

Profiles = Annotated[
    list[str] | None, typer.Option("--for", metavar="PROFILE", help="A REST technical profile; can be repeated.")
]
PolicyId = Annotated[
    str | None, typer.Option("--policy", metavar="POLICY", help="The policy, where several know the profile.")
]


@app.callback()
def guard(context: typer.Context) -> None:
    """The guard of your API, from the policies that call it."""
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(USAGE)


@app.command(epilog="Example: journeyman guard init --for REST-GetProfile")
def init(
    *,
    profiles: Profiles = None,
    policy: PolicyId = None,
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="Where to write; - is standard output.")
    ] = Path("guard.toml"),
    force: Annotated[bool, typer.Option("--force", help="Write over a file that exists.")] = False,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Write the guard.toml that lets a technical profile in.

    Secrets are written as hashes, certificates as thumbprints.
    """
    module = import_module("journeyman.cli.guard")
    module.init(module.Order(folder, tuple(profiles or ()), policy, as_json), output, force=force)


@app.command(epilog="Example: journeyman guard check --config ../api/guard.toml")
def check(
    *,
    config: Annotated[Path, typer.Option("--config", metavar="FILE", help="The guard.toml of the API.")] = Path(
        "guard.toml"
    ),
    profiles: Profiles = None,
    policy: PolicyId = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """See whether the calls of a policy would get in.

    The guard decides about the very credential that each call carries. Nothing is sent. Exit code 1 when one is refused.
    """
    module = import_module("journeyman.cli.guard")
    module.check(module.Order(folder, tuple(profiles or ()), policy, as_json), config)
