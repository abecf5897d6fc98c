"""Samples of the page about clients, and tools that know no other address than those of the real service."""

from __future__ import annotations

import http.client
import json
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
from acceptance_folder import TENANT
from acceptance_policy import call
from clients_caller import FORM, hire
from clients_front import CONFIGURATION

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "management-clients.md"


def sample(mark):
    """Return the block of the page that a comment marks."""
    text = PAGE.read_text(encoding="utf-8").split(f"<!-- test: {mark} -->\n", 1)[1]
    return text.split("\n", 1)[1].split("```")[0]


@pytest.fixture(scope="module")
def application(front):
    return hire(front.home, "Policy.ReadWrite.TrustFramework", origin=front.origin)


def test_the_python_sample_lists_the_policies(front, application):
    environment = {
        "PATH": os.environ["PATH"],
        "JOURNEYMAN_URL": front.origin,
        "TENANT": TENANT,
        "CLIENT_ID": application.client_id,
        "CLIENT_SECRET": application.secret,
        "SSL_CERT_FILE": str(front.ca_file),
        "REQUESTS_CA_BUNDLE": str(front.ca_file),
        "NO_PROXY": "*",
    }
    done = subprocess.run(
        [sys.executable, "-c", sample("management client")],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[")


def test_the_command_of_the_page_makes_an_application(front):
    program, *arguments = shlex.split(sample("apps add"))
    made = front.home.run(*arguments)

    assert (program, made.code) == ("journeyman", 0), made.err
    assert made.json["roles"] == ["Policy.ReadWrite.TrustFramework", "TrustFrameworkKeySet.ReadWrite.All"]


def test_the_other_samples_are_what_the_tests_run():
    program = (ROOT / "tests" / "clients" / "graph_client" / "deploy.mjs").read_text(encoding="utf-8")

    assert sample("graph client") in program
    assert sample("front").strip() in CONFIGURATION


class RealName(http.client.HTTPSConnection):
    """A connection to the front under a name of the real service, as behind a hosts override."""

    def __init__(self, name, front):
        super().__init__(name, 443, context=front.context(), timeout=15)
        self._front_port = int(front.origin.rpartition(":")[2])

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self._front_port), 15)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


def asked(name, front, method, path, body, headers):
    connection = RealName(name, front)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_a_token_of_another_tenant_counts_for_nothing(front, application, master):
    form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    form |= {"client_id": application.client_id, "client_secret": application.secret}
    place = f"/{TENANT}/oauth2/v2.0/token"
    _, own = asked("localhost", front, "POST", place, urlencode(form), {"Content-Type": FORM})
    statuses = [
        asked("localhost", front, "GET", "/v1.0/domains", None, {"Authorization": f"Bearer {token}"})[0]
        for token in (json.loads(own)["access_token"], master.token)
    ]

    assert statuses == [200, 401]


def test_a_tool_with_fixed_addresses_signs_in_and_uploads_behind_a_hosts_override(front, application):
    credentials = {"client_id": application.client_id, "client_secret": application.secret}
    form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default", **credentials}
    place = f"/{TENANT}/oauth2/v2.0/token"
    login = ("login.microsoftonline.com", front, "POST", place, urlencode(form), {"Content-Type": FORM})
    status, answer = asked(*login)
    headers = {"Authorization": f"Bearer {json.loads(answer)['access_token']}", "Content-Type": "application/xml"}
    text = call("Fixed", "https://api.example/ok")
    path = "/beta/trustFramework/policies/B2C_1A_Fixed/$value"
    uploaded, _ = asked("graph.microsoft.com", front, "PUT", path, text.encode(), headers)
    read, shown = asked("graph.microsoft.com", front, "GET", path, None, headers)

    assert (status, uploaded, read) == (200, 201, 200)
    assert shown == text
