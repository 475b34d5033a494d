"""Every place that a kernel function warns or stops at is in the table of sites."""

import re
from pathlib import Path

from runtime.oops import sites

ROOT = Path(__file__).resolve().parents[3]


def test_every_site_that_is_named_exists() -> None:
    named = set()
    for path in [*(ROOT / "kapi").rglob("*.py"), *(ROOT / "runtime").rglob("*.py")]:
        text = path.read_text()
        named |= {
            ("warn", name)
            for name in re.findall(r"(?:trouble|printer|self)\.warn\(\s*\"(\w+)\"\s*[,)]", text)
            if "/mm/" not in str(path)
        }
        named |= {("bug", name) for name in re.findall(r"trouble\.bug\(\s*\"(\w+)\"", text)}
    assert len(named) > 15
    missing = [name for kind, name in named if name not in (sites.WARNINGS if kind == "warn" else sites.BUGS)]
    assert not missing
