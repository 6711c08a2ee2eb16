"""A meeting's key file makes another device its owner and host; without its passphrase it makes nothing of it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from .person import Person
from .server import Server

PASSPHRASE = "four quick snails cross"
WRONG = "four quick snails pause"
TITLE = "Surgery of the heart"
# What this device keeps of its meetings, without what the page's code says of it.
KEPT = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("ringfence");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const asking = opening.result.transaction("meetings").objectStore("meetings").getAll();
    asking.onsuccess = async () => {
      opening.result.close();
      resolve(await Promise.all(asking.result.map(async ({ meeting, owner, host }) => ({
        meeting,
        secret: [owner, host].map((pair) => pair && pair.privateKey.extractable),
        taken: await Promise.allSettled([owner, host].map((pair) =>
          pair ? crypto.subtle.exportKey("pkcs8", pair.privateKey) : null)).then((all) =>
            all.map(({ status }) => status)),
      }))));
    };
  };
})"""
ESCAPES_AT_A_LINK = """() => document.addEventListener("focusin", ({ target }) => {
  if (target.localName !== "a") return;
  queueMicrotask(() => {
    for (const type of ["keydown", "keyup"])
      target.dispatchEvent(new KeyboardEvent(type, { key: "Escape", bubbles: true, cancelable: true }));
  });
})"""


def make(person: Person, who: str) -> str:
    """A meeting that is not opened yet; answers the link."""
    person.begin_meeting(TITLE)
    person.choose("Who can join", who)
    person.press("Create meeting")
    link = person.page.get_by_role("textbox", name="Meeting link")
    expect(link).to_have_value(re.compile(r"/m/[\w-]{22}#[\w-]{43}$"))
    return link.input_value()


def keep(person: Person, folder: Path) -> Path:
    person.press("Keep a copy")
    for name in ("Passphrase", "Passphrase again"):
        person.page.get_by_role("textbox", name=name, exact=True).fill(PASSPHRASE)
    with person.page.expect_download() as download:
        person.press("Save the file")
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    expect(person.page.get_by_role("link", name="Save it again")).to_be_focused()
    return file


def bring(person: Person, file: Path, passphrase: str) -> None:
    """Fills in the dialog, which is opened if it is not."""
    if not person.page.get_by_role("dialog").count():
        person.page.goto(person.origin)
        person.press("Import a meeting")
    person.page.get_by_label("Key file").set_input_files(file)
    person.page.get_by_role("textbox", name="Passphrase", exact=True).fill(passphrase)
    person.press("Import")


def recent(page: Page) -> Locator:
    """What the list of meetings has of this one; an open dialog hides the list."""
    return page.get_by_role("link", name=re.compile(TITLE))


@pytest.fixture(scope="module")
def kept(resident: Callable[..., Person], tmp_path_factory: pytest.TempPathFactory) -> tuple[Person, str, Path]:
    """Who made a meeting with a lobby, its link, and its key file."""
    ada = resident("Adelheid")
    link = make(ada, "People I admit")
    return ada, link, keep(ada, tmp_path_factory.mktemp("kept"))


def test_another_device_is_host_with_file_and_passphrase(
    kept: tuple[Person, str, Path], somebody: Callable[..., Person]
) -> None:
    _, link, file = kept
    eva, ben = somebody("Adelheid at home"), somebody("Benedikt")
    bring(eva, file, PASSPHRASE)
    opens = eva.page.get_by_role("link", name="Open meeting")
    expect(opens).to_be_focused()
    assert "#" not in (opens.get_attribute("href") or "")
    eva.page.keyboard.press("Enter")
    eva.ask_to_join().is_in()
    assert "#" not in eva.page.url
    ben.open(link).ask_to_join()
    ben.is_waiting()
    eva.admit("Benedikt")
    ben.is_in()
    eva.sees("Benedikt")
    eva.remove("Benedikt")
    ben.reads_removed()


