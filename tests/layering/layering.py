#!/usr/bin/env python3
"""Fails on an include that points up, or across, between the rooms of the house."""

import pathlib
import re
import sys

# What each room may include besides itself. A room that is not in this picture is an error, so a new one has to be placed.
ALLOWED = {
    "relay/base": set(),
    "relay/binlog": {"relay/base"},
    "relay/sql": {"relay/base"},
    "relay/proof": {"relay/base"},
    "scrub_rules": {"relay/binlog", "relay/sql", "relay/proof", "relay/base"},
    "relay/spool": {"relay/binlog", "relay/proof", "relay/base"},
    "relay/wire": {"relay/base"},
    "tunnel": {"relay/base"},
    "relay/source": {"relay/wire", "tunnel", "relay/binlog", "relay/sql", "relay/base"},
    "relay/server": {"relay/spool", "relay/wire", "tunnel", "relay/binlog", "relay/base"},
    "relay/seed": {"relay/source", "scrub_rules", "relay/sql", "relay/binlog", "relay/base"},
    "relay/app": {
        "relay/seed", "relay/source", "relay/server", "relay/spool", "relay/wire", "tunnel", "scrub_rules", "relay/sql",
        "relay/proof", "relay/binlog", "relay/base",
    },
}
SOURCES = ("relay", "scrub_rules", "tunnel")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
# The client library is the business of one file.
ONE_FILE_ONLY = {"mysql.h": "relay/source/source_connection.cc"}
ANY_INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def room_of(path):
    parts = pathlib.PurePosixPath(path).parts
    return "/".join(parts[:2]) if parts and parts[0] == "relay" else (parts[0] if parts else "")


def breaches(root):
    root = pathlib.Path(root)
    files = [f for top in SOURCES for f in sorted((root / top).rglob("*")) if f.suffix in (".h", ".cc")]
    for file in files:
        name = file.relative_to(root).as_posix()
        room = room_of(name)
        text = file.read_text(encoding="utf-8")
        if room not in ALLOWED:
            yield f"{name}: stands in a room that the picture does not have: {room}"
            continue
        for include in INCLUDE.findall(text):
            other = room_of(include)
            if other != room and other not in ALLOWED[room]:
                yield f'{name}: includes "{include}", which does not lie below {room}'
        for include in ANY_INCLUDE.findall(text):
            home = ONE_FILE_ONLY.get(pathlib.PurePosixPath(include).name)
            if home is not None and name != home:
                yield f"{name}: includes {include}, which is for {home} alone"


def main():
    found = list(breaches(sys.argv[1]))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
