"""Precision and recall by label, over as many captures as one likes.
Not here: who found what."""

from collections import Counter
from collections.abc import Iterable

from .capture import Capture
from .labels import WITH_RECEIPT, Label


class Tally:
    """Counts what a reader found in captures. `receipt`: it was given the receipts of those that have one."""

    def __init__(self, receipt: bool = False) -> None:
        self.found: Counter[Label] = Counter()
        self.missed: Counter[Label] = Counter()
        self.false: Counter[Label] = Counter()
        # Name of the capture, and what was wrong with it.
        self.wrong: list[tuple[str, Label, str]] = []
        self._out: frozenset[Label] = frozenset() if receipt else WITH_RECEIPT

    def add(self, capture: Capture, found: Iterable[Label]) -> None:
        found, known = set(found), capture.expected
        for label in known.must - self._out:
            if label in found:
                self.found[label] += 1
            else:
                self.missed[label] += 1
                self.wrong.append((capture.name, label, "missed"))
        for label in known.false(found):
            self.false[label] += 1
            self.wrong.append((capture.name, label, "false"))

    def precision(self, label: Label) -> float:
        """Of what was found and was not optional, the part that is right; 1 where nothing was found."""
        claimed = self.found[label] + self.false[label]
        return self.found[label] / claimed if claimed else 1.0

    def recall(self, label: Label) -> float:
        """Of what was to be found, the part that was; 1 where there was nothing."""
        there = self.found[label] + self.missed[label]
        return self.found[label] / there if there else 1.0

    def table(self) -> str:
        """One line a label, as text."""
        lines = [f"{'finding':44} {'found':>6} {'missed':>6} {'false':>6} {'precision':>9} {'recall':>6}"]
        for label in Label:
            if label not in self._out:
                counts = f"{self.found[label]:6} {self.missed[label]:6} {self.false[label]:6}"
                lines.append(f"{label:44} {counts} {self.precision(label):9.3f} {self.recall(label):6.3f}")
        return "\n".join(lines)
