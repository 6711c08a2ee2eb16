"""A figure with what it is compared with, and the table of all of them.
Not here: where they come from."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`beside`: a budget, which must not be passed, or a baseline of this run, which says how the machine is today."""

    name: str
    value: float
    unit: str
    beside: float | None = None
    kind: str = "budget"

    @property
    def kept(self) -> bool:
        return self.kind != "budget" or self.beside is None or self.value <= self.beside

    def line(self) -> str:
        text = f"{self.name:<46}{written(self.value):>12} {self.unit:<8}"
        if self.beside is None:
            return text
        mark = "" if self.kept else "  OVER BUDGET"
        return f"{text}{self.kind} {written(self.beside)} {self.unit} ({self.value / self.beside:.2f}×){mark}"


def written(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" if value < 100 else f"{value:.1f}"


def table(title: str, figures: Iterable[Figure]) -> str:
    return "\n".join([f"\n{title}", "-" * len(title), *(figure.line() for figure in figures)])


def percentile(values: Iterable[float], part: float) -> float:
    """The nearest rank: a value that was measured."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * part // 100).__trunc__() - 1)]
