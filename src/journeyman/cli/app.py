"""The commands and where each is implemented; a command's module is imported only when it runs."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from journeyman import __version__
from journeyman.cli import (
    admins_app,
    apps_app,
    audit_app,
    certs_app,
    conformance_command,
    flows_app,
    guard_app,
    keys_app,
    releases_app,
)
from journeyman.cli.options import DEMO, HERE, AsJson, Dir, Folder, command_group
from journeyman.cli.terminal import INTERRUPTED, USAGE, end, errors_in_words, note, say, write_what_the_terminal_has

app = command_group("Run Azure AD B2C policies on your own machine, with every REST call secured.")
app.add_typer(keys_app.app, name="keys")
app.add_typer(certs_app.app, name="certs")
app.add_typer(apps_app.app, name="apps")
app.add_typer(flows_app.app, name="flows")
app.add_typer(admins_app.app, name="admins")
app.add_typer(audit_app.app, name="audit")
app.command("deploy", epilog="Example: journeyman deploy policies --plan")(releases_app.deploy)
app.add_typer(releases_app.app, name="releases")
app.add_typer(guard_app.app, name="guard")
app.command(
    "conformance",
    epilog="Example: journeyman conformance https://127.0.0.1:7071/api/loyalty --auth basic --user j --secret-file p.txt",
)(conformance_command.conformance)


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line with the arguments of the process, or with ``arguments``; ends in SystemExit."""
    write_what_the_terminal_has()
    with errors_in_words():
        try:
            code = app(arguments, prog_name="journeyman", standalone_mode=False)
        except TyperException as error:
            note(f"error: {' '.join(error.format_message().split())}; see `{_asked(error)} --help`")
            end(USAGE)
        except typer.Abort:
            end(INTERRUPTED)
        end(code or 0)


