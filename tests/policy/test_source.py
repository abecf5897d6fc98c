from __future__ import annotations

import os
import time

import pytest

from journeyman.diagnostics import Severity
from journeyman.policy.source import parse_source, read_policy_file
from journeyman.policy.substitution import Substitutions

NAMESPACE = "http://schemas.microsoft.com/online/cpim/schemas/2013/06"
OPEN = f'<TrustFrameworkPolicy xmlns="{NAMESPACE}">'
CLOSE = "</TrustFrameworkPolicy>"
MIB = 1024 * 1024


def parse(text, **substitutions):
    data = text if isinstance(text, bytes) else text.encode()
    return parse_source(data, "p.xml", Substitutions(**substitutions))


def refusal(text, **substitutions):
    root, diagnostics = parse(text, **substitutions)
    assert root is None
    errors = [each for each in diagnostics if each.severity is Severity.ERROR]
    assert len(errors) == 1
    return errors[0]


def test_an_element_has_name_attributes_text_and_place():
    root, diagnostics = parse(f'{OPEN}\n  <A Id="ü">\n    <B>täxt</B></A>{CLOSE}')

    a = root.children[0]
    b = a.children[0]
    assert diagnostics == ()
    assert (a.name, dict(a.attributes), str(a.location)) == ("A", {"Id": "ü"}, "p.xml:2:3")
    assert (b.name, b.text, str(b.location)) == ("B", "täxt", "p.xml:3:5")


def test_columns_count_characters_not_bytes():
    root, _ = parse(f"{OPEN}<A>äöü😀</A><B/>{CLOSE}")

    assert root.children[1].location.column == len(OPEN) + len("<A>äöü😀</A>") + 1


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_counts_as_one_line(line_end):
    root, _ = parse(f"{OPEN}{line_end}{line_end} <A/>{CLOSE}")

    assert str(root.children[0].location) == "p.xml:3:2"


@pytest.mark.parametrize(
    "declaration",
    ["", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-16"?>', '<?xml version="1.0" encoding="x-none"?>'],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_utf_8_is_read_with_or_without_mark_whatever_the_declaration_says(declaration, mark):
    root, diagnostics = parse(mark + f"{declaration}{OPEN}é{CLOSE}".encode())

    assert root.text == "é"
    assert diagnostics == ()
    assert root.location.column == len(declaration) + 1


def test_prefixes_do_not_matter_but_the_namespace_does():
    root, diagnostics = parse(f'<t:TrustFrameworkPolicy xmlns:t="{NAMESPACE}"><t:A/></t:TrustFrameworkPolicy>')

    assert [child.name for child in root.children] == ["A"]
    assert diagnostics == ()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_both_spellings_of_the_schema_instance_namespace_are_tolerated(scheme):
    xsi = f"{scheme}://www.w3.org/2001/XMLSchema-instance"
    text = f'<TrustFrameworkPolicy xmlns="{NAMESPACE}" xmlns:xsi="{xsi}" xsi:schemaLocation="a b" PolicyId="P"/>'
    root, diagnostics = parse(text)

    assert dict(root.attributes) == {"PolicyId": "P"}
    assert diagnostics == ()


def test_an_element_of_another_namespace_is_ignored_with_all_it_holds():
    root, diagnostics = parse(f'{OPEN}\n<x xmlns="urn:other"><A xmlns="{NAMESPACE}">t</A></x><B/>{CLOSE}')

    assert [child.name for child in root.children] == ["B"]
    assert [str(each) for each in diagnostics] == [
        "p.xml:2:1: warning JM1011 The element <x> is not of the namespace of the policy language: it is ignored."
    ]


def test_extensions_may_hold_anything():
    root, diagnostics = parse(f'{OPEN}<Extensions>text<x xmlns="urn:other"><y/></x><B/></Extensions><C/>{CLOSE}')

    assert [(child.name, child.children) for child in root.children] == [("Extensions", ()), ("C", ())]
    assert diagnostics == ()


def test_comments_and_processing_instructions_are_ignored():
    root, diagnostics = parse(f"<?a b?><!-- c -->{OPEN}x<!-- <A/> --><?d e?>y{CLOSE}<!-- f -->")

    assert (root.text, root.children) == ("xy", ())
    assert diagnostics == ()


def test_text_between_elements_is_reported():
    root, diagnostics = parse(f"{OPEN}\n<A>stray<B/></A>{CLOSE}")

    assert root.children[0].children[0].name == "B"
    assert [(each.code, each.location.line) for each in diagnostics] == [("JM1012", 2)]


def test_a_file_that_is_no_policy_is_skipped_with_a_warning():
    root, diagnostics = parse("<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata'/>")

    assert root is None
    assert [str(each) for each in diagnostics] == [
        "p.xml:1:1: warning JM1009 The file is not a policy, its root element is <EntityDescriptor>: it is skipped."
    ]


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://schemas.microsoft.com/online/cpim/schemas/2012/06"'])
def test_a_policy_of_no_or_another_namespace_is_an_error(namespace):
    error = refusal(f"<TrustFrameworkPolicy{namespace}/>")

    assert error.code == "JM1010"
    assert NAMESPACE in error.help


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        (b"", 1, 1, "no element found"),
        (f"{OPEN}\n  <A>", 2, 6, "no element found"),
        (f"{OPEN}\n  <A></B>", 2, 8, "mismatched tag"),
        (f'{OPEN}\n  <A b="<c>"/>', 2, 9, "not well-formed (invalid token)"),
        (f"{OPEN}\n  a & b", 2, 6, "not well-formed (invalid token)"),
        (f"{OPEN}\n  &nbsp;", 2, 3, "undefined entity"),
        (f'{OPEN}\n<A b="1" b="2"/>', 2, 10, "duplicate attribute"),
        (f"{OPEN}\n<x:A/>", 2, 1, "unbound prefix"),
        (f"{OPEN}{CLOSE}\n<A/>", 2, 1, "junk after document element"),
    ],
)
def test_xml_that_is_not_well_formed_is_one_error_with_its_place(text, line, column, reason):
    error = refusal(text)

    assert error.code == "JM1005"
    assert error.message == f"The file contains invalid XML: {reason}."
    assert (error.location.line, error.location.column) == (line, column)


