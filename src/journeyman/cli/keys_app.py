"""``journeyman keys``: its commands and options; ``keys.py`` does what they say."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from journeyman.cli.options import HERE, AsJson, Dir, command_group
from journeyman.cli.terminal import USAGE, say

app = command_group("Policy keys of a tenant folder.")

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="The policy key; B2C_1A_ is put in front.", show_default=False)
]
Use = Annotated[str, typer.Option("--use", metavar="USE", help="sig (signature) or enc (encryption).")]
Activate = Annotated[
    str | None,
    typer.Option(
        "--activate", metavar="TIME", help="Not used before: 2027-01-31 or 2027-01-31T12:00:00Z.", show_default=False
    ),
]
Expire = Annotated[
    str | None, typer.Option("--expire", metavar="TIME", help="Not used from then on.", show_default=False)
]
Add = Annotated[bool, typer.Option("--add", help="Add the key to a policy key that exists.")]


@app.callback()
def keys(context: typer.Context) -> None:
    """Policy keys of a tenant folder, also while `journeyman up` serves it.

    A running engine takes a change over within two seconds.
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(USAGE)


@app.command("list", epilog="Example: journeyman keys list")
def list_(*, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """List the policy keys.

    Those of the folder keys/ and deleted ones (.bak) are included.
    """
    import_module("journeyman.cli.keys").list_keys(folder, as_json=as_json)


@app.command(epilog="Example: journeyman keys show RestApiPassword")
def show(name: Name, *, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """Show a policy key, but never its secret.

    Dates, certificates, which of its keys is active, and the hash that records show in place of a secret.
    """
    import_module("journeyman.cli.keys").show_key(folder, name, as_json=as_json)


@app.command(epilog="Example: journeyman keys uses RestApiPassword")
def uses(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The policy key.", show_default="every policy key")
    ] = None,
    *,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Show what uses a policy key.

    Technical profiles, token issuers and the tenant's token endpoint; without NAME also keys that nothing uses.
    """
    import_module("journeyman.cli.keys_uses").show_uses(folder, name, as_json=as_json)


@app.command(epilog="Example: journeyman keys create RestApiPassword --secret-file password.txt")
def create(  # noqa: PLR0913  # one parameter for each option
    name: Name,
    *,
    secret_file: Annotated[
        Path | None,
        typer.Option("--secret-file", metavar="FILE", help="The file that holds the secret."),
    ] = None,
    secret_stdin: Annotated[bool, typer.Option("--secret-stdin", help="Read the secret from standard input.")] = False,
    use: Use = "sig",
    activate: Activate = None,
    expire: Expire = None,
    add: Add = False,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Create a policy key from a secret that you have.

    Without a file the secret is asked for on a terminal; it is never an argument. It is taken byte for byte; only one final line break is dropped.
    """
    module = import_module("journeyman.cli.keys")
    order = module.Order(folder, name, add=add, as_json=as_json)
    module.create_key(order, secret_file, secret_stdin, use, (activate, expire))


@app.command(epilog="Example: journeyman keys generate TokenSigningKeyContainer --type rsa --use sig")
def generate(
    name: Name,
    *,
    type: Annotated[str, typer.Option("--type", metavar="TYPE", help="rsa or secret.")] = "rsa",
    use: Use = "sig",
    activate: Activate = None,
    expire: Expire = None,
    add: Add = False,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Generate a policy key.

    An RSA key pair of 2048 bits, or a random secret of 32 bytes.
    """
    module = import_module("journeyman.cli.keys")
    module.generate_key(module.Order(folder, name, add=add, as_json=as_json), type, use, (activate, expire))


@app.command(
    epilog="Example: journeyman keys upload ClientCertificate --file client.pfx --password-file client.password"
)
def upload(
    name: Name,
    *,
    file: Annotated[
        Path, typer.Option("--file", metavar="FILE", help="A .pfx, .pem, .cer or .jwks file.", show_default=False)
    ],
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--password-file", metavar="FILE", help="The file that holds the PFX password.", show_default="no password"
        ),
    ] = None,
    use: Annotated[
        str | None,
        typer.Option("--use", metavar="USE", help="sig or enc.", show_default="as the certificate says"),
    ] = None,
    add: Add = False,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Upload a certificate or a JWK Set.

    A certificate with its private key is a PFX file; one without, PEM or CER.
    """
    module = import_module("journeyman.cli.keys")
    module.upload_key(module.Order(folder, name, add=add, as_json=as_json), file, password_file, use)


@app.command(epilog="Example: journeyman keys delete RestApiPassword --yes")
def delete(
    name: Name,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for the name.")] = False,
    damaged: Annotated[
        bool, typer.Option("--damaged", help="Remove a policy key whose records do not open; no backup is kept.")
    ] = False,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Delete a policy key.

    It is kept as NAME.bak; deleting that is final.
    """
    module = import_module("journeyman.cli.keys_delete")
    module.delete_key(folder, name, yes=yes, as_json=as_json, damaged=damaged)


@app.command(epilog="Example: journeyman keys restore RestApiPassword.bak")
def restore(name: Name, *, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """Give a deleted policy key its name back."""
    import_module("journeyman.cli.keys_delete").restore_key(folder, name, as_json=as_json)


@app.command(epilog="Example: journeyman keys apply keys.toml --check")
def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A keys.toml.", show_default=False)],
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 when there is something to do.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Make the policy keys what a file declares.

    Shows first what is to be added, rotated and deleted. The file names where each value is: an environment variable, a file, the vault.
    """
    import_module("journeyman.cli.keys_apply").apply(folder, file, check=check, yes=yes, as_json=as_json)


@app.command(epilog="Example: journeyman keys export --public")
def export(
    *,
    public: Annotated[
        bool, typer.Option("--public", help="Without secrets and private keys; nothing else is possible.")
    ] = False,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Print a keys.toml of the policy keys there are, to begin with keys as code.

    With --json a JWK Set of each, public members only.
    """
    import_module("journeyman.cli.keys_apply").export(folder, public=public, as_json=as_json)


@app.command(epilog="Example: journeyman keys rewrap")
def rewrap(
    *,
    new_key_file: Annotated[
        Path | None,
        typer.Option(
            "--new-key-file",
            metavar="FILE",
            help="The new master key is in this file; it is made when it is not there.",
            show_default=False,
        ),
    ] = None,
    new_key_env: Annotated[
        str | None,
        typer.Option(
            "--new-key-env",
            metavar="NAME",
            help="The new master key is in this environment variable.",
            show_default=False,
        ),
    ] = None,
    to_vault: Annotated[
        bool, typer.Option("--to-vault", help="The new master key is the Transit key of [vault] in journeyman.toml.")
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="Refuse the old master key from now on; the settings name the new one.")
    ] = False,
    wait: Annotated[
        float,
        typer.Option(
            "--wait", min=0, max=600, metavar="SECONDS", help="How long running engines get to take the new key over."
        ),
    ] = 3,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Change the master key and seal every record anew.

    May be killed at any time and run again. Without an option a new key takes the place of .journeyman/master.key,
    or the newest version of the Transit key of the vault is used. With another new key both open the store until --finish.
    """
    module = import_module("journeyman.cli.keys_rewrap")
    chosen = module.NewKey(file=new_key_file, variable=new_key_env, vault=to_vault, finish=finish)
    module.rewrap(folder, chosen, wait_s=wait, as_json=as_json)


@app.command(epilog="Example: journeyman keys rotate RestApiPassword --secret-file new.txt")
def rotate(  # noqa: PLR0913  # one parameter for each option
    name: Name,
    *,
    secret_file: Annotated[
        Path | None,
        typer.Option("--secret-file", metavar="FILE", help="The file that holds the new secret."),
    ] = None,
    secret_stdin: Annotated[
        bool, typer.Option("--secret-stdin", help="Read the new secret from standard input.")
    ] = False,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="The new certificate or key: .pfx, .pem or .jwks.")
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--password-file", metavar="FILE", help="The file that holds the PFX password.", show_default="no password"
        ),
    ] = None,
    generate: Annotated[
        bool,
        typer.Option("--generate", help="Make the new version: a secret, a key or a certificate like the old one."),
    ] = False,
    ca_key: Annotated[
        str | None,
        typer.Option(
            "--ca-key", metavar="NAME", help="With --generate: the policy key of the authority that issues it."
        ),
    ] = None,
    secret_out: Annotated[
        Path | None,
        typer.Option("--secret-out", metavar="FILE", help="With --generate: write the new secret there, for the API."),
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="Only say how the rotation stands.")] = False,
    stage: Annotated[bool, typer.Option("--stage", help="Stage and rehearse, and stop there.")] = False,
    promote: Annotated[
        bool, typer.Option("--promote", help="Rehearse the staged version and put it into use.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last step back.")] = False,
    retire: Annotated[bool, typer.Option("--retire", help="Take the previous version out of use now.")] = False,
    keep: Annotated[
        float | None,
        typer.Option(
            "--keep",
            metavar="HOURS",
            help="How long refused calls may fall back to the previous version.",
            show_default="24, for keys that sign tokens 48",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Stage, send nothing to any API, and stop there.")] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Promote though a call is red, or before a signing key was published for long."),
    ] = False,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Replace a policy key by its next version without a failed call.

    It is staged, rehearsed at every API where [profiles] rehearsal allows it, and promoted unless one refuses it. The previous version stays as the fallback of refused calls. Each step can be taken back.
    """
    module = import_module("journeyman.cli.keys_rotate")
    steps = (("status", status), ("stage", stage), ("promote", promote), ("undo", undo), ("retire", retire))
    source = module.Source(secret_file, secret_stdin, file, password_file, generate, ca_key, secret_out)
    module.rotate(module.Wish(folder, name, steps, keep, dry_run, force, as_json), source)


@app.command(epilog="Example: journeyman keys expiry --within 30")
def expiry(
    *,
    within: Annotated[
        int, typer.Option("--within", min=0, max=3650, metavar="DAYS", help="End with 1 when something ends so soon.")
    ] = 0,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """List what ends: certificates, keys with a date, client secrets; soonest first, with who uses it.

    Exit code 1 when something has ended and no other version takes over.
    """
    import_module("journeyman.cli.keys_expiry").show_expiry(folder, within, as_json=as_json)
