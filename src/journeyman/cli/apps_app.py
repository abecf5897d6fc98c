"""``journeyman apps``: its commands and options; ``apps.py`` does what they say."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from journeyman.cli.options import HERE, AsJson, Dir, command_group
from journeyman.cli.terminal import USAGE, say

app = command_group("Applications that may use the policies.")


@app.callback()
def apps(context: typer.Context) -> None:
    """Applications that may use the policies, besides those of journeyman.toml."""
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(USAGE)


@app.command(epilog='Example: journeyman apps add "Web app" --redirect-uri http://127.0.0.1:5000/callback --json')
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.", show_default=False)],
    *,
    type: Annotated[str, typer.Option("--type", metavar="TYPE", help="web, spa or native.")] = "web",
    role: Annotated[
        list[str] | None,
        typer.Option("--role", metavar="ROLE", help="An application role granted to it; repeatable."),
    ] = None,
    redirect_uri: Annotated[
        list[str] | None,
        typer.Option("--redirect-uri", metavar="URI", help="Where answers may go; repeatable."),
    ] = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Add an application.

    Its client id is printed and, once, its client secret; only web applications get one.
    """
    module = import_module("journeyman.cli.apps")
    module.add_application(folder, name, type, tuple(role or ()), tuple(redirect_uri or ()), as_json=as_json)


@app.command("list", epilog="Example: journeyman apps list")
def list_(*, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """List the applications.

    Those of journeyman.toml come first.
    """
    import_module("journeyman.cli.apps").list_applications(folder, as_json=as_json)


@app.command(epilog="Example: journeyman apps secret 22222222-2222-3333-4444-555555555555")
def secret(
    client_id: Annotated[str, typer.Argument(metavar="CLIENT_ID", help="The application.", show_default=False)],
    *,
    expire: Annotated[
        str | None,
        typer.Option("--expire", metavar="TIME", help="Refused from then on: 2027-01-31.", show_default="never"),
    ] = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Give an application one more client secret.

    It is printed once; the other secrets stay good.
    """
    import_module("journeyman.cli.apps").add_secret(folder, client_id, expire, as_json=as_json)