@pytest.mark.parametrize(
    ("data", "place", "reason"),
    [
        (f"{OPEN}\né".encode("latin-1"), "p.xml:2:1", "the byte 0xE9 is not UTF-8"),
        (b"\xef\xbb\xbf" + f"{OPEN}\na\xff".encode("latin-1"), "p.xml:2:2", "the byte 0xFF is not UTF-8"),
        (f"{OPEN}".encode("utf-16"), "p.xml:1:1", "it is UTF-16"),
        (f"{OPEN}".encode("utf-16-le"), "p.xml:1:2", "it holds the character U+0000"),
        (f"{OPEN}\na\0b".encode(), "p.xml:2:2", "it holds the character U+0000"),
    ],
)
def test_what_is_not_utf_8_is_refused_with_its_place(data, place, reason):
    error = refusal(data)

    assert error.code == "JM1004"
    assert error.message == f"The file contains invalid XML: {reason}."
    assert str(error.location) == place


def test_a_document_type_declaration_is_refused_before_it_is_read():
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    error = refusal(f"<!-- <!DOCTYPE -->\n {bomb}{OPEN}&b;{CLOSE}")

    assert error.code == "JM1006"
    assert str(error.location) == "p.xml:2:2"


def test_an_external_entity_is_refused_and_not_fetched(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    error = refusal(f'<!DOCTYPE a [<!ENTITY a SYSTEM "{secret.as_uri()}">]>{OPEN}&a;{CLOSE}')

    assert error.code == "JM1006"
    assert "canary" not in error.message


def test_an_external_document_type_is_refused():
    assert refusal(f'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd">{OPEN}{CLOSE}').code == "JM1006"


def test_one_hundred_levels_are_read_and_one_more_is_refused():
    root, diagnostics = parse(OPEN + "<A>" * 99 + "</A>" * 99 + CLOSE)
    error = refusal(OPEN + "<A>" * 100 + "</A>" * 100 + CLOSE)

    assert root is not None
    assert diagnostics == ()
    assert (error.code, error.message) == (
        "JM1007",
        "The file is refused: its elements are nested more than 100 deep.",
    )


def test_depth_is_limited_where_elements_are_ignored_too():
    assert refusal(OPEN + '<x xmlns="urn:other">' * 100_000).code == "JM1007"


def test_fifty_thousand_elements_are_read_and_one_more_is_refused():
    root, _ = parse(OPEN + "<A/>" * 49_999 + CLOSE)
    error = refusal(OPEN + "<A/>" * 50_000 + CLOSE)

    assert len(root.children) == 49_999
    assert error.message == "The file is refused: it has more than 50000 elements."


def test_one_hundred_attributes_are_read_and_one_more_is_refused():
    hundred = " ".join(f'a{number}=""' for number in range(100))
    root, _ = parse(f"{OPEN}<A {hundred}/>{CLOSE}")
    error = refusal(f'{OPEN}<A {hundred} b=""/>{CLOSE}')

    assert len(root.children[0].attributes) == 100
    assert error.message == "The file is refused: an element has more than 100 attributes."


def test_more_than_four_mebibytes_are_refused():
    assert refusal(OPEN + " " * 4 * MIB).message == "The file is larger than 4 MiB."


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<a>" * 100_000, id="deep"),
        pytest.param("<a/>" * (MIB - 100), id="elements"),
        pytest.param("<a " + " ".join(f'a{number}=""' for number in range(200_000)) + "/>", id="attributes"),
        pytest.param("{Settings:None}<!--" * 200_000, id="open comments"),
        pytest.param("{Settings:None}" + "<!---->" * 500_000, id="comments"),
        pytest.param("{Settings:None}" + "<![CDATA[" * 400_000, id="open sections"),
        pytest.param("{Settings:" * 400_000, id="open placeholders"),
        pytest.param("{Settings:One}" * 290_000, id="placeholders"),
        pytest.param("{Settings:Long}" * 50_000, id="long values"),
        pytest.param('<a b="{Settings:One}"/>' * 180_000, id="one line"),
    ],
)
def test_a_hostile_file_is_refused_within_a_second(text):
    started = time.process_time()
    root, diagnostics = parse(f"{OPEN}\n{text}", settings={"One": "x", "Long": "x" * 100_000})
    used_s = time.process_time() - started

    assert root is None
    assert diagnostics[-1].severity is Severity.ERROR
    assert used_s < 1


