import time

import pytest

from journeyman.errors import ClaimsTransformationError

BOMB = (
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><x>&c;</x>'
)
EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'


@pytest.mark.parametrize(
    ("xml", "json"),
    [
        ("<user><name>Ann</name><n>7</n></user>", '{"user":{"name":"Ann","n":"7"}}'),
        ("<u><r>a</r><s>x</s><r>b</r><r>c</r></u>", '{"u":{"r":["a","b","c"],"s":"x"}}'),
        ('<u id="7">Ann</u>', '{"u":{"@id":"7","#text":"Ann"}}'),
        ('<u id="7"/>', '{"u":{"@id":"7"}}'),
        ("<u><a/><b></b></u>", '{"u":{"a":null,"b":""}}'),
        ("<u>\n  <a>1</a>\n</u>", '{"u":{"a":"1"}}'),
        ("<u>x<a>1</a>y</u>", '{"u":{"#text":["x","y"],"a":"1"}}'),
        ("<u><!-- note --><?go on?><a>&lt;é</a></u>", '{"u":{"a":"<é"}}'),
        ('<n:u xmlns:n="urn:x"><n:a>1</n:a></n:u>', '{"n:u":{"@xmlns:n":"urn:x","n:a":"1"}}'),
        (
            '<?xml version="1.0" encoding="utf-16" standalone="yes"?><u>é</u>',
            '{"?xml":{"@version":"1.0","@encoding":"utf-16","@standalone":"yes"},"u":"é"}',
        ),
        ('<?xml version="1.0"?><u/>', '{"?xml":{"@version":"1.0"},"u":null}'),
    ],
)
def test_xml_becomes_json(transform, xml, json):
    assert transform("XmlStringToJsonString", {"xml": xml}) == {"json": json}


@pytest.mark.parametrize(
    "xml",
    [None, "", "<u>", "<u>&nope;</u>", "text", BOMB, EXTERNAL, "<a>" * 40 + "</a>" * 40, f"<u>{'x' * 1_048_576}</u>"],
)
def test_xml_that_is_malformed_hostile_or_too_big_is_an_error(transform, xml):
    before = time.monotonic()

    with pytest.raises(ClaimsTransformationError) as caught:
        transform("XmlStringToJsonString", {"xml": xml})
    assert caught.value.message_id == "ClaimsTransformationError"
    assert time.monotonic() - before < 1
