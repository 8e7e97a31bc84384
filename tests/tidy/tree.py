"""The files that the house rules look at, and what the rules say of them."""

import dataclasses
import pathlib
import re
import shutil
import subprocess

# Where git cannot be asked: folders that hold nothing of ours.
NOT_OURS = {".git", "build", "__pycache__"}


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    """One broken rule, and what to do about it."""

    path: str
    line: int
    rule: str
    advice: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.advice}"


class Tree:
    """The text files below a root, by path relative to it."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self.paths = sorted(self._list())
        self._texts = {}

    def _list(self):
        if (self.root / ".git").exists() and shutil.which("git"):
            listed = subprocess.run(
                ["git", "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                check=True, capture_output=True).stdout.decode()
            # A file that was removed, but not yet from the index, is listed too.
            return [path for path in listed.split("\0") if path and (self.root / path).is_file()]
        found = []
        for path in self.root.rglob("*"):
            relative = path.relative_to(self.root)
            if path.is_file() and not NOT_OURS & set(relative.parts):
                found.append(relative.as_posix())
        return found

    def text(self, path):
        """Returns the file's text, or "" for what is none."""
        if path not in self._texts:
            try:
                self._texts[path] = (self.root / path).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                self._texts[path] = ""
        return self._texts[path]

    def lines(self, path):
        """Yields (number from 1, line)."""
        return enumerate(self.text(path).splitlines(), start=1)

    def matching(self, *suffixes):
        """Returns the paths that end with one of the suffixes."""
        return [path for path in self.paths if path.endswith(suffixes)]

    def exists(self, path):
        """Returns true for a file or folder of the tree."""
        return (self.root / path).exists()

    def top_folders(self):
        return {path.split("/")[0] for path in self.paths if "/" in path}

    def cmake_calls(self, *functions):
        """Yields (path of the CMakeLists.txt, arguments) of each call of one of the functions."""
        call = re.compile(r"\b(?:%s)\s*\(([^)]*)\)" % "|".join(functions))
        for path in self.paths:
            if path.endswith("CMakeLists.txt"):
                text = re.sub(r"#.*", "", self.text(path))
                for match in call.finditer(text):
                    yield path, match.group(1).split()


def code_of(text):
    """Returns C++ text with comments and the insides of strings blanked, line by line the same."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))

    return pattern.sub(blank, text)