def test_a_value_of_a_setting_with_a_surrogate_is_refused_not_a_crash():
    assert refusal(f"{OPEN}{{Settings:A}}{CLOSE}", settings={"A": "\ud800"}).code == "JM1005"


def test_the_place_of_an_error_behind_a_placeholder_is_that_of_the_file():
    error = refusal(f"{OPEN}\n{{Settings:A}} & b{CLOSE}", settings={"A": "a much longer value"})

    assert (error.location.line, error.location.column) == (2, 15)


def test_a_file_is_read_as_bytes(tmp_path):
    path = tmp_path / "a.xml"
    path.write_bytes(b"\xef\xbb\xbf<a/>")

    assert read_policy_file(path, "a.xml") == (b"\xef\xbb\xbf<a/>", ())


def test_a_missing_file_and_a_folder_are_errors(tmp_path):
    _, missing = read_policy_file(tmp_path / "none.xml", "none.xml")
    _, folder = read_policy_file(tmp_path, "folder")

    assert [str(each) for each in (*missing, *folder)] == [
        "none.xml:0:0: error JM1002 The file cannot be read: No such file or directory.",
        "folder:0:0: error JM1002 The file cannot be read: it is not a file.",
    ]


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe.xml")
    data, diagnostics = read_policy_file(tmp_path / "pipe.xml", "pipe.xml")

    assert data is None
    assert diagnostics[0].code == "JM1002"


def test_a_file_larger_than_four_mebibytes_is_not_read(tmp_path):
    path = tmp_path / "large.xml"
    with path.open("wb") as file:
        file.truncate(4 * MIB + 1)
    data, diagnostics = read_policy_file(path, "large.xml")

    assert data is None
    assert diagnostics[0].code == "JM1003"
