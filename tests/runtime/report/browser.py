"""Headless Chromium: shows pages in frames of given widths, and brings back what a probe in each of them saw."""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-extensions")
DARK = "--blink-settings=preferredColorScheme=0"
HEIGHT = 6000

# In front of everything: errors of scripts, and of what the page's own policy forbids.
CATCH = """<script>window.seen = [];
addEventListener("error", (event) => seen.push(String(event.message || event.target.tagName)), true);
addEventListener("securitypolicyviolation", (event) => seen.push("policy: " + event.violatedDirective));</script>"""
SEND = """<script>addEventListener("load", () => setTimeout(() => {
  let found;
  try { found = (%s)(); } catch (problem) { seen.push(String(problem)); }
  parent.postMessage(JSON.stringify({errors: seen, found: found}), "*");
}, 50));</script>"""
FRAME = """<!doctype html><title>probe</title><style>body{margin:0}iframe{border:0;height:%dpx;width:%dpx}</style>
<pre id="told">nothing</pre>
<script>addEventListener("message", (event) => document.getElementById("told").textContent = event.data);</script>
<iframe src="%s"></iframe>"""


def browser() -> str:
    """The program. Skips where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no browser: apt install chromium")
    return found


def run(directory: Path, page: str, *arguments: str) -> str:
    """Run the browser on a file of the directory, with a profile of its own."""
    profile = f"--user-data-dir={directory / 'profile'}"
    done = subprocess.run([browser(), *ARGUMENTS, profile, *arguments, (directory / page).as_uri()],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def probe(directory: Path, text: str, width: int, question: str, *arguments: str) -> Any:
    """Show a page that wide, and ask it by a function in JavaScript. Fails where one of its scripts failed."""
    watched = text.replace("<head>", "<head>" + CATCH, 1).replace("</body>", SEND % question + "</body>", 1)
    (directory / "page.html").write_text(watched, encoding="utf-8")
    (directory / "frame.html").write_text(FRAME % (HEIGHT, width, "page.html"))
    shown = run(directory, "frame.html", "--virtual-time-budget=10000", "--dump-dom", *arguments)
    told = re.search(r'<pre id="told">(.*?)</pre>', shown, re.S)
    assert told and told[1] != "nothing", "the page did not answer"
    answer = json.loads(unescape(told[1]))
    assert answer["errors"] == []
    return answer["found"]
