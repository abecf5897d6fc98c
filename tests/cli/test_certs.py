from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.x509.oid import ExtendedKeyUsageOID


@pytest.fixture
def certs(journeyman, tenant):
    def call(*arguments):
        return journeyman("certs", *arguments, "--dir", tenant)

    return call


@pytest.fixture
def keys(journeyman, tenant):
    def call(*arguments):
        return json.loads(journeyman("keys", *arguments, "--dir", tenant, "--json").out)

    return call


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def shown(ended):
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def leaf(out, name="loyalty-api"):
    return x509.load_der_x509_certificate((out / f"{name}.cer").read_bytes())


def test_a_self_signed_certificate_is_what_the_real_service_recommends(certs, out):
    made = shown(certs("self-signed", "loyalty-api", "--out", out, "--json"))
    certificate = leaf(out)
    lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc

    assert made["subject"] == "CN=loyalty-api.contoso.onmicrosoft.com"
    assert certificate.public_key().key_size == 2048
    assert lifetime.days == 365
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert not usage.key_cert_sign
    extended = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(extended) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_the_pfx_and_its_password_are_private_and_fit_into_the_folder_of_keys(certs, keys, out, tenant):
    certs("self-signed", "loyalty-api", "--out", out)
    private = ["loyalty-api.pfx", "loyalty-api.pfx.password"]

    assert [(out / name).stat().st_mode & 0o777 for name in private] == [0o600, 0o600]
    (tenant / "keys").mkdir()
    for name in private:
        shutil.copy(out / name, tenant / "keys" / name)
    assert keys("show", "loyalty-api")["keys"][0]["has_private_key"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@pytest.mark.parametrize(("option", "algorithm"), [(("--legacy",), "3-KeyTripleDES"), ((), "AES-256-CBC")])
def test_the_protection_of_the_pfx_is_what_was_asked_for(certs, out, option, algorithm):
    certs("self-signed", "loyalty-api", "--type", "p256", "--out", out, *option)
    command = ["openssl", "pkcs12", "-legacy", "-info", "-noout", "-in", "loyalty-api.pfx"]
    command += ["-passin", "file:loyalty-api.pfx.password"]
    done = subprocess.run(command, cwd=out, capture_output=True, text=True, check=True)

    assert algorithm in done.stderr


def test_a_certificate_goes_straight_into_a_policy_key_and_the_private_key_nowhere_else(certs, keys, out):
    made = shown(certs("self-signed", "loyalty-api", "--key", "RestClient", "--out", out, "--json"))

    assert made["key"] == "B2C_1A_RestClient"
    assert names_in(out) == ["loyalty-api.cer", "loyalty-api.pem"]
    stored = keys("show", "RestClient")["keys"][0]
    assert (stored["has_private_key"], stored["certificate"]["sha256_thumbprint"]) == (True, made["sha256_thumbprint"])


def test_an_existing_policy_key_is_added_to_only_when_asked(certs, keys, out, tmp_path):
    certs("self-signed", "loyalty-api", "--key", "RestClient", "--out", out)
    other = tmp_path / "other"
    other.mkdir()
    refused = certs("self-signed", "loyalty-api", "--key", "RestClient", "--out", other)

    assert refused.code == 1
    assert "AADB2C95028" in refused.err
    assert names_in(other) == []
    assert certs("self-signed", "loyalty-api", "--key", "RestClient", "--add", "--out", other).code == 0
    assert len(keys("show", "RestClient")["keys"]) == 2


def test_nothing_is_made_when_a_file_is_in_the_way(certs, keys, out):
    (out / "loyalty-api.pem").write_text("mine")
    refused = certs("self-signed", "loyalty-api", "--key", "RestClient", "--out", out)

    assert (refused.code, names_in(out)) == (2, ["loyalty-api.pem"])
    assert "exists and is not overwritten" in refused.err
    assert keys("list") == []


def test_an_authority_in_a_policy_key_issues_and_its_private_key_touches_no_file(certs, out):
    certs("ca", "Contoso API clients", "--key", "Authority", "--out", out)
    made = shown(certs("issue", "loyalty-api", "--ca-key", "Authority", "--key", "Rest", "--out", out, "--json"))
    authority = x509.load_pem_x509_certificate((out / "Contoso-API-clients.pem").read_bytes())

    assert (made["issuer"], made["subject"]) == ("CN=Contoso API clients", "CN=loyalty-api.contoso.onmicrosoft.com")
    leaf(out).verify_directly_issued_by(authority)
    assert (out / "loyalty-api.ca.pem").read_bytes() == (out / "Contoso-API-clients.pem").read_bytes()
    assert not list(out.glob("*.pfx*"))


def test_an_authority_in_a_file_issues_with_the_password_beside_it(certs, out):
    certs("ca", "Contoso API clients", "--out", out, "--type", "p256")
    authority = out / "Contoso-API-clients.pfx"
    made = shown(certs("issue", "loyalty-api", "--ca", authority, "--out", out, "--type", "p256", "--json"))

    assert made["issuer"] == "CN=Contoso API clients"
    assert isinstance(leaf(out).public_key().curve, SECP256R1)


def test_a_password_of_your_own_is_used_and_not_written_again(certs, out, tmp_path):
    (tmp_path / "mine").write_text("my own password\n")
    certs("self-signed", "loyalty-api", "--type", "p256", "--password-file", tmp_path / "mine", "--out", out)
    read = certs("show", out / "loyalty-api.pfx", "--password-file", tmp_path / "mine", "--json")

    assert shown(read)["has_private_key"]
    assert not (out / "loyalty-api.pfx.password").exists()


def test_a_server_certificate_is_valid_for_its_names(certs, out):
    names = ("--name", "localhost", "--name", "127.0.0.1")
    certs(
        "self-signed",
        "test-api",
        "--purpose",
        "server",
        *names,
        "--out",
        out,
        "--subject",
        "CN=localhost",
        "--type",
        "p256",
    )
    extension = leaf(out, "test-api").extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert extension.get_values_for_type(x509.DNSName) == ["localhost"]


def test_no_tenant_folder_is_needed_with_a_subject_of_ones_own(journeyman, out, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    made = journeyman(
        "certs", "self-signed", "api", "--type", "p256", "--subject", "CN=api.example", "--out", out, "--dir", empty
    )
    without = journeyman("certs", "self-signed", "other", "--out", out, "--dir", empty)

    assert made.code == 0
    assert (without.code, "holds no journeyman.toml" in without.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("self-signed", "two words"), 2, "is not the name of an API"),
        (("self-signed", "a" * 60), 2, "a common name has 1 to 64"),
        (("self-signed", "a", "--type", "p256", "--subject", "nonsense=x=y"), 1, "is not a subject"),
        (("self-signed", "a", "--type", "dsa"), 2, "write rsa or p256"),
        (("self-signed", "a", "--type", "p256", "--key", "K"), 2, "a policy key holds RSA only"),
        (("self-signed", "a", "--purpose", "x"), 2, "write client or server"),
        (("self-signed", "a", "--type", "p256", "--days", "0"), 1, "valid for 1 to 36500 days"),
        (("self-signed", "a", "--for", "iis"), 2, "write guard, nginx, envoy, app-service, kestrel or all"),
        (("self-signed", "a", "--add"), 2, "name it with --key"),
        (("self-signed", "a", "--key", "K", "--legacy"), 2, "--legacy is for a PFX file"),
        (("self-signed", "a", "--password-file", "missing"), 2, "missing: the file cannot be read"),
        (("issue", "a"), 2, "name one of --ca FILE and --ca-key NAME"),
        (("issue", "a", "--ca-key", "K"), 2, "has no store yet; `journeyman certs ca NAME --key K` makes one"),
        (("issue", "a", "--ca", "missing.pfx"), 2, "missing.pfx: the file cannot be read"),
        (("ca", ""), 2, "a common name has 1 to 64"),
    ],
)
def test_a_wrong_call_says_what_where_and_what_to_do(certs, out, arguments, code, text):
    ended = certs(*arguments, "--out", out)

    assert (ended.code, ended.out, names_in(out)) == (code, "", [])
    assert text in ended.err
    assert ended.err.count("\n") == 1


