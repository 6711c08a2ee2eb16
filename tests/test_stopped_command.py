"""The command, when Ctrl-C stops it while it is still loading: one line, and the status that shells know."""

import subprocess
import sys

# A finder of modules that presses Ctrl-C at one of them.
STOPS = """
import signal
import sys

# A shell starts what runs in its background with interrupts ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

class Stops:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Stops())
from ringfence.cli.main import main
sys.exit(main(["--version"]))
"""


def test_ctrl_c_while_it_loads_is_one_line() -> None:
    for name in ("ringfence.cli.serve", "ringfence.audit.document"):
        done = subprocess.run(
            [sys.executable, "-c", STOPS.format(name=name)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (130, "", "Stopped.\n")


def test_what_is_not_stopped_goes_on() -> None:
    done = subprocess.run([sys.executable, "-c", STOPS.format(name="")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ringfence ")
