from __future__ import annotations

import pytest

from journeyman_guard import GuardRequest, MisconfiguredError, Refused, hash_secret, hash_slowly, load_file, load_guard

KEY = str(hash_secret("the-key"))
COMPLETE = f"""
[guard]
realm = "orders"
failures_per_minute = 10

[proxies]
addresses = ["10.0.0.5", "10.1.0.0/24"]
certificate_header = "x-arr-clientcert"
forwarded_for = true

[checks.journeys]
type = "basic"
users = [
  {{ user = "journeyman", secret = "{hash_secret("one")}" }},
  {{ user = "journeyman", secret = "{hash_slowly("two")}" }},
]

[checks.key]
type = "api_key"
header = "x-functions-key"
query = "code"
keys = [{{ secret = "{KEY}" }}, {{ name = "next", secret_env = "NEXT_KEY" }}, {{ name = "file", secret_file = "key.txt" }}]

[checks.static]
type = "bearer"
realm = "other"
tokens = [{{ name = "t", secret = "{KEY}" }}]

[checks.token]
type = "jwt"
issuer = "https://login.example/tenant/v2.0"
audiences = ["api-1"]
scopes = ["read"]
roles = ["Reader"]
authorized_parties = ["app-1"]
algorithms = ["RS256", "ES256"]
skew_s = 30
trust = "ca.pem"

[checks.other_token]
type = "jwt"
issuer = "https://login.example"
audiences = ["api-1"]
jwks_url = "https://login.example/keys"

[checks.opaque]
type = "introspection"
url = "https://login.example/introspect"
client_id = "api-1"
client_secret_env = "CLIENT_SECRET"
scopes = ["read"]
keep_s = 10

[checks.certificate]
type = "client_certificate"
issuers = ["ca.pem"]
thumbprints = ["{"0" * 64}"]
subjects = ["CN=api,O=Contoso"]
names = ["dns:api.example"]

[checks.both]
all_of = ["certificate", "key"]

[checks.either]
any_of = ["both", "token"]

[routes]
"POST /api/orders" = "either"
"GET /api/orders/{{id}}" = "key"
"GET /health" = "anyone"
"ANY /internal/**" = "both"

[serve]
listen = "127.0.0.1:9443"
upstream = "http://127.0.0.1:7071"
certificate = "server.pem"
key = "server.key"
client_ca = "ca.pem"
metrics = "127.0.0.1:9100"
timeout_s = 10
limit_bytes = 1000

[authz]
listen = "127.0.0.1:9192"
mode = "traefik"
metrics = "127.0.0.1:9101"
"""
ENVIRONMENT = {"NEXT_KEY": "canary-next", "CLIENT_SECRET": "canary-client"}
MINIMAL = f"""
[checks.key]
type = "api_key"
header = "x-key"
keys = [{{secret = "{KEY}"}}]
[routes]
"GET /" = "key"
"""


@pytest.fixture
def write(tmp_path, authority):
    def write(text):
        (tmp_path / "guard.toml").write_text(text, encoding="utf-8")
        (tmp_path / "key.txt").write_text("canary-file\n", encoding="utf-8")
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        return tmp_path / "guard.toml"

    return write


def request(*headers, path="/api/orders/1", query=b""):
    return GuardRequest("GET", path, headers, query=query)


async def test_a_complete_file_becomes_a_guard(write):
    guard = load_guard(write(COMPLETE), ENVIRONMENT)
    named = [
        (await guard.admit(request((b"x-functions-key", value)))).subject
        for value in (b"the-key", b"canary-next", b"canary-file")
    ]

    assert named == ["keys-1", "next", "file"]
    assert (await guard.admit(request(query=b"code=the-key"))).subject == "keys-1"
    assert (await guard.admit(request(path="/health"))).subject == "anonymous"
    with pytest.raises(Refused, match="no client certificate"):
        await guard.admit(request((b"x-functions-key", b"the-key"), path="/internal/a/b"))
    assert guard.proxies.trusts("10.1.0.200")
    assert guard.limit.per_minute == 10


def test_the_settings_of_the_servers_are_read(write):
    found = load_file(write(COMPLETE), ENVIRONMENT)

    assert (found.serve.upstream, found.serve.timeout_s, found.serve.limit_bytes) == ("http://127.0.0.1:7071", 10, 1000)
    assert found.serve.certificate.name == "server.pem"
    assert (found.authz.mode, found.authz.listen, found.authz.metrics) == (
        "traefik",
        "127.0.0.1:9192",
        "127.0.0.1:9101",
    )
    assert set(found.checks) == {
        "anyone",
        "journeys",
        "key",
        "static",
        "token",
        "other_token",
        "opaque",
        "certificate",
        "both",
        "either",
    }


