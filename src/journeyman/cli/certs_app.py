"""``journeyman certs``: its commands and options; ``certs.py`` and ``certs_show.py`` do what they say."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from journeyman.cli.options import HERE, AsJson, Dir, command_group
from journeyman.cli.terminal import USAGE, say

app = command_group("Certificates: make them, and read them.")

Api = Annotated[
    str,
    typer.Argument(metavar="API", help="The API that is called; the subject is CN=API.TENANT.", show_default=False),
]
Subject = Annotated[
    str | None, typer.Option("--subject", metavar="NAME", help="Another subject, such as CN=api.contoso.com,O=Contoso.")
]
Type = Annotated[
    str, typer.Option("--type", metavar="TYPE", help="rsa (2048 bits) or p256; a policy key holds RSA only.")
]
Days = Annotated[int, typer.Option("--days", metavar="N", help="How long it is valid.")]
DaysOfCa = Annotated[int, typer.Option("--days", metavar="N", help="How long it is valid.")]
Purpose = Annotated[str, typer.Option("--purpose", metavar="WHAT", help="client, or server for a test API.")]
Names = Annotated[
    list[str] | None,
    typer.Option("--name", metavar="HOST", help="A host name or address that it is valid for; repeatable."),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key", metavar="NAME", help="Put it straight into this policy key; the private key touches no file."
    ),
]
Add = Annotated[bool, typer.Option("--add", help="Add it to a policy key that exists.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.", show_default="here")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file", metavar="FILE", help="The password of the PFX.", show_default="a new one, into a file"
    ),
]
Legacy = Annotated[
    bool,
    typer.Option(
        "--legacy",
        help="Protect the PFX with TripleDES and SHA-1: Azure AD B2C itself reads nothing newer and calls it a "
        "wrong password (AADB2C90213). The protection is weak, so keep the file short-lived. Journeyman reads both.",
    ),
]
For = Annotated[
    list[str] | None,
    typer.Option(
        "--for",
        metavar="SERVER",
        help="Print the lines for the API's server: guard, nginx, envoy, app-service, kestrel or all; repeatable.",
    ),
]


@app.callback()
def certs(context: typer.Context) -> None:
    """Make certificates with which a policy proves itself to an API, and read those that you have.

    Files that exist are never overwritten; private ones are readable by you only.
    """
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(USAGE)


@app.command("self-signed", epilog="Example: journeyman certs self-signed loyalty-api --key RestClient --for nginx")
def self_signed(  # noqa: PLR0913  # one parameter for each option
    api: Api,
    *,
    key: Key = None,
    add: Add = False,
    out: Out = HERE,
    subject: Subject = None,
    type: Type = "rsa",
    days: Days = 365,
    purpose: Purpose = "client",
    name: Names = None,
    password_file: PasswordFile = None,
    legacy: Legacy = False,
    for_: For = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Make a certificate that is its own issuer.

    Into a policy key, or as a PFX with a new password. API.cer and API.pem are for the owner of the API.
    """
    module = import_module("journeyman.cli.certs")
    wish = module.Wish(api, subject, type, days, purpose, tuple(name or ()))
    place = module.Place(folder, key, add, out, password_file, legacy, tuple(for_ or ()), as_json)
    module.make_self_signed(wish, place)


@app.command(epilog='Example: journeyman certs ca "Contoso API clients" --key ApiClientAuthority')
def ca(  # noqa: PLR0913  # one parameter for each option
    title: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.", show_default=False)],
    *,
    key: Key = None,
    add: Add = False,
    out: Out = HERE,
    type: Type = "rsa",
    days: DaysOfCa = 3650,
    password_file: PasswordFile = None,
    legacy: Legacy = False,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Make a private certificate authority.

    The API trusts it once; its certificates can then be renewed without telling the API.
    """
    module = import_module("journeyman.cli.certs")
    wish = module.Wish(title, None, type, days, "ca", ())
    module.make_authority(wish, module.Place(folder, key, add, out, password_file, legacy, (), as_json))


@app.command(epilog="Example: journeyman certs issue loyalty-api --ca-key ApiClientAuthority --key RestClient")
def issue(  # noqa: PLR0913  # one parameter for each option
    api: Api,
    *,
    ca: Annotated[
        Path | None, typer.Option("--ca", metavar="FILE", help="The PFX of the authority.", show_default=False)
    ] = None,
    ca_password_file: Annotated[
        Path | None,
        typer.Option("--ca-password-file", metavar="FILE", help="Its password.", show_default="FILE.password"),
    ] = None,
    ca_key: Annotated[
        str | None,
        typer.Option("--ca-key", metavar="NAME", help="The policy key that holds the authority.", show_default=False),
    ] = None,
    key: Key = None,
    add: Add = False,
    out: Out = HERE,
    subject: Subject = None,
    type: Type = "rsa",
    days: Days = 365,
    purpose: Purpose = "client",
    name: Names = None,
    password_file: PasswordFile = None,
    legacy: Legacy = False,
    for_: For = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Make a certificate that an authority of yours signs.

    API.ca.pem is what the API trusts; API.pem holds the certificate itself.
    """
    module = import_module("journeyman.cli.certs")
    wish = module.Wish(api, subject, type, days, purpose, tuple(name or ()))
    place = module.Place(folder, key, add, out, password_file, legacy, tuple(for_ or ()), as_json)
    module.make_issued(wish, place, module.Issuer(ca, ca_password_file, ca_key))


@app.command(epilog="Example: journeyman certs show client.pfx --password-file client.pfx.password --for all")
def show(  # noqa: PLR0913  # one parameter for each option
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A .pfx, .pem, .cer or .crt file.", show_default=False)
    ] = None,
    *,
    key: Annotated[
        str | None, typer.Option("--key", metavar="NAME", help="The active key of this policy key.", show_default=False)
    ] = None,
    staged: Annotated[
        bool, typer.Option("--staged", help="With --key: the version that `keys rotate` has staged.")
    ] = False,
    password_file: Annotated[
        Path | None,
        typer.Option("--password-file", metavar="FILE", help="The password of a PFX.", show_default="FILE.password"),
    ] = None,
    as_: Annotated[
        str | None,
        typer.Option("--as", metavar="WHAT", help="client, server or ca.", show_default="what the certificate says"),
    ] = None,
    pem: Annotated[bool, typer.Option("--pem", help="Print the certificates in PEM and nothing else.")] = False,
    for_: For = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Read a certificate, its chain included, and say in words what is wrong with it.

    Exit code 1 when something is that makes an API refuse it.
    """
    module = import_module("journeyman.cli.certs_show")
    module.show(
        module.Shown(file, key, password_file, folder, staged=staged),
        as_,
        tuple(for_ or ()),
        as_json=as_json,
        as_pem=pem,
    )