def test_both_devices_of_the_owner_are_hosts_of_one_meeting(
    kept: tuple[Person, str, Path], somebody: Callable[..., Person]
) -> None:
    ada, link, file = kept
    ada.open(link).ask_to_join().is_in()
    eva, ben = somebody("Adelheid at home"), somebody("Bertrand")
    bring(eva, file, PASSPHRASE)
    eva.page.get_by_role("link", name="Open meeting").click()
    eva.ask_to_join().is_in()
    ben.open(link).ask_to_join()
    ben.is_waiting()
    eva.admit("Bertrand")
    ben.is_in()
    eva.leave()
    ada.remove("Bertrand")
    ben.reads_removed()
    ada.leave()


def test_who_was_a_guest_on_a_device_becomes_host_there(
    resident: Callable[..., Person], somebody: Callable[..., Person], tmp_path: Path
) -> None:
    ada, eva, ben = resident("Anselm"), somebody("Eva"), somebody("Bruno")
    link = make(ada, "Anyone with the link")
    file = keep(ada, tmp_path)
    ada.open(link).ask_to_join().is_in()
    eva.join(link)
    ben.join(link)
    eva.leave()
    bring(eva, file, PASSPHRASE)
    eva.page.get_by_role("link", name="Open meeting").click()
    eva.ask_to_join().is_in()
    eva.remove("Bruno")
    ben.reads_removed()


def test_the_meeting_is_not_opened_while_its_file_is_being_sealed(somebody: Callable[..., Person]) -> None:
    quick = somebody("Quirin")
    make(quick, "People I admit")
    quick.press("Keep a copy")
    for name in ("Passphrase", "Passphrase again"):
        quick.page.get_by_role("textbox", name=name, exact=True).fill(PASSPHRASE)
    opening = quick.page.get_by_role("link", name="Open meeting").element_handle()
    with quick.page.expect_download():
        quick.page.get_by_role("button", name="Save the file").evaluate(
            "(save, opening) => { save.click(); setTimeout(() => opening.click()); }", opening
        )
    expect(quick.page.get_by_role("link", name="Save it again")).to_be_focused()
    quick.page.get_by_role("link", name="Open meeting").click()
    expect(quick.page.get_by_role("button", name="Join")).to_be_visible()


def test_a_file_is_imported_by_keyboard_alone(kept: tuple[Person, str, Path], somebody: Callable[..., Person]) -> None:
    _, _, file = kept
    eva = somebody("Eva")
    # Long before the key: a browser that is only then told to hand its own dialog over may show it first.
    eva.page.on("filechooser", lambda chooser: chooser.set_files(file))
    eva.page.goto(eva.origin)
    eva.button("Import a meeting").focus()
    eva.page.keyboard.press("Enter")
    expect(eva.page.get_by_label("Key file")).to_be_focused()
    eva.page.keyboard.press("Enter")
    expect(eva.page.get_by_label("Key file")).to_have_value(re.compile(re.escape(file.name)))
    eva.page.keyboard.press("Tab")
    eva.page.keyboard.type(PASSPHRASE)
    eva.page.keyboard.press("Enter")
    expect(eva.page.get_by_role("link", name="Open meeting")).to_be_focused()
    eva.page.keyboard.press("Escape")
    expect(eva.button("Import a meeting")).to_be_focused()


def test_escape_closes_the_dialog_as_soon_as_the_meeting_is_imported(
    kept: tuple[Person, str, Path], somebody: Callable[..., Person]
) -> None:
    _, _, file = kept
    eva = somebody("Eva")
    eva.page.goto(eva.origin)
    eva.press("Import a meeting")
    # Pressed when the link gets the focus, by whoever is quicker than the page.
    eva.page.evaluate(ESCAPES_AT_A_LINK)
    bring(eva, file, PASSPHRASE)
    expect(eva.page.get_by_role("dialog")).to_have_count(0)
    expect(eva.button("Import a meeting")).to_be_focused()


