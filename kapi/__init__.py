"""The kernel's API in Python: one file per kernel header. Importing this room makes every symbol known; none is bound yet."""

from importlib import import_module
from pathlib import Path

from kapi.registry import data, functions
from kapi.registry import thunks as code

__all__ = ["code", "data", "functions"]

for _path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
    import_module(f"kapi.{_path.stem}")
