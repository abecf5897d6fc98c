import pytest

from journeyman.web.pages.safe_html import safe_html


def test_links_and_emphasis_stay():
    text = 'Read <b>the</b> <a href="https://contoso.com/terms?a=1&amp;b=2">terms</a>.'

    assert safe_html(text) == (
        'Read <b>the</b> <a href="https://contoso.com/terms?a=1&amp;b=2" target="_blank" '
        'rel="noopener noreferrer">terms</a>.'
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "alert(1)"),
        ("<img src=x onerror=alert(1)>", ""),
        ("<b onclick=alert(1)>x</b>", "<b>x</b>"),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href=" java\tscript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="data:text/html,x">x</a>', "<a>x</a>"),
        ('<a href="//[">x</a>', "<a>x</a>"),
        ("<b>open", "<b>open</b>"),
        ("</div></b>x", "x"),
        ("<p><b>a</p>b", "<p><b>a</b></p>b"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<!-- <script>x</script> -->y", "y"),
        ("one<br/>two", "one<br>two"),
    ],
)
def test_everything_else_is_text_or_gone(text, shown):
    assert safe_html(text) == shown
