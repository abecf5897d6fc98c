import pytest

from journeyman.claims.values import UserIdentity

ANN = UserIdentity("idp.example", "dS03Nw==")
BO = UserIdentity("other.example", "Ym8=")
ANN_TEXT = '{"issuer":"idp.example","issuerUserId":"dS03Nw=="}'


def test_an_alternative_security_id_is_json_with_the_key_in_base64(transform):
    outputs = transform("CreateAlternativeSecurityId", {"key": "u-77", "identityProvider": "idp.example"})

    assert outputs == {"alternativesecurityid": ANN_TEXT}


def test_a_user_identity_is_encoded_alike(transform):
    outputs = transform(
        "CreateUserIdentity",
        {"issuerUserId": "u-77", "issuer": "idp.example"},
        outputs={"userIdentity": "userIdentity"},
    )

    assert outputs == {"useridentity": ANN}


@pytest.mark.parametrize(
    ("method", "inputs"),
    [
        ("CreateAlternativeSecurityId", {"key": "u", "identityProvider": None}),
        ("CreateAlternativeSecurityId", {"key": None, "identityProvider": "idp"}),
        ("CreateUserIdentity", {"issuer": "idp", "issuerUserId": None}),
    ],
)
def test_an_absent_part_makes_no_identity(transform, method, inputs):
    assert transform(method, inputs) == {}


@pytest.mark.parametrize(
    ("collection", "expected"),
    [
        (None, (ANN,)),
        ((BO,), (BO, ANN)),
        ((ANN, BO), (ANN, BO)),
        ((UserIdentity("IDP.example", "dS03Nw=="),), (UserIdentity("IDP.example", "dS03Nw=="),)),
    ],
)
@pytest.mark.parametrize("name", ["item", "Element"])
def test_an_alternative_security_id_is_added_once(transform, name, collection, expected):
    outputs = transform(
        "AddItemToAlternativeSecurityIdCollection",
        {name: ANN_TEXT, "collection": collection},
        outputs={"collection": "alternativeSecurityIdCollection"},
    )

    assert outputs == {"collection": expected}


def test_a_user_identity_is_added_at_the_end(transform):
    outputs = transform("AddItemToUserIdentityCollection", {"item": ANN, "collection": (BO,)})

    assert outputs == {"collection": (BO, ANN)}


@pytest.mark.parametrize("method", ["AddItemToAlternativeSecurityIdCollection", "AddItemToUserIdentityCollection"])
def test_an_absent_item_leaves_the_collection(transform, method):
    assert transform(method, {"item": None, "collection": (BO,)}) == {"collection": (BO,)}
    assert transform(method, {"item": None, "collection": None}) == {}


@pytest.mark.parametrize(
    ("method", "source", "target"),
    [
        (
            "GetIdentityProvidersFromAlternativeSecurityIdCollectionTransformation",
            "alternativeSecurityIdCollection",
            "identityproviderscollection",
        ),
        ("GetIssuersFromUserIdentityCollectionTransformation", "userIdentityCollection", "issuerscollection"),
    ],
)
def test_issuers_are_listed_once_in_order(transform, method, source, target):
    assert transform(method, {source: (BO, ANN, BO)}) == {target: ("other.example", "idp.example")}
    assert transform(method, {source: None}) == {target: ()}


@pytest.mark.parametrize(
    ("method", "issuer_name"),
    [
        ("RemoveAlternativeSecurityIdByIdentityProvider", "identityProvider"),
        ("RemoveUserIdentityFromCollectionByIssuer", "issuer"),
    ],
)
@pytest.mark.parametrize(
    ("issuer", "collection", "expected"),
    [
        ("IDP.example", (ANN, BO, ANN), {"collection": (BO,)}),
        ("idp.example", (ANN,), {"collection": ()}),
        (None, (ANN,), {"collection": (ANN,)}),
        ("idp.example", None, {}),
    ],
)
def test_the_identities_of_an_issuer_are_removed(transform, method, issuer_name, issuer, collection, expected):
    assert transform(method, {issuer_name: issuer, "collection": collection}) == expected