def test_an_empty_password_is_refused(certs, out, tmp_path):
    (tmp_path / "empty").write_text("\n")
    refused = certs("self-signed", "a", "--out", out, "--password-file", tmp_path / "empty")

    assert (refused.code, names_in(out)) == (2, [])
    assert "the private key would be in clear" in refused.err


def test_no_output_holds_the_password_or_the_private_key(certs, out):
    ended = certs("self-signed", "loyalty-api", "--out", out, "--for", "all", "--type", "p256")
    password = (out / "loyalty-api.pfx.password").read_text().strip()

    assert len(password) == 32
    assert password not in ended.out + ended.err
    assert "PRIVATE KEY" not in ended.out + "".join(path.read_text(errors="replace") for path in out.glob("*.pem"))


def test_the_group_and_its_flag_explain_themselves(journeyman):
    assert "self-signed" in journeyman("certs").out
    text = " ".join(journeyman("certs", "self-signed", "--help").out.split())
    assert "Azure AD B2C itself reads nothing newer and calls it a wrong password (AADB2C90213)" in text


def test_an_upload_says_in_words_what_is_wrong_with_the_certificate_and_stores_it(certs, journeyman, tenant, out):
    certs("self-signed", "api", "--purpose", "client", "--days", "20", "--out", out)
    password = ("--password-file", out / "api.pfx.password")
    uploaded = journeyman("keys", "upload", "Soon", "--file", out / "api.pfx", *password, "--dir", tenant)

    assert uploaded.code == 0
    assert "warning: CN=api.contoso.onmicrosoft.com expires in 19 days, at" in uploaded.err
