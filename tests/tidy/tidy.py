#!/usr/bin/env python3
"""Holds the house rules that a program can check: prints `path:line: rule: what to do` for each breach.

usage: tidy.py [ROOT]      ROOT is the tree to look at; by default the one that this file is in.
Exits 1 if a rule is broken. Needs nothing but Python's standard library; git, where it is, says which files count.
"""

import pathlib
import sys

import docs_rules
import source_rules
from tree import Tree


def check(root):
    """Returns all findings of a tree, sorted."""
    tree = Tree(root)
    return sorted({finding for rule in source_rules.RULES + docs_rules.RULES for finding in rule(tree)})


def main(arguments):
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parents[2]
    findings = check(root)
    for finding in findings:
        print(finding)
    print(f"tidy: {len(findings)} broken rules" if findings else "tidy: all rules hold")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
