"""Colour, on a terminal only. The commands print as the reports do."""

from runtime.report.style import Style, in_bytes, plural

__all__ = ["Style", "in_bytes", "plural"]
