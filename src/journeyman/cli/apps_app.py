"""``journeyman apps``: its commands and options; ``apps.py`` does what they say."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from journeyman.cli.options import HERE, AsJson, Dir, command_group
from journeyman.cli.terminal import USAGE, say

ClientId = Annotated[str, typer.Argument(metavar="CLIENT_ID", help="The application.", show_default=False)]

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
        typer.Option("--role", metavar="ROLE", help="A role that `apps roles` lists; repeatable."),
    ] = None,
    own_role: Annotated[
        list[str] | None,
        typer.Option("--own-role", metavar="ROLE", help="A role of an API of your own; repeatable."),
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
    import_module("journeyman.cli.apps").add_application(
        folder,
        name,
        type,
        tuple(role or ()),
        tuple(redirect_uri or ()),
        own_roles=tuple(own_role or ()),
        as_json=as_json,
    )


@app.command("list", epilog="Example: journeyman apps list")
def list_(*, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """List the applications.

    Those of journeyman.toml come first.
    """
    import_module("journeyman.cli.apps").list_applications(folder, as_json=as_json)


@app.command(epilog="Example: journeyman apps show 22222222-2222-3333-4444-555555555555")
def show(client_id: ClientId, *, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """Show one application.

    Of its secrets the first three characters are shown.
    """
    import_module("journeyman.cli.apps").show_application(folder, client_id, as_json=as_json)


@app.command(epilog="Example: journeyman apps remove 22222222-2222-3333-4444-555555555555 --yes")
def remove(
    client_id: ClientId,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for the client id.")] = False,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Remove an application with its secrets.

    Its management tokens open nothing from then on.
    """
    import_module("journeyman.cli.apps").remove_application(folder, client_id, yes=yes, as_json=as_json)


@app.command("add-secret", epilog="Example: journeyman apps add-secret 22222222-2222-3333-4444-555555555555")
def add_secret(
    client_id: ClientId,
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


# The name that it had before there was a command to remove one.
app.command("secret", hidden=True)(add_secret)


@app.command("remove-secret", epilog="Example: journeyman apps remove-secret CLIENT_ID KEY_ID")
def remove_secret(
    client_id: ClientId,
    key_id: Annotated[str, typer.Argument(metavar="KEY_ID", help="As `apps show` prints it.", show_default=False)],
    *,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Remove one client secret.

    It is refused from then on; the others stay good.
    """
    import_module("journeyman.cli.apps").remove_secret(folder, client_id, key_id, as_json=as_json)


@app.command(epilog="Example: journeyman apps roles CLIENT_ID --add User.Read.All")
def roles(
    client_id: Annotated[
        str | None, typer.Argument(metavar="[CLIENT_ID]", help="The application.", show_default=False)
    ] = None,
    *,
    add: Annotated[list[str] | None, typer.Option("--add", metavar="ROLE", help="A role to grant; repeatable.")] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="ROLE", help="A role to take away; repeatable.")
    ] = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """List the roles of the management API, or show and change those of an application.

    A role that was taken away is gone at once; a new one is in the next token.
    """
    import_module("journeyman.cli.apps").change_roles(
        folder, client_id, tuple(add or ()), tuple(remove or ()), as_json=as_json
    )
