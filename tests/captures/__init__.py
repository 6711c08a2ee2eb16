"""Labelled captures from a seed. README.md in this folder says what each is.
Not here: anything that reads a capture."""

from . import scenes as _scenes
from .capture import SCENES, Base, Capture, Receipt, Scene, clean_copy, played
from .files import Form, Link
from .labels import WITH_RECEIPT, Endpoint, Expected, Flow, Label, Protocol, Way
from .mutants import MUTATIONS, Mutation, mutant, mutants, prefixes
from .tally import Tally
from .world import FENCE, IPV4, IPV6, REGISTRY, Network

__all__ = [
    "FENCE",
    "IPV4",
    "IPV6",
    "MUTATIONS",
    "REGISTRY",
    "SCENES",
    "WITH_RECEIPT",
    "Base",
    "Capture",
    "Endpoint",
    "Expected",
    "Flow",
    "Form",
    "Label",
    "Link",
    "Mutation",
    "Network",
    "Protocol",
    "Receipt",
    "Scene",
    "Tally",
    "Way",
    "clean_copy",
    "mutant",
    "mutants",
    "played",
    "prefixes",
]
del _scenes
