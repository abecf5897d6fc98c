"""``journeyman flows``: its commands and options; ``flows.py`` does what they say."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from journeyman.cli.options import HERE, AsJson, Dir, command_group
from journeyman.cli.terminal import USAGE, say

FlowId = Annotated[str, typer.Argument(metavar="FLOW", help="The id of a user flow.", show_default=False)]

app = command_group("User flows.")


@app.callback()
def flows(context: typer.Context) -> None:
    """User flows: those that journeyman.toml declares, and those that the management API or the portal made."""
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(USAGE)


@app.command("list", epilog="Example: journeyman flows list --json")
def list_(*, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """List the user flows, and whether each can be served.

    Exit code 1 when one has an error.
    """
    import_module("journeyman.cli.flows").list_flows(folder, as_json=as_json)


@app.command(epilog="Example: journeyman flows show B2C_1_signup_signin")
def show(flow: FlowId, *, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """Show one user flow: its settings, its steps and what is wrong with it."""
    import_module("journeyman.cli.flows").show_flow(folder, flow, as_json=as_json)


@app.command(epilog="Example: journeyman flows export B2C_1_signup_signin --out policies/SignUpSignIn.xml")
def export(
    flow: FlowId,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="A new file, in place of the terminal.", show_default=False),
    ] = None,
    policy_id: Annotated[
        str,
        typer.Option("--id", metavar="ID", help="The id of the policy.", show_default="B2C_1A_ and the flow's name"),
    ] = "",
    folder: Dir = HERE,
) -> None:
    """Write a user flow as a custom policy.

    The XML compiles to what the user flow is, and can be changed from there on.
    """
    import_module("journeyman.cli.flows").export_flow(folder, flow, out, policy_id)
