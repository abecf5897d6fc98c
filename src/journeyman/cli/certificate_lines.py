"""The lines that an API owner pastes to let a client certificate in: a certificate in, configuration out.

Sources: journeyman-guard; ngx_http_ssl_module of nginx; Envoy's DownstreamTlsContext (v3); App Service
"Configure TLS mutual authentication"; Kestrel's HttpsConnectionAdapterOptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from journeyman.keys.certificate import describe


@dataclass(frozen=True, slots=True)
class Trusted:
    """What the API owner gets.

    Attributes:
        certificate: the client certificate.
        file: the name of the PEM file that the API's server trusts: the certificate itself when it is its own
            issuer, else its authority.
        issued: whether an authority has issued it.
    """

    certificate: x509.Certificate
    file: str
    issued: bool

    @property
    def sha256(self) -> str:
        """The thumbprint in upper-case hexadecimal."""
        return self.certificate.fingerprint(SHA256()).hex().upper()


def lines_for(target: str, trusted: Trusted) -> str:
    """Return the lines for one of ``TARGETS``."""
    return TARGETS[target](trusted)


def _guard(trusted: Trusted) -> str:
    return f"""\
from journeyman_guard import ClientCertificateCheck, GuardMiddleware
from journeyman_guard.uvicorn_tls import tls_config

# Add the thumbprint of the next certificate before it is rotated in, and drop this one afterwards.
check = ClientCertificateCheck(thumbprints=("{trusted.sha256}",))
app = GuardMiddleware(app, {{"POST /api/your-route": check}})
# Serve it with: uvicorn.Config(app, **tls_config("server.pem", "server.key", "{trusted.file}"))"""


def _nginx(trusted: Trusted) -> str:
    sha1 = describe(trusted.certificate).sha1_thumbprint.lower()
    what = "authority; it alone may issue callers" if trusted.issued else "certificate; no other gets in"
    only = f"""
    # To let in this one certificate and no other of the authority (nginx knows SHA-1 only):
    if ($ssl_client_fingerprint != {sha1}) {{ return 403; }}"""
    return f"""\
server {{
    # Beside listen, ssl_certificate and ssl_certificate_key. The file holds the {what}.
    ssl_client_certificate /etc/nginx/{trusted.file};
    ssl_verify_client on;{only if trusted.issued else ""}
}}"""


def _envoy(trusted: Trusted) -> str:
    return f"""\
transport_socket:
  name: envoy.transport_sockets.tls
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
    require_client_certificate: true
    common_tls_context:
      # Beside tls_certificates.
      validation_context:
        trusted_ca: {{ filename: /etc/envoy/{trusted.file} }}
        verify_certificate_hash: ["{trusted.sha256}"]"""


def _app_service(trusted: Trusted) -> str:
    return f"""\
az webapp update --resource-group YOUR-GROUP --name YOUR-APP --set clientCertEnabled=true clientCertMode=Required

// App Service asks for a certificate and checks nothing. The application must, on every request (C#):
var sent = Convert.FromBase64String(context.Request.Headers["X-ARR-ClientCert"].ToString());
using var certificate = X509CertificateLoader.LoadCertificate(sent);
var thumbprint = certificate.GetCertHashString(HashAlgorithmName.SHA256);
if (thumbprint != "{trusted.sha256}" || certificate.NotAfter < DateTime.Now) return Results.StatusCode(403);"""


def _kestrel(trusted: Trusted) -> str:
    return f"""\
builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https =>
{{
    https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
    https.ClientCertificateValidation = (certificate, chain, errors) =>
        certificate.GetCertHashString(HashAlgorithmName.SHA256) == "{trusted.sha256}"
        && DateTime.Now < certificate.NotAfter;
}}));"""


TARGETS: Final[Mapping[str, Callable[[Trusted], str]]] = {
    "guard": _guard,
    "nginx": _nginx,
    "envoy": _envoy,
    "app-service": _app_service,
    "kestrel": _kestrel,
}
