"""The auditor's page in a browser: it asks for nothing, fits any screen, axe-core finds nothing, and by keyboard alone
each claim leads to the flow that shows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "docs" / "audit" / "sample.html"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"phone": (390, 844), "laptop": (1280, 800)}


@pytest.fixture(params=[(size, scheme) for size in SIZES for scheme in ("light", "dark")], ids="-".join)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    size, scheme = request.param
    width, height = SIZES[size]
    # axe-core is put in from outside; the page's own policy lets no script in.
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto(SAMPLE.as_uri())
    yield page
    assert asked == [SAMPLE.as_uri()]
    context.close()


def test_axe_finds_nothing(page: Page) -> None:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document).then(all => all.violations.map(one => [one.id, one.nodes[0].html]))")
    assert found == []


def test_nothing_is_wider_than_the_screen_and_the_conclusion_is_on_the_first_one(page: Page) -> None:
    wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1]
    verdict = page.locator(".verdict").bounding_box()
    assert verdict and page.viewport_size
    assert verdict["y"] + verdict["height"] <= page.viewport_size["height"]


def test_cells_stay_cells_for_screen_readers(page: Page) -> None:
    told = page.locator("#conclusion table").aria_snapshot()
    assert 'rowheader "internal talk' in told
    assert 'cell "not fit"' in told
    assert 'columnheader "verdict"' in told


def test_a_claim_leads_to_its_flow_by_keyboard(page: Page) -> None:
    link = page.locator("#findings a", has_text="flow 4").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash === '#flow-4'")
    top = page.evaluate("document.getElementById('flow-4').getBoundingClientRect().top")
    assert page.viewport_size and -1 < top < page.viewport_size["height"]


def test_no_text_is_smaller_than_can_be_read(page: Page) -> None:
    """In pixels of the screen: what a drawing scales down counts as it comes out."""
    smallest = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll('p, li, td, th, span, dd, svg text')]
            .filter(one => one.getBoundingClientRect().width && one.textContent.trim())
            .map(one => {
                const size = parseFloat(getComputedStyle(one).fontSize);
                const svg = one.closest('svg');
                return svg ? size * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : size;
            }))"""
    )
    assert smallest >= 9
