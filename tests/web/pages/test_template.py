from dataclasses import replace

import pytest

from journeyman.web.pages.template import Insertion, TemplateError, merge_template, template_sources

INSERTION = Insertion(
    fragment="<form>F</form>",
    head="<meta name=h>",
    data_name="Unified",
    comment="CorrelationId: c-1",
    language="de",
    right_to_left=False,
    nonce="abc",
    script_allowed=False,
)
TOP = "<!DOCTYPE html>\n<!-- CorrelationId: c-1 -->\n"


def merged(template: str, **changes) -> str:
    return merge_template(template, replace(INSERTION, **changes)).removeprefix(TOP)


def test_the_element_api_receives_the_fragment_and_the_rest_stays():
    template = (
        '<!DOCTYPE html><html lang="en"><head><title>T &amp; U</title><link rel="stylesheet" href="https://c.example/a.css">'
        '</head><body class="x"><p>before</p><div id="api" role="main">old <b>content</b></div><p>after</p></body></html>'
    )

    assert merged(template) == (
        '<html lang="de"><head><meta name=h><title>T &amp; U</title>'
        '<link rel="stylesheet" href="https://c.example/a.css"></head><body class="x"><p>before</p>'
        '<div id="api" role="main" data-name="Unified">\n<form>F</form>\n</div><p>after</p></body></html>'
    )


def test_nested_elements_inside_api_do_not_end_it_early():
    assert merged('<div id="api"><div><div>x</div></div>y</div>z').endswith("</div>z")


def test_a_template_of_the_element_alone_becomes_a_whole_document():
    assert merged('<div id="api"></div>') == (
        '<html lang="de"><head>\n<meta name=h></head><div id="api" data-name="Unified">\n<form>F</form>\n</div>'
    )


def test_the_language_replaces_the_one_of_the_template():
    html = merged('<html lang="en" dir="ltr" class="k"><div id="api"></div></html>', language="ar", right_to_left=True)

    assert html.startswith('<html class="k" lang="ar" dir="rtl"><head>')


@pytest.mark.parametrize(
    "template", ["", "<div id='app'></div>", "<!-- <div id='api'></div> -->", "<p>&lt;div id=api&gt;"]
)
def test_a_template_without_the_element_is_an_error(template):
    with pytest.raises(TemplateError, match='no element with id="api"'):
        merge_template(template, INSERTION)


def test_two_elements_with_the_id_are_an_error():
    with pytest.raises(TemplateError, match="more than one"):
        merge_template('<div id="api"></div><div id="api"></div>', INSERTION)


def test_an_endless_template_is_an_error():
    with pytest.raises(TemplateError, match="longer than 1000000"):
        merge_template("x" * 1_000_001, INSERTION)


@pytest.mark.parametrize(
    ("hostile", "left"),
    [
        ("<script>alert(1)</script>", ""),
        ("<script src=https://e.example/a.js></script>x", "x"),
        ("<scr<script>ipt>alert(1)</script>", "ipt&gt;alert(1)"),
        ("<img src=x onerror=alert(1)>", '<img src="x">'),
        ("<body ONLOAD=alert(1)>", "<body>"),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="&#106;ava&#10;script:alert(1)">x</a>', "<a>x</a>"),
        ('<form action=" JaVaScRiPt:alert(1)"></form>', "<form></form>"),
        ('<iframe src="https://e.example"><b>x</b></iframe>y', "y"),
        ("<object data=x><embed src=y></object>z", "z"),
        ('<base href="https://e.example/">', ""),
        ('<meta http-equiv="refresh" content="0;url=https://e.example">', ""),
        (
            '<p title="</title><script>alert(1)</script>">',
            '<p title="&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;">',
        ),
        ('<svg><a xlink:href="javascript:alert(1)">x</a></svg>', "<svg><a>x</a></svg>"),
    ],
)
def test_without_script_execution_no_script_survives(hostile, left):
    html = merged(f'<html><head></head><body>{hostile}<div id="api"></div>')
    kept = html.split("</head>")[1].split('<div id="api"')[0]

    assert kept == f"<body>{left}"


def test_a_comment_that_a_browser_ends_early_hides_no_script():
    html = merged('<!--><script>alert(1)</script>--><div id="api"></div>')

    assert "alert(1)" not in html
    assert "<script" not in html


def test_styles_stay_as_they_are():
    html = merged('<style>a > b { color: red }</style><div id="api" style="color:red"></div>')

    assert "<style>a > b { color: red }</style>" in html
    assert 'style="color:red"' in html


def test_with_script_execution_scripts_stay_and_carry_the_nonce():
    template = '<head><script src="https://c.example/a.js" nonce="old"></script></head><div id="api"></div>'

    assert '<script src="https://c.example/a.js" nonce="abc"></script>' in merged(template, script_allowed=True)


def test_with_script_execution_frames_are_dropped_all_the_same():
    assert "iframe" not in merged('<iframe src="//e.example"></iframe><div id="api"></div>', script_allowed=True)


def test_the_sources_of_a_template_are_the_origins_it_loads_from():
    template = (
        '<link href="https://cdn.example/a.css?x"><script src="//no-scheme.example/a.js"></script>'
        '<img src="https://img.example:8443/b.png"><img src="data:image/png;base64,x"><a href="https://link.example">'
        '<img src="https://[">'
    )

    assert template_sources(template, "https://pages.example/t/unified.html") == (
        "https://pages.example",
        "https://cdn.example",
        "https://img.example:8443",
    )


def test_character_references_stay_as_they_are():
    html = merged('<p>&copy; &#169; &amp;lt; a < b</p><div id="api">&nbsp;&#160;</div>')

    assert "<p>&copy; &#169; &amp;lt; a &lt; b</p>" in html
    assert "&nbsp;" not in html


def test_an_iframe_inside_an_iframe_is_dropped_whole():
    assert "inner" not in merged('<object><object>x</object>inner</object><div id="api"></div>')
