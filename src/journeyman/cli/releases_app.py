"""``journeyman deploy`` and ``journeyman releases``: their options; ``deploy.py`` and ``releases.py`` do the work."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from journeyman.cli.options import HERE, AsJson, Dir, command_group
from journeyman.cli.terminal import USAGE, say

To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="URL",
        help="A server, https://host/tenant, in place of a tenant folder; JOURNEYMAN_CLIENT_ID and"
        " JOURNEYMAN_CLIENT_SECRET hold the credentials.",
        show_default=False,
    ),
]
Trust = Annotated[
    Path | None,
    typer.Option("--trust", metavar="FILE", help="A PEM file with the authority of the server.", show_default=False),
]
Number = Annotated[int, typer.Argument(metavar="N", min=0, help="The number of a release.", show_default=False)]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="What is kept beside the release.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

app = command_group("Releases of uploaded policies.")


def deploy(  # noqa: PLR0913 - each is an option
    policies: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of policies.", show_default=False)],
    *,
    to: To = None,
    trust: Trust = None,
    plan: Annotated[bool, typer.Option("--plan", help="Print what would change, and change nothing.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Print how each policy changes.")] = False,
    yes: Yes = False,
    note: Note = "",
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Publish a folder of policies as one release.

    All of them or none; what is not in the folder is removed. Exit code 1 when a policy has an error.
    """
    command = import_module("journeyman.cli.deploy")
    place = import_module("journeyman.cli.release_target").Place(folder, to or "", trust)
    command.deploy(command.Wish(policies, place, note, plan, yes, diff, as_json))


@app.callback()
def releases(context: typer.Context) -> None:
    """Releases of uploaded policies: listed, compared, taken back.

    Those of a tenant folder, or of a server with --to.
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(USAGE)


@app.command("list", epilog="Example: journeyman releases list")
def list_(*, to: To = None, trust: Trust = None, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """List the releases, newest first.

    The last hundred are kept.
    """
    command = import_module("journeyman.cli.releases")
    command.list_releases(command.place_of(folder, to, trust), as_json=as_json)


@app.command(epilog="Example: journeyman releases show 4 --policy B2C_1A_signup_signin")
def show(
    number: Number,
    *,
    policy: Annotated[
        str | None, typer.Option("--policy", metavar="ID", help="Print the text of this policy.", show_default=False)
    ] = None,
    to: To = None,
    trust: Trust = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Show a release and its policies.

    With --policy the text of one, as it was uploaded.
    """
    command = import_module("journeyman.cli.releases")
    command.show_release(command.place_of(folder, to, trust), number, policy, as_json=as_json)


@app.command(epilog="Example: journeyman releases diff 3 4")
def diff(
    number: Number,
    other: Annotated[
        int | None,
        typer.Argument(metavar="[M]", min=0, help="Another release.", show_default="the one in force"),
    ] = None,
    *,
    to: To = None,
    trust: Trust = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Compare two releases.

    From N to M, line by line; 0 is the state before the first.
    """
    command = import_module("journeyman.cli.releases")
    command.diff_releases(command.place_of(folder, to, trust), number, other, as_json=as_json)


@app.command(epilog="Example: journeyman releases rollback 3 --yes")
def rollback(
    number: Number,
    *,
    yes: Yes = False,
    note: Note = "",
    to: To = None,
    trust: Trust = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Publish an older release again, as a new one.

    0 removes all uploaded policies; those of the folder are served again.
    """
    command = import_module("journeyman.cli.releases")
    command.roll_back(command.place_of(folder, to, trust), number, note, yes=yes, as_json=as_json)
