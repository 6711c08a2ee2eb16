"""The pages stay within the budgets that people with a slow line were promised.
Not here: how fast they are (bench/)."""

import pytest

from bench import weight


@pytest.mark.parametrize("figure", weight.figures(), ids=lambda figure: figure.name)
def test_pages_stay_within_their_budget(figure) -> None:
    assert figure.kept, figure.line()
