import pytest

from journeyman.claims.culture import language_name, lcid, region_name


@pytest.mark.parametrize(
    ("culture", "language", "region", "number"),
    [
        ("en-US", "en", "US", 1033),
        ("en-us", "en", "US", 1033),
        ("fr-CA", "fr", "CA", 3084),
        ("es-ES", "es", "ES", 3082),
        ("en", "en", "US", 9),
        ("de", "de", "DE", 7),
        ("nb", "nb", "NO", 31764),
        ("zh-Hans", "zh", "CN", 4),
        ("zh-Hant", "zh", "TW", 31748),
        ("zh-Hant-HK", "zh", "HK", 4096),
        ("x", "x", None, 4096),
    ],
)
def test_a_tag_has_a_language_a_region_and_a_windows_id(culture, language, region, number):
    assert language_name(culture) == language
    assert region_name(culture) == region
    assert lcid(culture) == number
