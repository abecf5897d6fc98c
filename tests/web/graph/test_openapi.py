"""The document that is published: every route is in it, and it is what it says it is."""

import re

import pytest
import pytest_asyncio
import schemathesis

pytestmark = pytest.mark.asyncio(loop_scope="session")
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest_asyncio.fixture(loop_scope="session")
async def document(shared_site, shared_http):
    return (await shared_site.ask(shared_http, "GET", f"{shared_site.origin}/beta/openapi.json")).json


async def test_it_is_a_document_that_clients_read(document, shared_site):
    loaded = schemathesis.openapi.from_dict(document)
    operations = list(loaded.get_all_operations())

    assert len(operations) == sum(len(set(path) & METHODS) for path in document["paths"].values())
    assert all(type(one).__name__ == "Ok" for one in operations)
    assert document["servers"] == [{"url": f"{shared_site.origin}/beta"}]


async def test_names_of_operations_are_their_own_and_parameters_are_described(document):
    operations = [(path, operation) for path, methods in document["paths"].items() for operation in methods.values()]
    names = [operation["operationId"] for _, operation in operations]

    assert len(set(names)) == len(names)
    for path, operation in operations:
        described = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert described == set(re.findall(r"\{(\w+)\}", path)), path


async def test_it_says_how_to_get_a_token_and_which_roles_are_needed(document, shared_site):
    flow = document["components"]["securitySchemes"]["token"]["flows"]["clientCredentials"]

    assert flow["tokenUrl"] == f"{shared_site.origin}/contoso.onmicrosoft.com/oauth2/v2.0/token"
    assert "User.ReadWrite.All" in document["paths"]["/users/{id}"]["patch"]["description"]


async def test_it_holds_no_secret_and_no_name_of_this_tenant_but_its_address(document, shared_site):
    assert shared_site.engine.tenant.id not in str(document)
