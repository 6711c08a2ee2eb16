"""Calls of two Chromiums that go through Debian's coturn alone, over UDP, TCP and TLS: who is behind the relay is found
where it can be seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from audit.labelled import PLACES, RULES
from audit.tshark import differences, told, told_by_tshark
from captures.world import TURN
from ringfence import audit
from ringfence.audit import Audit, Flow, Question

from .certificate import certificate
from .coturn import Relay, coturn
from .hosts import DEVICE, OTHER, Host
from .pages import ANSWERED, FLAGS, RELAYED, page, receives
