"""Fixtures of the leak hunt."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support.fixtures import need  # noqa: E402, F401  (the path above makes it findable)
