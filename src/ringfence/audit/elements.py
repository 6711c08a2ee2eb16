"""HTML as values: text that was not made here is escaped, whoever forgets to.
Not here: the page."""

import re

from ringfence.audit.quoting import markup

# Elements without an end (HTML, section 13.1.2).
VOID = {"meta", "br", "hr", "link"}
NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


class Html(str):
    """Markup. Only `e`, `join` and constants of this package make it."""

    __slots__ = ()


def e(tag: str, *children: str | int | None, **attributes: str | int | float | None) -> Html:
    """An element. `class_` is `class`, `aria_label` is `aria-label`; what is None is left out."""
    names = {name: name.rstrip("_").replace("_", "-") for name in attributes}
    if not all(NAME.fullmatch(name) for name in (tag, *names.values())):
        raise ValueError("not the name of an element or attribute")
    said = "".join(
        f' {names[name]}="{markup(str(value), 100_000)}"' for name, value in attributes.items() if value is not None
    )
    inner = join(*children)
    return Html(f"<{tag}{said}>" if tag in VOID else f"<{tag}{said}>{inner}</{tag}>")


def join(*children: str | int | None) -> Html:
    """One after the other; what is not markup becomes text."""
    parts = (child if isinstance(child, Html) else markup(str(child), 4000) for child in children if child is not None)
    return Html("".join(parts))
