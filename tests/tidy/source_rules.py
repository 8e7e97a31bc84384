"""Rules of sources: what includes what, and what may not be there."""

import posixpath
import re

from tree import Finding, code_of

# Which folders each folder may include from; the longest name that fits holds. A folder sees itself.
# ARCHITECTURE.md has the picture.
MACHINE = ["scheduler/state", "scheduler/framework", "scheduler/core"]
SEES = {
    "base": [],
    "net": ["base"],
    "kube": ["base"],
    "kube/client": ["kube", "net", "base"],
    "scheduler/state": ["kube", "base"],
    "scheduler/framework": ["scheduler/state", "kube", "base"],
    "scheduler/core": ["scheduler/framework", "scheduler/state", "kube", "base"],
    "scheduler/explain": [*MACHINE, "kube", "base"],
    "plugins/*": ["scheduler/framework", "scheduler/state", "kube", "base"],
    "policy": ["plugins/*", *MACHINE, "kube", "base"],
    "cluster": ["net", "kube", "base"],
    "extender": ["policy", *MACHINE, "kube", "net", "base"],
    "live": ["extender", "policy", "scheduler/explain", *MACHINE, "kube/client", "kube", "net", "base"],
    "cmd": ["live", "extender", "cluster", "policy", "plugins/*", "scheduler/explain", *MACHINE, "kube/client", "kube", "net", "base"],
}
# These may include everything.
FREE = ("tests/", "bench/")

# Clocks, chance and sleep belong to those who drive the machine.
MAY_TELL_TIME = ("base/", "net/", "live/", "cmd/", "bench/",
                 "tests/net/", "tests/live/", "tests/integration/", "tests/support/")
TIME_OR_CHANCE = re.compile(
    r"std::chrono::(?:system|steady|high_resolution)_clock|\babsl::Now\s*\(|\bSystemClock\b"
    r"|(?<![\w.>])(?:std::|::)?time\s*\(\s*(?:nullptr|NULL|0|&)|\b(?:clock_gettime|gettimeofday)\s*\("
    r"|(?<![\w.>])(?:std::)?s?rand\s*\(|\brandom_device\b"
    r"|(?<![\w.>])(?:u|nano)?sleep\s*\(|\bsleep_(?:for|until)\b|\bSleepFor\b")

# Spelled apart, so that this file does not break its own rule.
MARKERS = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK|GTEST_" r"SKIP)\b|\bDISABLED" r"_")

MAX_LINES = 600


def owner(path):
    """Returns the entry of SEES that a file belongs to, or None."""
    folder = posixpath.dirname(path)
    while folder:
        if folder in SEES:
            return folder
        if posixpath.dirname(folder) == "plugins":
            return folder
        folder = posixpath.dirname(folder)
    return None


def may_include(user, used):
    """Returns true if a file of folder `user` may include one of folder `used`."""
    if user == used:
        return True
    allowed = SEES["plugins/*" if user.startswith("plugins/") else user]
    return used in allowed or (used.startswith("plugins/") and "plugins/*" in allowed)


def include_direction(tree):
    """Includes point one way, from the root of the tree."""
    tops = tree.top_folders()
    for path in tree.matching(".h", ".cc"):
        user = None if path.startswith(FREE) else owner(path)
        for number, line in tree.lines(path):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            target = match.group(1)
            if target.split("/")[0] not in tops:
                if tree.exists(posixpath.join(posixpath.dirname(path), target)):
                    yield Finding(path, number, "include", f'write the path of "{target}" from the root')
                continue
            if not tree.exists(target):
                yield Finding(path, number, "include", f"{target} does not exist")
                continue
            if user is None:
                continue
            used = owner(target)
            if used is None:
                yield Finding(path, number, "include", f"{user} may not include {target}: it belongs to no library")
            elif not may_include(user, used):
                yield Finding(path, number, "include",
                              f"{user} may not see {used}; move the code, or put an interface where both see it")


def left_over(tree):
    """Nothing is left for later."""
    for path in tree.paths:
        for number, line in tree.lines(path):
            match = MARKERS.search(line)
            if match:
                yield Finding(path, number, "left-over", f'finish what "{match.group(0)}" marks, or drop it')


def header_form(tree):
    """A header opens with its purpose and is included once."""
    for path in tree.matching(".h"):
        text = tree.text(path)
        if not text.startswith("// "):
            yield Finding(path, 1, "header", "open with a comment that says the purpose and the contract")
        if "\n#pragma once\n" not in text:
            yield Finding(path, 1, "header", "add #pragma once after the opening comment")


def length(tree):
    """A file can be read in one sitting."""
    for path in tree.paths:
        count = len(tree.text(path).splitlines())
        if count > MAX_LINES:
            yield Finding(path, count, "length", f"{count} lines; split it at a seam, {MAX_LINES} are the limit")


def blanks(tree):
    """Text ends with one newline and has no blanks at the ends of lines."""
    for path in tree.paths:
        text = tree.text(path)
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            yield Finding(path, text.count("\n") + 1, "blanks", "end the file with one newline")
        for number, line in tree.lines(path):
            if line != line.rstrip():
                yield Finding(path, number, "blanks", "remove the blanks at the end of the line")


def built(tree):
    """Every source is part of a target."""
    listed = set()
    for cmake, arguments in tree.cmake_calls(r"heat_\w+", "add_executable", "add_library", "target_sources"):
        for argument in arguments:
            listed.add(posixpath.normpath(posixpath.join(posixpath.dirname(cmake), argument)))
    for path in tree.matching(".cc"):
        if path not in listed:
            yield Finding(path, 1, "built", "list it in the CMakeLists.txt of its folder, or remove it")


def determinism(tree):
    """What decides is told the time, and draws from a seed."""
    for path in tree.matching(".h", ".cc"):
        if path.startswith(MAY_TELL_TIME):
            continue
        for number, line in enumerate(code_of(tree.text(path)).splitlines(), start=1):
            match = TIME_OR_CHANCE.search(line)
            if match:
                yield Finding(path, number, "determinism",
                              f"no {match.group(0).strip()} here: take an Instant or a Random as an argument")


RULES = [include_direction, left_over, header_form, length, blanks, built, determinism]
