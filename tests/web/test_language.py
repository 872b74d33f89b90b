import pytest

from tongmai.web.language import preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh"),
        ("", "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.5, zh;q=0.7", "zh"),
        ("fr-FR, en;q=0.2", "en"),
        ("de", "zh"),
        ("en;q=0", "zh"),
        ("en;q=nonsense", "zh"),
        ("en," * 400, "zh"),
    ],
)
def test_the_heaviest_known_language_wins_and_chinese_is_the_default(header: str | None, language: str) -> None:
    assert preferred_language(header) == language
