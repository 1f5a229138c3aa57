#!/usr/bin/env python3
"""Cuts the golden binlogs into the inputs that each fuzz target starts from."""

import pathlib
import struct
import sys

HEADER = struct.Struct("<IBIIIH")
CHECKSUM = 4
# Targets that read bodies of these event types; "stream" reads files, "event" whole events without their checksum. The first byte of
# each input but "gtid_set" tells the flavour: 0 MySQL, 1 MariaDB.
BODIES = {
    "table_map": {19},
    "rows": {23, 24, 25, 30, 31, 32, 39},
    "query_status": {2},
    "gtid_set": {35, 163},
    "container": {40, 165, 166, 167, 168},
    "format_description": {15},
}


def events(data):
    at = 4
    while at < len(data):
        _, kind, _, size, _, _ = HEADER.unpack_from(data, at)
        yield kind, data[at:at + size]
        at += size


def status_of(body):
    length = struct.unpack_from("<H", body, 11)[0]
    return body[13:13 + length]


def inputs(name, data):
    flavour = bytes([name.startswith("ma")])
    yield "stream", flavour + data[4:]
    for kind, event in events(data):
        body = event[HEADER.size:-CHECKSUM]
        yield "event", flavour + event[:-CHECKSUM]
        for target, kinds in BODIES.items():
            if kind not in kinds:
                continue
            if target == "query_status":
                yield target, flavour + status_of(body)
            elif target == "gtid_set":
                yield target, body
            elif target in ("rows", "container"):
                yield target, flavour + bytes([kind]) + body
            elif target == "format_description":
                yield target, flavour + event
            else:
                yield target, flavour + body


def main():
    golden, corpus = map(pathlib.Path, sys.argv[1:3])
    for file in sorted(golden.glob("*.binlog")):
        for number, (target, content) in enumerate(inputs(file.name, file.read_bytes())):
            folder = corpus / target
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{file.stem}-{number}").write_bytes(content)


if __name__ == "__main__":
    main()
