import pytest


@pytest.mark.parametrize(
    ("collection", "item", "expected"),
    [
        (("a",), "b", {"collection": ("a", "b")}),
        (("a",), "a", {"collection": ("a",)}),
        (("a",), "A", {"collection": ("a", "A")}),
        (None, "b", {"collection": ("b",)}),
        (("a",), None, {"collection": ("a",)}),
        (None, None, {}),
        ("a", "b", {"collection": ("a", "b")}),
    ],
)
def test_an_item_is_added_at_the_end_once(transform, collection, item, expected):
    assert transform("AddItemToStringCollection", {"item": item, "collection": collection}) == expected


@pytest.mark.parametrize(("collection", "expected"), [(None, ("x",)), (("a",), ("a", "x")), (("x",), ("x",))])
def test_a_constant_is_added_at_the_end_once(transform, collection, expected):
    outputs = transform("AddParameterToStringCollection", {"collection": collection}, {"item": "x"})

    assert outputs == {"collection": expected}


@pytest.mark.parametrize(("collection", "expected"), [(("p", "q"), {"extracteditem": "p"}), ((), {}), (None, {})])
def test_the_first_item_is_extracted(transform, collection, expected):
    assert transform("GetSingleItemFromStringCollection", {"collection": collection}) == expected


@pytest.mark.parametrize(
    ("collection", "item", "ignore_case", "expected"),
    [
        (("Reader",), "reader", "true", True),
        (("Reader",), "reader", "false", False),
        (("Reader",), "Reader", "", True),
        (None, "Reader", "true", False),
    ],
)
def test_membership_of_a_constant_and_of_a_claim(transform, collection, item, ignore_case, expected):
    constant = transform(
        "StringCollectionContains", {"inputClaim": collection}, {"item": item, "ignoreCase": ignore_case}
    )
    claim = transform(
        "StringCollectionContainsClaim", {"collection": collection, "item": item}, {"ignoreCase": ignore_case}
    )

    assert constant == {"outputclaim": expected}
    assert claim == {"outputclaim": expected}


def test_an_absent_claim_is_in_no_collection(transform):
    assert transform("StringCollectionContainsClaim", {"collection": ("a",)}) == {"outputclaim": False}
