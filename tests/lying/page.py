"""The person who is lied to: a real page in Chromium, and what can be seen on it and in its media.
Uses the names on the page and the browser's own statistics; reaches into nothing of the client."""

import re
import time
from types import TracebackType
from typing import Any

from playwright.sync_api import Browser, TimeoutError, expect

from machine import PATIENT

from .catalogue import codes_of

FLAGS = [
    "--disable-gpu",
    "--use-fake-device-for-media-stream=fps=10",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--no-sandbox",
]
CODE = re.compile(r"RF\d{4}")
SETTLED = 5  # seconds until what was on its way has left, on a busy machine

# Keeps every connection the page makes where the test can ask for its statistics, and the last ones of
# a connection that the page closes: what had been sent must not be forgotten with it.
WATCH_MEDIA = """
    window.watched = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(...given) {
            super(...given);
            this.seen = { sent: 0, decoded: 0, captured: 0 };
            window.watched.push(this);
            this.looking = setInterval(() => this.look(), 100);
        }
        async look() {
            const now = { sent: 0, decoded: 0, captured: 0 };
            for (const s of (await this.getStats()).values()) {
                if (s.type === "outbound-rtp") now.sent += s.bytesSent;
                if (s.type === "inbound-rtp") now.decoded += s.framesDecoded ?? 0;
                if (s.type === "media-source") now.captured += s.frames ?? 0;
            }
            for (const of in now) this.seen[of] = Math.max(this.seen[of], now[of]);
        }
        close() {
            clearInterval(this.looking);
            this.look();
            super.close();
        }
    };
"""
STATISTICS = """async () => {
    await Promise.all(window.watched.map((connection) => connection.look()));
    const sum = { sent: 0, decoded: 0, captured: 0 };
    for (const { seen } of window.watched) for (const of in sum) sum[of] += seen[of];
    return sum;
}"""
# Resolves when enough pictures were taken by the camera for a leak to show, or when none are taken any more.
A_WHILE_OF_PICTURES = f"""async () => {{
    const statistics = {STATISTICS};
    const before = (await statistics()).captured, since = performance.now();
    while (performance.now() - since < 700 && (await statistics()).captured - before < 15)
        await new Promise((next) => requestAnimationFrame(next));
}}"""


class Victim:
    """One browser profile: what it remembers survives `open`, and ends with the test."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self.context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
        self.context.grant_permissions(["camera", "microphone"], origin=origin)
        self.context.add_init_script(WATCH_MEDIA)
        self.page = self.context.new_page()
        self.console: list[str] = []
        self.page.on("console", lambda line: self.console.append(line.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))

    def __enter__(self) -> "Victim":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.context.close()

    def open(self, url: str) -> "Victim":
        self.page.goto("about:blank")  # a link that differs in nothing would not load again
        self.page.goto(url)
        return self

    def ask_to_join(self, name: str = "Vera") -> "Victim":
        self.page.get_by_role("textbox", name="Your name").fill(name)
        self.page.get_by_role("button", name="Join", exact=True).click()
        return self

    def try_to_join(self) -> None:
        """Joins if the page still offers it: some lies are refused before, some only after."""
        join = self.page.get_by_role("button", name="Join", exact=True)
        alert = self.alert()
        expect(join.or_(alert).first).to_be_visible()
        try:
            if not alert.count():
                self.page.get_by_role("textbox", name="Your name").fill("Vera", timeout=10_000)
                expect(join.and_(self.page.locator(":enabled")).or_(alert).first).to_be_visible()
            if not alert.count():
                join.click(timeout=10_000)
        except TimeoutError:  # refused between looking and doing: the form is gone
            expect(alert.first).to_be_visible()

    def is_in(self) -> None:
        expect(self.page.get_by_role("button", name="Leave")).to_be_visible()
        expect(self.page.get_by_role("button", name="People", exact=True)).to_be_visible()  # a lobby can be left, too

    def leave(self) -> None:
        self.page.get_by_role("button", name="Leave").click()
        expect(self.page.get_by_role("button", name="Leave")).to_have_count(0)

    def alert(self) -> Any:
        return self.page.get_by_role("alert").filter(has_text=CODE)

    def refuses(self, names: str, seconds: float = PATIENT) -> None:
        """An alert comes that carries the code of an error that goes by one of these names."""
        codes = codes_of(names)
        named = self.alert().filter(has_text=re.compile("|".join(codes)))
        try:
            expect(named.first).to_be_visible(timeout=seconds * 1000)
        except AssertionError:
            shown = self.alert().all_inner_texts()
            raise AssertionError(f"{names}: expected {codes}, shown {shown}") from None

    def statistics(self) -> dict[str, int]:
        return self.page.evaluate(STATISTICS)

    def sends(self) -> None:
        """Waits until sealed frames leave this page."""
        self._grows("sent", "no media was ever sent")

    def sees(self) -> None:
        """Waits until somebody else's pictures are decoded here."""
        self._grows("decoded", "nobody's pictures were decoded")

    def _grows(self, what: str, otherwise: str) -> None:
        before, until = self.statistics()[what], time.monotonic() + 2 * PATIENT
        while time.monotonic() < until:
            self.page.evaluate(A_WHILE_OF_PICTURES)
            if self.statistics()[what] > before:
                return
        raise AssertionError(otherwise)

    def never_sent(self) -> None:
        self.page.evaluate(A_WHILE_OF_PICTURES)
        assert self.statistics()["sent"] == 0

    def sends_no_more(self) -> None:
        """What was on its way may leave; then nothing does, for longer than a picture takes."""
        still, until = 0, time.monotonic() + SETTLED
        before = self.statistics()["sent"]
        while still < 2:
            self.page.evaluate(A_WHILE_OF_PICTURES)
            now = self.statistics()["sent"]
            still, before = still + 1 if now == before else 0, now
            assert still or time.monotonic() < until, "it goes on sending"

    def people(self) -> set[str]:
        figures = self.page.get_by_role("figure").or_(self.page.get_by_role("group"))
        return {figure.get_attribute("aria-label") or "" for figure in figures.all()}
