"""kmodrun: run Linux kernel modules on an emulated machine with a kernel in Python."""

from runtime.check.findings import Finding
from runtime.machine import Machine, Module

__all__ = ["Finding", "Machine", "Module"]
