"""``journeyman conformance``: its options; the guard's own command does what they say."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from journeyman.cli.options import AsJson
from journeyman.cli.terminal import end
from journeyman.errors import SettingsError


def conformance(  # noqa: PLR0913  # one for each option
    url: Annotated[str, typer.Argument(metavar="URL", help="One guarded route of your API.", show_default=False)],
    *,
    auth: Annotated[
        str,
        typer.Option("--auth", metavar="KIND", help="basic, api-key, bearer, jwt or client-certificate."),
    ],
    user: Annotated[str | None, typer.Option("--user", metavar="NAME", help="The user of --auth basic.")] = None,
    secret_file: Annotated[
        Path | None,
        typer.Option("--secret-file", metavar="FILE", help="Password, key or token; - is standard input."),
    ] = None,
    secret_env: Annotated[
        str | None, typer.Option("--secret-env", metavar="NAME", help="The environment variable that holds it.")
    ] = None,
    header: Annotated[
        str, typer.Option("--header", metavar="NAME", help="The header of --auth api-key.")
    ] = "x-functions-key",
    query: Annotated[
        str | None, typer.Option("--query", metavar="NAME", help="The parameter, where the key is in the query.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="PEM of the right client certificate.")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="PEM of its private key.")] = None,
    method: Annotated[str, typer.Option("--method", metavar="METHOD", help="The method of the route.")] = "GET",
    body: Annotated[
        Path | None, typer.Option("--body", metavar="FILE", help="A JSON body that the API accepts.")
    ] = None,
    ca: Annotated[Path | None, typer.Option("--ca", metavar="FILE", help="PEM of the server's authorities.")] = None,
    signing_key: Annotated[
        Path | None,
        typer.Option("--signing-key", metavar="FILE", help="Key of a test issuer; adds tokens with wrong claims."),
    ] = None,
    public_key: Annotated[
        list[Path] | None,
        typer.Option("--public-key", metavar="FILE", help="Public key of the issuer; adds key confusion."),
    ] = None,
    issuer_certificate: Annotated[
        Path | None,
        typer.Option(
            "--issuer-certificate", metavar="FILE", help="Authority of test clients; adds wrong certificates."
        ),
    ] = None,
    issuer_key: Annotated[
        Path | None, typer.Option("--issuer-key", metavar="FILE", help="The private key of that authority.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="One family or case; can be repeated.")
    ] = None,
    rate: Annotated[
        float, typer.Option("--rate", metavar="N", help="Requests per second at most; 0 is no limit.")
    ] = 20.0,
    timeout: Annotated[float, typer.Option("--timeout", metavar="SECONDS", help="Of one request.")] = 10.0,
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Also write JUnit XML.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="List also what passed.")] = False,
    show_list: Annotated[bool, typer.Option("--list", help="List the catalogue and send nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Attack your API with wrong credentials and print what got in.

    The right credential is tried too. Only the host of URL is called. Exit code 1 when somebody wrong got in.
    """
    module = import_module("journeyman_guard.cli.conformance")
    order = module.Order(
        url=url,
        auth=auth,
        user=user,
        secret_file=secret_file,
        secret_env=secret_env,
        header=header,
        query=query,
        certificate=certificate,
        key=key,
        method=method,
        body=body,
        ca=ca,
        signing_key=signing_key,
        public_keys=tuple(public_key or ()),
        issuer_certificate=issuer_certificate,
        issuer_key=issuer_key,
        only=tuple(only or ()),
        rate=rate,
        timeout_s=timeout,
        json=as_json,
        junit=junit,
        all=everything,
        list=show_list,
    )
    try:
        code = module.run(order)
    except import_module("journeyman_guard.errors").MisconfiguredError as error:
        raise SettingsError(str(error)) from error
    end(code)
