"""Nothing of a capture becomes markup, moves a cursor or turns the direction of text, whatever somebody wrote there."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from audit.made import certificate, flow, media, scan, seen, web
from ringfence.audit import Report
from ringfence.audit.page import page
from ringfence.audit.quoting import plain
from ringfence.audit.sarif import sarif
from ringfence.audit.text import text

WORDS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    "</style><script>alert(1)</script>",
    "]]><!--",
    "\x1b]0;owned\x07\x1b[2J\x1b[31m",
    "\u202emoc.elpmaxe\u2066",
    "\u200b\u200d\ufeff",
    "line\nbreak\r\n\u2028\u2029",
    "\x00\x7f\x85\x9b31m",
    "[click](https://evil.example/) {0} {{1}}",
    "\ud800",
    "javascript:alert(1)",
]
ALLOWED = {"class", "id", "href", "lang", "role", "scope", "tabindex", "charset", "name", "content", "http-equiv"}
ALLOWED |= {"aria-label", "aria-labelledby", "viewbox", "d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r"}
ALLOWED |= {"width", "height", "font-size", "stroke-width", "data-label", "preserveaspectratio"}


def hostile(words: str) -> Report:
    """A capture that says it everywhere."""
    everywhere = [
        seen("http_request", 1, method=words, host=words, path=words),
        seen("http_response", 1, status=200, server=words),
        seen("web_socket", 1, host=words, path=words, frames_readable=True),
        seen("stun", 1, method=1, class_=2, dialect="standard", software=words, realm=words),
        seen("sip", 1, method=words, to=words),
        seen("sdp_media", 1, media=words, address=None, port=9, transport=words, fingerprint=False),
        seen("key_in_clear", 1, place=words, suite=words),
        seen("encapsulation", 1, name=words),
        seen("rtcp", 1, readable=True, ssrc=1, cname=words),
        seen("something_new", 1, **{"what": words}),
        seen("dns_answer", 1, name=words, addresses=["203.0.113.7"]),
        certificate(1, subject=words, issuer=words, signature=words, bits=512, key="rsa", names=[words]),
    ]
    other = web(words, b=("198.51.100.7", 443))
    audit = scan(media(), flow(["http", words], *everywhere, transport="tcp"), web(words), other)
    report = audit.report()
    capture = report.capture.model_copy(update={"file": words.replace("/", "")})
    return report.model_copy(update={"capture": capture})


class Strict(HTMLParser):
    """Notes all that could do something."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "img", "iframe", "object", "embed", "link", "base", "form", "input", "foreignobject"}:
            self.wrong.append(tag)
        for name, value in attrs:
            if name not in ALLOWED or (name == "href" and not str(value).startswith("#")):
                self.wrong.append((tag, name, value))


@pytest.mark.parametrize("words", WORDS, ids=repr)
def test_nothing_becomes_markup(words: str) -> None:
    made = page(hostile(words))
    parser = Strict()
    parser.feed(made)
    assert not parser.wrong
    assert made.count("<style>") == made.count("</style>") == 1
    assert "<!--" not in made


@pytest.mark.parametrize("words", WORDS, ids=repr)
def test_the_page_is_text_without_controls(words: str) -> None:
    made = page(hostile(words))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]", made)
    made.encode("utf-8")


@pytest.mark.parametrize("words", WORDS, ids=repr)
def test_a_terminal_is_told_nothing_but_text(words: str) -> None:
    made = text(hostile(words))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]", made)
    made.encode("utf-8")


@pytest.mark.parametrize("words", WORDS, ids=repr)
def test_sarif_messages_hold_no_link_no_placeholder_and_no_markup(words: str) -> None:
    made = sarif(hostile(words))
    json.dumps(made, ensure_ascii=False).encode("utf-8")
    for result in made["runs"][0]["results"]:
        message = result["message"]["text"]
        assert "<" not in message
        assert not re.search(r"(?<!\\)[\[\]]", message)
        assert not re.search(r"(?<!{){\d+}(?!})", message)
        assert message.isprintable()
        assert re.fullmatch(r"[A-Za-z0-9%._~-]*", result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


def test_what_is_hidden_is_shown_as_its_number() -> None:
    assert plain("a\x1b[2Jb\u202ec") == "a<U+001B>[2Jb<U+202E>c"


def test_the_page_asks_for_nothing_and_runs_nothing() -> None:
    made = page(hostile("meet.example"))
    assert "default-src 'none'" in made
    assert not re.search(r"(src|url|@import|https?:)\s*[=(:]?\s*[\"'(]?(https?:)?//", made)
    assert " style=" not in made
