"""An owner puts a fence together from fields, or brings it as a file; what it says is said before it is signed."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from .person import Person

WHERE = "Countries where servers may stand"


def test_a_meeting_is_held_inside_a_fence_that_was_put_together(somebody: Callable[..., Person]) -> None:
    ada, ben = somebody("Adelheid"), somebody("Benedikt")
    dialog = ada.begin_meeting("Rounds")
    ada.choose("Fence", "Write my own")
    card = dialog.locator("label", has=ada.page.get_by_role("radio", name="Write my own"))
    says = dialog.get_by_role("region", name="What this fence says")
    expect(says.get_by_text("No server is allowed")).to_be_visible()
    expect(card.get_by_text("allows 0 of 1 server")).to_be_visible()
    dialog.get_by_role("textbox", name="Name of the fence").fill("Our clinic")
    dialog.get_by_role("combobox", name=f"Add to: {WHERE}").select_option(label="Canada")
    expect(says.get_by_text("Servers are allowed in: Canada.")).to_be_visible()
    # This server says no country, and stands on a private address: it has to be named.
    expect(card.get_by_text("RF2104")).to_be_visible()
    dialog.get_by_role("checkbox", name=re.compile("This very server")).check()
    expect(card.get_by_text("allows 1 of 1 server")).to_be_visible()
    ada.picture("own-fence")
    ada.press("Create meeting")
    link = ada.page.get_by_role("textbox", name="Meeting link").input_value()
    ada.open(link).ask_to_join().is_in()
    ben.join(link)
    ben.sees("Adelheid")
    expect(ben.place().get_by_text(re.compile("inside the fence “Our clinic”"))).to_be_visible()
    expect(ben.place().get_by_text("Servers are allowed in: Canada.")).to_be_visible()


def test_a_mistake_in_a_file_is_told_with_its_line(somebody: Callable[..., Person], tmp_path: Path) -> None:
    ada = somebody("Adelheid")
    dialog = ada.begin_meeting("Rounds")
    ada.choose("Fence", "Write my own")
    file = tmp_path / "fence.toml"
    file.write_text('name = "x"\nversion = 1\n[allow]\ncountries = ["Canada"]\n')
    dialog.locator("input[type=file]").set_input_files(file)
    alert = dialog.get_by_role("alert").filter(has_text="RF2001")
    expect(alert).to_contain_text("line 4: `Canada` is neither a country")
    file.write_text('name = "x"\nversion = 1\n[allow]\ncountries = ["CA"]\n[roles.storage]\nlaw = ["CA"]\n')
    dialog.locator("input[type=file]").set_input_files(file)
    expect(alert).to_have_count(0)
    says = dialog.get_by_role("region", name="What this fence says")
    expect(says.get_by_text("For storage, also of servers that are named: law Canada.")).to_be_visible()
    with ada.page.expect_download() as download:
        ada.press("Save as a file")
    assert Path(download.value.path()).read_text() == file.read_text()


WHOLE = """name = "Everything"
version = 1

[allow]
countries = ["CA", "FR"]
law = ["*"]
operators = ["example-coop", "other"]
nodes = ["{node}"]

[evidence]
minimum = "stated"
exclude = ["CN"]
liars = 1
sources = ["registry"]

[roles.storage]
countries = ["CA"]
law = ["CA"]

[roles.media]
operators = ["other"]
"""


def test_a_file_with_everything_in_it_is_in_the_fields_and_comes_out_as_it_was(
    somebody: Callable[..., Person], tmp_path: Path
) -> None:
    ada = somebody("Adelheid")
    dialog = ada.begin_meeting("Rounds")
    ada.choose("Fence", "Write my own")
    node = ada.page.evaluate("fetch('/api/v1/node').then((answer) => answer.json())")["node"]
    file = tmp_path / "fence.toml"
    file.write_text("# Ours\n" + WHOLE.format(node=node))
    dialog.locator("input[type=file]").set_input_files(file)
    expect(ada.button("Take other from: Operators for media")).to_be_visible()
    expect(ada.button("Take Canada from: Laws for storage")).to_be_visible()
    expect(dialog.get_by_role("checkbox", name=re.compile("This very server"))).to_be_checked()
    # It is named, but for media its operator is not.
    says = dialog.get_by_role("region", name="What this fence says")
    expect(says.get_by_text(re.compile("^refused \\(.*media"))).to_be_visible()
    ada.press("Take other from: Operators for media")
    ada.press("No rule of its own for: media")
    storage = dialog.get_by_role("group", name=re.compile("^storage: "))
    storage.get_by_role("checkbox", name="Countries of its own").uncheck()
    storage.get_by_role("checkbox", name="Laws of its own").uncheck()
    expect(says.get_by_text("allowed, for all that it does")).to_be_visible()
    ada.picture("own-fence-whole")
    with ada.page.expect_download() as download:
        ada.press("Save as a file")
    said = WHOLE.format(node=node).split("[roles")[0] + "[roles.storage]\n"
    assert Path(download.value.path()).read_text() == said
