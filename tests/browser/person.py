"""Somebody with a browser: does and sees what a person can, by the roles and names on the page.
Statistics come from the browser itself; nothing of the page's own code is reached into."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from playwright.sync_api import Browser, Locator, Page, expect

from machine import PATIENT

# Chromium takes only the last --disable-features: this one stands in the place of Playwright's, so it says the same.
PLAYWRIGHT_DISABLES = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
ASKS_ITS_MAKER = (
    "AutofillServerCommunication",
    "OptimizationGuideModelDownloading",
    "OptimizationTargetPrediction",
    "Translate",
)
FLAGS = [
    "--headless=new",
    "--disable-gpu",
    "--no-sandbox",
    "--use-fake-device-for-media-stream=device-count=4,fps=10",  # three people share two cores here
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--autoplay-policy=no-user-gesture-required",
    # What this browser asks its maker for by itself, with any page or none, is not asked for here.
    "--disable-domain-reliability",
    "--disable-extensions",
    f"--disable-features={','.join((*PLAYWRIGHT_DISABLES, *ASKS_ITS_MAKER))}",
    "--optimization-guide-service-get-hints-url=https://127.0.0.1:9/",
    "--optimization-guide-service-get-models-url=https://127.0.0.1:9/",
    "--component-updater=url-source=http://127.0.0.1:9/",
    "--gaia-url=http://127.0.0.1:9/",
    "--google-apis-url=http://127.0.0.1:9/",
]
CODE = re.compile(r"RF\d{4}")
DEFAULT_FENCE = "Only this server"
PICTURES = Path(__file__).parents[2] / "test-results"

# Keeps each connection, so that the browser's own statistics can be asked for, every port that any of them ever
# opened, and what the page may not do.
WATCH = """
  window.connections = [];
  window.ports = new Set();
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (e) =>
    window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      window.connections.push(this);
      this.addEventListener("icecandidate", ({ candidate }) => {
        if (!candidate?.port) return;
        window.ports.add(candidate.port);
        window.openedPort(candidate.port);
      });
    }
  };
