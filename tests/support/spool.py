"""What a relay left in its spool, read from the files themselves (relay/spool/FORMAT.md)."""
import struct
import zlib

_HEADER, _RECORD = 16, 40
_EVENT_HEADER = struct.Struct("<IBIIIH")
_FORMAT_DESCRIPTION, _ROTATE, _PREVIOUS_GTIDS, _GTID_LIST = 15, 4, 35, 163


def transaction_events(spool_file):
    """Everything of a spool file's transactions but positions and checksums, which depend on the size of the opening."""
    data, at, found = spool_file.read_bytes(), 4, []
    while at < len(data):
        timestamp, kind, server, size, _, flags = _EVENT_HEADER.unpack_from(data, at)
        if kind not in (_FORMAT_DESCRIPTION, _ROTATE, _PREVIOUS_GTIDS, _GTID_LIST):
            found.append((timestamp, kind, server, flags, data[at + _EVENT_HEADER.size:at + size - 4]))
        at += size
    return found


def journal(spool_file):
    """(records, spool_end, source_end) of the whole records beside a spool file; the last two are the last record's."""
    try:
        data = spool_file.with_name(spool_file.name + ".journal").read_bytes()
    except FileNotFoundError:  # a file that is just being made has none yet
        data = b""
    seed, records, last = zlib.crc32(data[:_HEADER]), 0, (0, 0)
    for at in range(_HEADER, len(data) - _RECORD + 1, _RECORD):
        record = data[at:at + _RECORD]
        if zlib.crc32(record[:-4], seed) != int.from_bytes(record[-4:], "little"):
            break
        records, last = records + 1, (int.from_bytes(record[:8], "little"), int.from_bytes(record[8:16], "little"))
    return records, *last


def bytes_behind(source, spool_files):
    """Bytes of a source's binary logs that a relay has not committed, which began with the first of them."""
    sizes = [path.stat().st_size for path in source.binlog_files()]
    read = sizes[:len(spool_files) - 1]
    return sum(sizes) - sum(read) - (journal(spool_files[-1])[2] if spool_files else 0)


def torn_bytes(spool_file):
    """Bytes of a transaction that was begun and not committed. A ROTATE at the end of a file is none."""
    committed = journal(spool_file)[1]
    if committed == 0:
        return 0
    with open(spool_file, "rb") as file:
        size = file.seek(0, 2)
        file.seek(committed)
        head = file.read(19)
    return 0 if len(head) == 19 and head[4] == _ROTATE else size - committed
