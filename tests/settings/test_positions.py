from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from journeyman.settings.positions import locate

TEXT = '''# a comment with [brackets] and "quotes"
top = 1
"quoted.key" = 'literal'
[a.b]
x.y = """
multi ] } line
"""  # end
z = [ "one",
      # between
      { k = 1, 'l' = [2] },
    ]
[[items]]
n = 1979-05-27 07:32:00
[items.sub]
deep = true
[[items]]
n = \'\'\'raw ' text\'\'\'
'''


def test_every_key_and_element_has_its_line_and_column():
    positions = locate(TEXT)

    assert {path: positions[path] for path in sorted(positions, key=positions.__getitem__)} == {
        ("top",): (2, 1),
        ("quoted.key",): (3, 1),
        ("a",): (4, 2),
        ("a", "b"): (4, 4),
        ("a", "b", "x"): (5, 1),
        ("a", "b", "x", "y"): (5, 3),
        ("a", "b", "z"): (8, 1),
        ("a", "b", "z", 0): (8, 7),
        ("a", "b", "z", 1): (10, 7),
        ("a", "b", "z", 1, "k"): (10, 9),
        ("a", "b", "z", 1, "l"): (10, 16),
        ("a", "b", "z", 1, "l", 0): (10, 23),
        ("items",): (12, 3),
        ("items", 0): (12, 3),
        ("items", 0, "n"): (13, 1),
        ("items", 0, "sub"): (14, 8),
        ("items", 0, "sub", "deep"): (15, 1),
        ("items", 1): (16, 3),
        ("items", 1, "n"): (17, 1),
    }


def test_windows_line_ends_count_as_one():
    assert locate("a = 1\r\nb = 2\r\n")["b",] == (2, 1)


@given(st.text(alphabet="ab.=[]{}\"'#\n ,1\\", max_size=40))
def test_whatever_toml_accepts_every_top_level_key_is_found(text):
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        parsed = {}
    positions = locate(text) if parsed else {}

    assert all((key,) in positions for key in parsed)
