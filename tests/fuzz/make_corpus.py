#!/usr/bin/env python3
"""Cuts the golden binlogs into the inputs that each fuzz target starts from."""

import pathlib
import struct
import sys
import zlib

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


def statement_of(body):
    """The SQL of a query event."""
    database = body[8]
    status = struct.unpack_from("<H", body, 11)[0]
    return body[13 + status + database + 1:]


def journal_of(data):
    """A spool's journal (relay/spool/FORMAT.md) for a golden binlog: a record behind each XID event, all durable."""
    header = b"brspool2" + bytes(8)
    ends, at = [], 4
    for kind, event in events(data):
        at += len(event)
        if kind in (15, 35, 163) and len(ends) < 2:
            ends[:] = [at]  # the opening events
        if kind == 16:
            ends.append(at)
    records = [struct.pack("<QQIIIII", end, end, 3, 1, 1, 1, 7) for end in ends]
    return header + b"".join(record + struct.pack("<I", zlib.crc32(record, zlib.crc32(header))) for record in records)


def inputs(name, data):
    flavour = bytes([name.startswith("ma")])
    yield "stream", flavour + data[4:]
    statements = [statement_of(event[HEADER.size:-CHECKSUM]) for kind, event in events(data) if kind == 2]
    for statement in statements:
        yield "lexer", flavour + b"\0" + statement
    # Two bytes choose the session: the server's flavour, then utf8mb4 and the newest version.
    yield "ddl", flavour + b"\0" + b"\0".join(statements)
    journal = journal_of(data)
    yield "spool", flavour + struct.pack("<H", len(journal)) + journal + data
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