"""
STATISTICS = """async () => {
  const all = [];
  for (const connection of window.connections)
    if (connection.connectionState !== "closed")
      for (const report of (await connection.getStats()).values()) all.push(report);
  return all;
}"""
# Pictures shown by a tile's video, as the browser counts them.
SHOWN = "(video) => video.getVideoPlaybackQuality().totalVideoFrames"
# At one moment: the next epoch has another code.
CODE_AND_EPOCH = """(place) => ["verification-code", "epoch"].map((id) =>
  place.querySelector(`[data-testid="${id}"]`).innerText)"""
Statistics = list[dict[str, Any]]


def begins(name: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(name)}")


def agreed(*people: "Person") -> tuple[str, int]:
    """The code that all of them show, with its epoch, as soon as all show the same epoch."""
    shown: list[tuple[str, int]] = []

    def together() -> bool:
        shown[:] = [person.code() for person in people]
        return len({epoch for _, epoch in shown}) == 1

    people[0].until(together, lambda: f"the pages never show the same epoch: {shown}")
    assert len(set(shown)) == 1, f"one epoch, and not one code: {shown}"
    return shown[0]


class Person:
    """One browser profile with one page."""

    here: ClassVar[list["Person"]] = []
    # Every UDP port that a page of anybody has ever opened: a server goes on for a while to send to who has gone.
    ports: ClassVar[set[int]] = set()

    def __init__(self, browser: Browser, origin: str, name: str, **context: Any) -> None:
        self.name, self.origin = name, origin
        laptop = {"viewport": {"width": 1120, "height": 700}, "locale": "en-GB"}
        self.context = browser.new_context(**laptop | context)
        self.context.set_default_timeout(1000 * PATIENT)
        self.context.grant_permissions(["camera", "microphone"], origin=origin)
        self.context.expose_binding("openedPort", lambda _, port: Person.ports.add(port))
        self.context.add_init_script(WATCH)
        self.page: Page = self.context.new_page()
        self.console: list[str] = []
        self.heard: list[str] = []  # what the server said on the WebSocket
        self.said: list[str] = []
        self.page.on("console", lambda line: self.console.append(f"{line.type}: {line.text}"))
        self.page.on("pageerror", lambda error: self.console.append(f"error: {error}"))
        self.page.on("websocket", self._listen)
        Person.here.append(self)

    def has_cores(self, count: int) -> "Person":
        """Its device is one of so many cores, whatever this one is. Before the page is opened."""
        self.context.add_init_script(
            f"Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', {{ get: () => {count} }});"
        )
        return self

    def _listen(self, socket: Any) -> None:
        socket.on("framereceived", lambda frame: self.heard.append(str(frame)))
        socket.on("framesent", lambda frame: self.said.append(str(frame)))

    def close(self) -> None:
        Person.here.remove(self)
        self.context.close()

    @classmethod
    def photograph_all(cls, occasion: str) -> None:
        for person in cls.here:
            person.picture(f"failed-{occasion}-{person.name}")
            print(f"{person.name} is told:", *person.page.get_by_role("alert").all_inner_texts(), sep="\n  ")
            print(f"{person.name}'s console:", *person.console[-12:], sep="\n  ")

    # names on the page

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name, exact=isinstance(name, str))

    def press(self, name: str | re.Pattern[str]) -> None:
        self.button(name).click()

    def tile(self, name: str) -> Locator:
        tiles = self.page.get_by_role("figure", name=begins(name))
        return tiles.or_(self.page.get_by_role("group", name=begins(name)))

    def mark(self, name: str, mark: str) -> Locator:
        """What somebody's tile says of them beside the name: muted, camera off."""
        return self.tile(name).get_by_role("img", name=mark)

    def alerts(self) -> set[str]:
        """The codes of all alerts, as soon as there is one. More may come: `is_told` waits for those."""
        alert = self.page.get_by_role("alert").filter(has_text=CODE)
        expect(alert.first).to_be_visible()
        return set(CODE.findall(" ".join(alert.all_inner_texts())))

    def is_told(self, *codes: str) -> None:
        """These are the codes of all alerts, and no others."""
        told: set[str] = set()

        def exactly() -> bool:
            nonlocal told
            told = self.alerts()
            return told == set(codes)

        self.until(exactly, lambda: f"is told {told}, not {set(codes)}")

    def reads_that_the_server_is_lost(self) -> None:
        """With its code, and for how long so far."""
        alert = self.page.get_by_role("alert").filter(has_text="The connection to the server is lost")
        expect(alert.filter(has_text="RF6104").get_by_role("timer")).to_have_text(re.compile(r"\d+ s"))

    def picture(self, name: str) -> None:
        PICTURES.mkdir(exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png")

    # before the call

    def begin_meeting(self, title: str) -> Locator:
        """The dialog, filled in but for what it offers by itself."""
        self.page.goto(self.origin)
        self.press("New meeting")
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("textbox", name="Meeting name").fill(title)
        fence = dialog.get_by_role("radiogroup", name="Fence")
        expect(fence.get_by_role("radio", name=DEFAULT_FENCE)).to_be_checked()
        return dialog

    def choose(self, group: str, option: str) -> None:
        self.pick(self.page.get_by_role("radiogroup", name=group).get_by_role("radio", name=option))

    def pick(self, radio: Locator) -> None:
        radio.focus()
        self.page.keyboard.press("Space")
        expect(radio).to_be_checked()

    def new_meeting(self, title: str, who: str = "Anyone with the link") -> str:
        """Makes a meeting and opens it here; answers the link for others."""
        self.begin_meeting(title)
        self.choose("Who can join", who)
        self.press("Create meeting")
        link = self.page.get_by_role("textbox", name="Meeting link")
        expect(link).to_have_value(re.compile(r"/m/[\w-]{22}#[\w-]{43}$"))
        address = link.input_value()
        opens = self.button("Open meeting").or_(self.page.get_by_role("link", name="Open meeting"))
        opens.click()
        return address

    def open(self, link: str) -> "Person":
        self.page.goto(link)
        return self

    def ask_to_join(self) -> "Person":
        self.page.get_by_role("textbox", name="Your name").fill(self.name)
        self.press("Join")
        return self

    def is_waiting(self) -> None:
        expect(self.page.get_by_text(re.compile("waiting", re.IGNORECASE)).first).to_be_visible()

    def is_in(self) -> "Person":
        expect(self.button("Leave")).to_be_visible()
        expect(self.button("People")).to_be_visible()  # a lobby can be left, too
        return self

    def join(self, link: str) -> "Person":
        return self.open(link).ask_to_join().is_in()

    # in the call

    def admit(self, name: str) -> None:
        self.press(re.compile(rf"^Admit.*{re.escape(name)}"))

    def deny(self, name: str) -> None:
        self.press(re.compile(rf"^Deny.*{re.escape(name)}"))

    def remove(self, name: str) -> None:
        self.panel("People")
        self.press(f"Remove {name}")
        self.page.get_by_role("alertdialog").or_(self.page.get_by_role("dialog")).get_by_role(
            "button", name="Remove", exact=True
        ).click()

    def panel(self, name: str) -> None:
        """Opens a side panel, unless it is open."""
        button = self.button(re.compile(rf"^{name}"))
        if button.first.get_attribute("aria-expanded") != "true":
            button.first.click()

    def chat(self, text: str) -> None:
        self.panel("Chat")
        self.page.get_by_role("textbox", name="Message").fill(text)
        self.press("Send")

    def reads(self, text: str) -> None:
        self.panel("Chat")
        expect(self.page.get_by_role("log").get_by_text(text)).to_be_visible()

    def place(self) -> Locator:
        """The panel that tells where the meeting is."""
        code = self.page.get_by_test_id("verification-code")
        if not code.count():
            self.press(begins("Where this meeting is"))
        region = self.page.get_by_role("dialog").or_(self.page.get_by_role("complementary"))
        return region.filter(has=code)

    def code(self) -> tuple[str, int]:
        """The verification code and its epoch."""
        place = self.place()
        code = place.get_by_test_id("verification-code")
        expect(code).to_have_text(re.compile(r"\d{5}\s+\d{5}\s+\d{5}\s+\d{5}"))
        shown, epoch = place.evaluate(CODE_AND_EPOCH)
        return re.sub(r"\D+", " ", shown).strip(), int(re.search(r"\d+", epoch)[0])

    def leave(self) -> None:
        self.press("Leave")
        expect(self.button("Leave")).to_have_count(0)

    def reads_removed(self) -> None:
        expect(self.page.get_by_text(re.compile("removed", re.IGNORECASE)).first).to_be_visible()

    # media

    def sees(self, name: str) -> None:
        """Somebody's tile shows pictures that move."""
        video = self.tile(name).locator("video")
        expect(video).to_be_visible()
        before = video.evaluate(SHOWN)

        def moves() -> bool:
            nonlocal before
            now = video.evaluate(SHOWN)
            before = min(before, now)  # another element in its place counts from nothing
            return now > before + 3

        self.until(moves, f"{name}'s picture stands still")

    def sees_nothing_of(self, name: str) -> None:
        """Somebody's tile shows no picture that moves."""
        video = self.tile(name).locator("video")

        def stands() -> bool:
            before = video.evaluate(SHOWN)
            self.page.evaluate("() => new Promise((next) => setTimeout(next, 700))")
            return video.evaluate(SHOWN) == before

        self.until(stands, f"{name}'s picture moves")

    def until(self, holds: Any, otherwise: str | Callable[[], str], seconds: float = 2 * PATIENT) -> Any:
        """Waits on what only the browser can tell; each look is some frames of the page later."""
        clock = "() => performance.now()"
        end = self.page.evaluate(clock) + seconds * 1000
        while not (answer := holds()):
            if self.page.evaluate(clock) > end:
                raise AssertionError(f"{self.name}: {otherwise if isinstance(otherwise, str) else otherwise()}")
            self.page.evaluate("() => new Promise((next) => setTimeout(next, 100))")
        return answer

    def statistics(self, type: str, **wanted: Any) -> Statistics:
        """The browser's reports of this type with these values."""
        reports = self.page.evaluate(STATISTICS)
        return [r for r in reports if r["type"] == type and all(r.get(k) == v for k, v in wanted.items())]

    def pictures(self, way: str) -> Statistics:
        """The lines on which pictures went that way ("inbound" or "outbound"), each with its codec by name."""
        codecs = {codec["id"]: codec["mimeType"] for codec in self.statistics("codec")}
        counted = "framesDecoded" if way == "inbound" else "framesEncoded"
        lines = (line for line in self.statistics(f"{way}-rtp", kind="video") if line.get(counted))
        return [line | {"codec": codecs.get(line.get("codecId")), "made": line[counted]} for line in lines]

    def own_media_port(self) -> int:
        """The UDP port that media leaves from."""
        pair = self.statistics("candidate-pair", nominated=True)[0]
        return self.statistics("local-candidate", id=pair["localCandidateId"])[0]["port"]

    def own_ports(self) -> set[int]:
        """Every UDP port that a connection of this page has opened, also one that is closed by now."""
        found = {candidate["port"] for candidate in self.statistics("local-candidate")}
        return found | set(self.page.evaluate("[...window.ports]"))

    def total(self, type: str, field: str, **wanted: Any) -> float:
        return sum(r.get(field) or 0 for r in self.statistics(type, **wanted))