def _asked(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return "journeyman" if context is None else str(context.command_path)


def _print_version(asked: bool) -> None:  # noqa: FBT001  # the callback of an option
    if asked:
        say(f"journeyman {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Run Azure AD B2C policies on your own machine, with every REST call secured.

    Start with `journeyman init DIR`, then `journeyman up DIR`.

    Exit codes: 0 done, 1 the thing checked is wrong, 2 the call is wrong.
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(USAGE)


@app.command(epilog="Example: journeyman init contoso")
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.", show_default=False)],
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder that holds other files; keys that exist are kept.")
    ] = False,
    user_flow: Annotated[
        bool, typer.Option("--user-flow", help="With a user flow in the settings, in place of policies in XML.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a runnable tenant folder.

    It holds settings, a sample policy or user flow, a sample API that is protected, and fresh secrets.
    """
    import_module("journeyman.cli.init").init(folder, force=force, as_json=as_json, user_flow=user_flow)


@app.command(epilog="Example: journeyman up contoso --listen 127.0.0.1:9090")
def up(
    folder: Folder = HERE,
    listen: Annotated[
        str | None,
        typer.Option("--listen", metavar="HOST:PORT", help="Where to listen, in place of the setting."),
    ] = None,
) -> None:
    """Serve a tenant folder.

    Pages, OpenID Connect, the journeys page. Reloads when a policy changes.
    """
    import_module("journeyman.cli.up").up(folder, listen)


@app.command(epilog="Example: journeyman demo --once")
def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where the demo keeps its data.")] = DEMO,
    *,
    once: Annotated[bool, typer.Option("--once", help="Play one sign-up, print it and end.")] = False,
    listen: Annotated[
        str | None,
        typer.Option("--listen", metavar="HOST:PORT", help="Where to listen.", show_default="127.0.0.1:8080"),
    ] = None,
) -> None:
    """Serve a bundled tenant and its sample API.

    The API asks for another credential on every route, and one sign-up through all of them is played first.
    """
    import_module("journeyman.demo.command").demo(folder, once, listen)


@app.command(epilog="Example: journeyman check policies --format github")
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Policy files and folders.")],
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, json, sarif or github.")] = "text",
    mode: Annotated[
        str,
        typer.Option(
            "--mode",
            metavar="MODE",
            help="development, or production: as the real service checks at upload.",
            show_default="as in journeyman.toml, else development",
        ),
    ] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
) -> None:
    """Compile policies without running them.

    Exit code 1 when one has an error. In a tenant folder its settings and keys count.
    """
    import_module("journeyman.cli.check").check(paths, "json" if as_json else format, mode)


@app.command(epilog="Example: journeyman explain B2C_1A_signup_signin REST-GetProfile")
def explain(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="The id of a policy.", show_default=False)],
    element: Annotated[
        str | None,
        typer.Argument(
            metavar="[PROFILE]",
            help="A technical profile, or the id of any other element.",
            show_default="the whole policy",
        ),
    ] = None,
    *,
    folder: Dir = HERE,
    paths: Annotated[
        list[Path] | None,
        typer.Option("--paths", metavar="PATH", help="Policy files and folders, in place of those of the settings."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a policy merged with its bases.

    Every part stands beside the file and line that it comes from.
    """
    import_module("journeyman.cli.explain").run_explain(policy, element, folder, paths or (), as_json=as_json)


@app.command(epilog="Example: journeyman graph B2C_1A_signup_signin --format dot")
def graph(
    policy: Annotated[
        str, typer.Argument(metavar="POLICY", help="The id of a policy or of a user flow.", show_default=False)
    ],
    *,
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="mermaid, dot or json.")] = "mermaid",
    folder: Dir = HERE,
    paths: Annotated[
        list[Path] | None,
        typer.Option("--paths", metavar="PATH", help="Policy files and folders, in place of those of the settings."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
) -> None:
    """Draw the journeys of a policy.

    Steps, what each runs, pages with their validations, REST calls with their addresses, sub journeys.
    """
    import_module("journeyman.cli.graph").graph(policy, folder, paths or (), format="json" if as_json else format)


@app.command(epilog="Example: journeyman call REST-RegisterCustomer --claim email=ada@contoso.example")
def call(  # noqa: PLR0913  # one for each option
    profile: Annotated[
        str | None,
        typer.Argument(
            metavar="[PROFILE]",
            help="The id of a REST technical profile, or the name of an API connector.",
            show_default=False,
        ),
    ] = None,
    *,
    connector: Annotated[
        str | None,
        typer.Option(
            "--connector",
            metavar="NAME",
            help="The name or id of an API connector, in place of PROFILE.",
            show_default=False,
        ),
    ] = None,
    step: Annotated[
        str | None,
        typer.Option(
            "--step",
            metavar="STEP",
            help="The step of the connector, where it is called at several.",
            show_default=False,
        ),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option("--policy", metavar="P", help="The policy that has it.", show_default="the only one that has it"),
    ] = None,
    claims: Annotated[
        list[str] | None,
        typer.Option(
            "--claim", metavar="NAME=VALUE", help="A claim of the journey; may be repeated.", show_default=False
        ),
    ] = None,
    claim_files: Annotated[
        list[str] | None,
        typer.Option(
            "--claim-file",
            metavar="NAME=FILE",
            help="A claim whose value is in a file, or on standard input (-): for secrets.",
            show_default=False,
        ),
    ] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter",
            metavar="NAME=VALUE",
            help="A parameter of the authorization request, for claims resolvers.",
            show_default=False,
        ),
    ] = None,
    show_headers: Annotated[bool, typer.Option("--show-headers", help="Print the headers, too.")] = False,
    show_personal: Annotated[
        bool, typer.Option("--show-personal", help="Print personal claims in full; secrets never.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the request and send nothing.")] = False,
    fault: Annotated[
        str | None,
        typer.Option(
            "--fault",
            metavar="FAULT",
            help="Let the call meet a fault in place of the API: timeout, reset, 500, slow:3s, badtls or dns.",
            show_default=False,
        ),
    ] = None,
    folder: Annotated[
        Path,
        typer.Option("--dir", metavar="DIR", help="A tenant folder, or a folder of policies.", show_default="here"),
    ] = HERE,
    paths: Annotated[
        list[Path] | None,
        typer.Option(
            "--paths",
            metavar="PATH",
            help="Policy files and folders, in place of those of the folder; may be repeated.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run one REST technical profile, or one API connector of a user flow, alone and print its exchange.

    Phase by phase, redacted, with the keys of the tenant. Exit code 1 when the call fails.
    """
    command = import_module("journeyman.cli.call")
    options = command.Options(
        profile=profile,
        connector=connector,
        step=step,
        folder=folder,
        paths=paths or (),
        policy=policy,
        claims=claims or (),
        claim_files=claim_files or (),
        parameters=parameters or (),
        show_headers=show_headers,
        show_personal=show_personal,
        dry_run=dry_run,
        fault=fault,
        as_json=as_json,
    )
    command.call(options)


@app.command(epilog="Example: journeyman trace --json --limit 1")
def trace(
    journey: Annotated[
        str | None,
        typer.Argument(
            metavar="[JOURNEY]", help="A journey's id or correlation id, or how it begins.", show_default="the newest"
        ),
    ] = None,
    *,
    folder: Dir = HERE,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, metavar="N", help="At most N journeys.", show_default="20, with --json all"),
    ] = None,
    latency: Annotated[
        bool, typer.Option("--latency", help="How long the calls of each profile took, and which break a limit.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print a recorded journey step by step.

    With what its REST calls sent and received, redacted.
    """
    command = import_module("journeyman.cli.trace")
    if latency and journey is None:
        command.latency(folder, limit=limit, as_json=as_json)
        return
    if latency:
        raise typer.BadParameter("--latency is about all journeys; leave the journey out")
    command.trace(folder, journey, limit=limit, as_json=as_json)


@app.command(epilog="Example: journeyman mailbox --json")
def mailbox(
    *,
    folder: Dir = HERE,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, metavar="N", help="At most N messages.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Print the messages that development mode kept.

    They were kept in place of sending them; newest first.
    """
    import_module("journeyman.cli.mailbox").mailbox(folder, limit=limit, as_json=as_json)