def test_a_small_file_is_enough(write):
    assert load_file(write(MINIMAL), {}).serve.upstream is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "routes: give at least one"),
        ("=", "is not TOML"),
        (MINIMAL + "\n[gaurd]\n", "gaurd: is not a setting; did you mean guard"),
        (MINIMAL.replace("header", "haeder"), "checks.key.header: is missing"),
        (MINIMAL.replace("[routes]", "zz = 1\n[routes]"), "checks.key.zz: is not a setting; known here"),
        (MINIMAL.replace("api_key", "apikey"), "checks.key.type: 'apikey' is not a check; there are basic"),
        (MINIMAL.replace('= "key"', '= "kee"'), "routes.GET /: there is no check 'kee'"),
        (MINIMAL.replace("GET /", "GET"), "write the method and the path"),
        (MINIMAL.replace(KEY, "canary-clear"), r"checks.key.keys\[0\].secret: a hashed secret is written"),
        (MINIMAL.replace(KEY, ""), r"checks.key.keys\[0\].secret: is empty"),
        (MINIMAL.replace(f'secret = "{KEY}"', 'secret_env = "NONE"'), "the environment variable NONE is not set"),
        (MINIMAL.replace(f'secret = "{KEY}"', 'secret_file = "none"'), "secret_file: cannot be read"),
        (MINIMAL.replace(f'secret = "{KEY}"', ""), "give either secret_env or secret_file"),
        (MINIMAL.replace("[{", "1 #"), "checks.key.keys: is not a list of tables"),
        (MINIMAL.replace("[{", "[1] #"), "checks.key.keys: is a list of tables"),
        (MINIMAL.replace("[{", "[] #"), "checks.key.keys: give at least one"),
        (MINIMAL.replace('"x-key"', '"authorization"'), "checks.key: ApiKeyCheck"),
        (MINIMAL + "[checks.anyone]\ntype='basic'", "checks.anyone: this name is taken"),
        (MINIMAL + "[checks.a]\nany_of=['key','anyone']", "checks.a.any_of: anyone does not belong"),
        (MINIMAL + "[checks.a]\nany_of=['key']", "checks.a.any_of: names at least two"),
        (MINIMAL + "[checks.a]\nany_of=['key','b']", "checks.a.any_of: there is no check 'b'"),
        (MINIMAL + "[checks.a]\nany_of=['key','key']\nall_of=['key','key']", "give either all_of or any_of"),
        (MINIMAL + "[checks.a]\nany_of=['key','key']\nx=1", "checks.a.x: is not a setting"),
        (MINIMAL + "[checks.a]\ntype='jwt'\nissuer='i'\naudiences=['']", "is a list of texts, none of them empty"),
        (MINIMAL + "[checks.a]\ntype='jwt'\nissuer='http://i'\naudiences=['a']", "must be https"),
        (MINIMAL + "[checks.a]\ntype='jwt'\nissuer='https://i'\naudiences=['a']\ntrust='none'", "checks.a.trust"),
        (MINIMAL + "[checks.a]\ntype='jwt'\nissuer='https://i'\naudiences=['a']\nskew_s=true", "not a whole number"),
        (MINIMAL + "[checks.a]\ntype='client_certificate'\nissuers=['none']", "checks.a.issuers: .*cannot be read"),
        (MINIMAL + "[checks.a]\ntype='client_certificate'\nissuers=['key.txt']", "checks.a: there is no certificate"),
        (MINIMAL + "[checks.a]\ntype='client_certificate'\nsubjects=['CN=a']", "give a thumbprint or an issuer"),
        (MINIMAL + "[proxies]\naddresses=['all']", "'all' is not an address"),
        (MINIMAL + "[proxies]\ncertificate_header='client-cert'", "name their addresses"),
        (MINIMAL + "[guard]\nfailures_per_minute=-1", "0 or more"),
        (MINIMAL + "[serve]\nlisten='8443'", "serve.listen: '8443' is not HOST:PORT"),
        (MINIMAL + "[serve]\nlisten='a:99999'", "is not HOST:PORT"),
        (MINIMAL + "[serve]\nupstream='http://a/b'", "the upstream is an origin"),
        (MINIMAL + "[serve]\nupstream='http://[a'", "the upstream is an origin"),
        (MINIMAL + "[serve]\ncertificate='a'", "certificate and key belong together"),
        (MINIMAL + "[serve]\nclient_ca='a'", "client certificates need TLS"),
        (MINIMAL + "[serve]\ntimeout_s=0", "the limits are positive"),
        (MINIMAL + "[authz]\nmode='apache'", "authz.mode: is one of nginx"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(write, text, message):
    path = write(text)

    with pytest.raises(MisconfiguredError, match=message) as raised:
        load_guard(path, ENVIRONMENT)
    assert str(raised.value).startswith(f"{path}: ")
    assert "canary" not in str(raised.value)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(MisconfiguredError, match="cannot be read"):
        load_guard(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"\xe4")
    with pytest.raises(MisconfiguredError, match="is not UTF-8"):
        load_guard(tmp_path / "latin.toml")
    (tmp_path / "large.toml").write_bytes(b"#" * 1_100_000)
    with pytest.raises(MisconfiguredError, match="larger than 1 MiB"):
        load_guard(tmp_path / "large.toml")


def test_an_empty_secret_file_is_an_error(write, tmp_path):
    path = write(MINIMAL.replace(f'secret = "{KEY}"', 'secret_file = "empty"'))
    (tmp_path / "empty").write_text("\n")

    with pytest.raises(MisconfiguredError, match="secret_file: is empty"):
        load_guard(path)


@pytest.mark.parametrize("kind", ["good", "foreign", "missing"])
def test_revocation_lists_are_read_at_the_start(write, tmp_path, kind, foreign_authority):
    text = MINIMAL + "[checks.a]\ntype='client_certificate'\nissuers=['ca.pem']\nrevocation_lists=['list.crl']\n"
    path = write(text)
    if kind == "foreign":
        (tmp_path / "list.crl").write_bytes(b"no list")
    if kind == "good":
        return

    with pytest.raises(MisconfiguredError, match=r"list\.crl cannot be read"):
        load_guard(path)
