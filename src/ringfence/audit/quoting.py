"""How words of a capture are shown: nothing of them moves a cursor, colours, turns the direction of text, or is markup.
Not here: which words."""

import html
import unicodedata

# Without a shape of their own (controls, format characters with bidi overrides and joiners, surrogates, private and
# unassigned ones, separators of lines): each is shown as its number.
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def plain(text: str, longest: int = 300) -> str:
    """In one line, for a terminal or any other place that shows text as text."""
    kept = text if len(text) <= longest else f"{text[:longest]}…"
    return "".join(
        letter if unicodedata.category(letter) not in HIDDEN else f"<U+{ord(letter):04X}>" for letter in kept
    )


def markup(text: str, longest: int = 300) -> str:
    """For HTML, in text and in quoted attributes alike."""
    return html.escape(plain(text, longest), quote=True)
