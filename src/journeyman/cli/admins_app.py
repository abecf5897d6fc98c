"""``journeyman admins``: its commands and options; ``admins.py`` does what they say."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from journeyman.cli.options import HERE, AsJson, Dir, command_group
from journeyman.cli.terminal import USAGE, say

app = command_group("Administrators of the portal.")

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="Their e-mail address.", show_default=False)]


@app.callback()
def admins(context: typer.Context) -> None:
    """Administrators of the portal: who may sign in there, and with which roles."""
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(USAGE)


@app.command(epilog="Example: journeyman admins add ada@contoso.com --role User.Read.All")
def add(
    email: Email,
    *,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Their name; they can change it.")] = "",
    role: Annotated[
        list[str] | None,
        typer.Option("--role", metavar="ROLE", help="An application role; repeatable.", show_default="all of them"),
    ] = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Invite an administrator.

    A link is printed, in which they set their password: it works once, and for an hour.
    """
    import_module("journeyman.cli.admins").add(folder, email, name, tuple(role or ()), as_json=as_json)


@app.command("list", epilog="Example: journeyman admins list")
def list_(*, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """List the administrators and their roles."""
    import_module("journeyman.cli.admins").list_(folder, as_json=as_json)


@app.command(epilog="Example: journeyman admins roles ada@contoso.com --remove User.ReadWrite.All")
def roles(
    email: Email,
    *,
    add: Annotated[list[str] | None, typer.Option("--add", metavar="ROLE", help="Grant a role; repeatable.")] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="ROLE", help="Take a role away; repeatable.")
    ] = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Show the roles of an administrator, and change them.

    A change counts from their next request on.
    """
    module = import_module("journeyman.cli.admins")
    module.roles(folder, email, tuple(add or ()), tuple(remove or ()), as_json=as_json)


@app.command(epilog="Example: journeyman admins remove ada@contoso.com")
def remove(
    email: Email,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Remove an administrator, once their e-mail address was typed in.

    Their sessions end with their next request.
    """
    import_module("journeyman.cli.admins").remove(folder, email, yes=yes, as_json=as_json)


@app.command(epilog="Example: journeyman admins reset ada@contoso.com")
def reset(email: Email, *, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """Give an administrator another password.

    A link is printed, in which they set it: it works once, and for an hour. All their sessions end then.
    """
    import_module("journeyman.cli.admins").reset(folder, email, as_json=as_json)
