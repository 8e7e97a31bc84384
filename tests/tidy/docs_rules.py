"""Rules of documents: what they point to is there."""

import glob
import posixpath
import re

from tree import Finding

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
CODE_SPAN = re.compile(r"`([^`\n]+)`")
RUN_VERB = re.compile(r"(?:^|[\s`(])\./run\s+([a-z][\w-]*)")
BINARY_PATH = re.compile(r"\bbin/([\w-]+)")
PATH_LIKE = re.compile(r"[\w.*-]+(?:/[\w.*-]+)+/?")
TEST_NAME = re.compile(r"([A-Z]\w*)\.([A-Z]\w*)")
TEST_CASE = re.compile(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", re.M)
# Programs of ours, by how they are named.
OURS = re.compile(r"(?:heat|cpu)-[a-z][\w-]*|[a-z]+_tests")


def slug(heading):
    """Returns the anchor that a heading gets."""
    kept = re.sub(r"[^\w\- ]", "", re.sub(r"`", "", heading).strip().lower())
    return kept.replace(" ", "-")


def anchors(text):
    return {slug(match.group(1)) for match in re.finditer(r"^#+\s+(.+?)\s*#*$", text, re.M)}


def outside_fences(tree, path):
    """Yields the numbered lines that are not in a fenced block."""
    fenced = False
    for number, line in tree.lines(path):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line


def fenced_commands(tree, path):
    """Yields the numbered lines of fenced blocks that are shell commands."""
    language = None
    for number, line in tree.lines(path):
        stripped = line.strip()
        if stripped.startswith("```"):
            language = stripped[3:].strip() or "text" if language is None else None
        elif language in ("sh", "bash", "shell", "console"):
            yield number, stripped.removeprefix("$ ")


def links(tree):
    """Relative links lead somewhere."""
    for path in tree.matching(".md"):
        for number, line in outside_fences(tree, path):
            for target in LINK.findall(re.sub(CODE_SPAN, "", line)):
                if re.match(r"[a-z]+:", target):
                    continue
                name, _, anchor = target.partition("#")
                there = posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) if name else path
                if not tree.exists(there):
                    yield Finding(path, number, "link", f"{name} does not exist")
                elif anchor and there.endswith(".md") and anchor not in anchors(tree.text(there)):
                    yield Finding(path, number, "link", f"{there} has no heading for #{anchor}")


def run_verbs(tree):
    """Every ./run VERB is one that ./run help lists."""
    if not tree.exists("run"):
        return
    usage = re.search(r"<<'EOF'\n(.*?)\nEOF\n", tree.text("run"), re.S)
    verbs = set(re.findall(r"^  ([a-z][\w-]*)\b", usage.group(1), re.M)) if usage else set()
    for path in tree.matching(".md"):
        for number, line in tree.lines(path):
            for verb in RUN_VERB.findall(line):
                if verb not in verbs:
                    yield Finding(path, number, "verb", f"./run help lists no {verb}")


def programs(tree):
    """Programs in commands are built by us."""
    targets = {arguments[0] for _, arguments in tree.cmake_calls(r"heat_\w+", "add_executable") if arguments}
    for path in tree.matching(".md"):
        named = [(number, name) for number, line in tree.lines(path) for name in BINARY_PATH.findall(line)]
        for number, line in fenced_commands(tree, path):
            words = [word for word in line.split() if not re.match(r"\w+=", word)]
            program = posixpath.basename(words[0]) if words else ""
            if OURS.fullmatch(program):
                named.append((number, program))
        for number, name in sorted(set(named)):
            if name not in targets:
                yield Finding(path, number, "program", f"no target builds {name}")


def paths(tree):
    """Paths in code spans exist."""
    tops = tree.top_folders()
    for path in tree.matching(".md"):
        for number, line in outside_fences(tree, path):
            for span in CODE_SPAN.findall(line):
                name = span.removeprefix("./").rstrip("/")
                if not PATH_LIKE.fullmatch(name) or name.split("/")[0] not in tops:
                    continue
                if not glob.glob(glob.escape(str(tree.root)) + "/" + name):
                    yield Finding(path, number, "path", f"{span} does not exist")


def named_tests(tree):
    """Tests in code spans, `Suite.Test`, exist."""
    tests = {}
    for path in tree.matching("_test.cc"):
        for suite, name in TEST_CASE.findall(tree.text(path)):
            tests.setdefault(suite, set()).add(name)
    for path in tree.matching(".md"):
        for number, line in outside_fences(tree, path):
            for span in CODE_SPAN.findall(line):
                named = TEST_NAME.fullmatch(span)
                if named and named[1] in tests and named[2] not in tests[named[1]]:
                    yield Finding(path, number, "test", f"{named[1]} has no test {named[2]}")


RULES = [links, run_verbs, programs, paths, named_tests]
