"""What it costs to use Ringfence, each figure beside a budget or a baseline of the same run; docs/bench.md reads them.
Not here: whether it is right (tests/)."""
