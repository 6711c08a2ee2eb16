"""One network and one playwright for all tests here.
What is made real on it, and what must be said of it, is in the tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, sync_playwright

from browser.network import may_have_own_network

from .hosts import DEVICE, OTHER, SERVERS, Host, network


@pytest.fixture(scope="package")
def alone() -> Iterator[None]:
    if not may_have_own_network():
        pytest.skip("networks are made by root")
    with network():
        yield


@pytest.fixture(scope="package")
def device(alone: None) -> Iterator[Host]:
    """The one that is recorded."""
    host = Host(*DEVICE)
    yield host
    host.close()


@pytest.fixture(scope="package")
def other(alone: None) -> Iterator[Host]:
    host = Host(*OTHER)
    yield host
    host.close()


@pytest.fixture(scope="package")
def servers(alone: None) -> Iterator[Host]:
    host = Host(*SERVERS)
    yield host
    host.close()


@pytest.fixture(scope="package")
def playwright(alone: None) -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright
