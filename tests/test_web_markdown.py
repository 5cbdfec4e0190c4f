"""What tips may bring into a page."""

from __future__ import annotations

import pytest

from web.markdown import html


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a <b>b</b>"])
def test_raw_html_is_shown_as_text(text: str) -> None:
    assert "<script" not in html(text)
    assert "<img" not in html(text)
    assert "<b>" not in html(text)
    assert "&lt;" in html(text)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example"])
def test_only_web_addresses_become_links(link: str) -> None:
    assert "<a " not in html(f"[tästä]({link})")


def test_a_link_opens_beside_the_chat_and_tells_nothing() -> None:
    assert html("[ohje](https://kunta.fi)") == (
        '<p><a href="https://kunta.fi" target="_blank" rel="noopener noreferrer">ohje</a></p>\n'
    )
