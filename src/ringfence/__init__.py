"""Ringfence: self-hosted, end-to-end encrypted video meetings that stay inside the fence their owner signed.
Nothing but the version is here: what the product does is in the folders beside this file."""

__version__ = "0.1.0"