def test_a_server_that_got_another_address_still_takes_its_files(
    kept: tuple[Person, str, Path], somebody: Callable[..., Person]
) -> None:
    _, _, file = kept
    eva = somebody("Eva")
    assert "localhost" in eva.origin
    eva.origin = eva.origin.replace("localhost", "127.0.0.1")
    bring(eva, file, PASSPHRASE)
    expect(eva.page.get_by_text("is on this device now")).to_be_visible()


def test_a_wrong_passphrase_says_so_and_keeps_what_was_typed(
    kept: tuple[Person, str, Path], somebody: Callable[..., Person]
) -> None:
    _, _, file = kept
    eva = somebody("Eva")
    bring(eva, file, WRONG)
    eva.is_told("RF6113")
    assert eva.page.get_by_label("Key file").input_value().endswith(file.name)
    assert eva.page.get_by_role("textbox", name="Passphrase", exact=True).input_value() == WRONG
    assert eva.page.evaluate(KEPT) == []
    bring(eva, file, PASSPHRASE)
    expect(eva.page.get_by_role("link", name="Open meeting")).to_be_visible()
    eva.press("Close")
    expect(recent(eva.page)).to_be_visible()


def changed(file: Path, folder: Path, text: str) -> Path:
    other = folder / file.name
    other.write_text(text)
    return other


def test_other_files_are_refused_by_code(
    kept: tuple[Person, str, Path], somebody: Callable[..., Person], tmp_path: Path
) -> None:
    _, _, file = kept
    vectors = json.loads((Path(__file__).parents[2] / "docs/protocol/vectors/keyfile.json").read_text())
    newer = next(one["file"] for one in vectors["refused"] if one["code"] == "RF6112")
    eva = somebody("Eva")
    for text, code in (
        ("not a key file", "RF6111"),
        (file.read_text()[:-40], "RF6111"),
        (" " * 3_000_000, "RF6111"),
        (newer, "RF6112"),
        (vectors["file"], "RF6114"),
    ):
        bring(eva, changed(file, tmp_path, text), vectors["passphrase"])
        eva.is_told(code)
    expect(eva.page.get_by_text("It was made on https://meet.example.org.")).to_be_visible()


def test_a_meeting_that_is_here_already_is_left_as_it_is(kept: tuple[Person, str, Path]) -> None:
    ada, _, file = kept
    before = ada.page.goto(ada.origin) and ada.page.evaluate(KEPT)
    bring(ada, file, PASSPHRASE)
    expect(ada.page.get_by_text("is already on this device")).to_be_visible()
    assert ada.page.evaluate(KEPT) == before
    ada.press("Close")
    expect(recent(ada.page)).to_have_count(1)


def test_what_the_browser_keeps_cannot_be_taken_out_of_it_before_or_after_a_copy(
    somebody: Callable[..., Person], tmp_path: Path
) -> None:
    ada = somebody("Ada")
    make(ada, "Anyone with the link")
    [row] = ada.page.evaluate(KEPT)
    assert row["secret"] == [False, False]
    assert row["taken"] == ["rejected", "rejected"]
    keep(ada, tmp_path)
    assert ada.page.evaluate(KEPT) == [row]
    ada.press("Close")
    recent(ada.page).click()
    expect(ada.button("Join")).to_be_visible()


def test_file_and_logs_tell_nobody_a_secret(kept: tuple[Person, str, Path], server: Server) -> None:
    ada, link, file = kept
    secrets = [link.split("#")[1], PASSPHRASE, TITLE]
    text = file.read_text()
    assert not [secret for secret in secrets if secret in text]
    written = b"".join(path.read_bytes() for path in server.writings)
    assert written
    assert not [secret for secret in secrets if secret.encode() in written]
    assert not [line for line in ada.console if any(secret in line for secret in secrets)]
