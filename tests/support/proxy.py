"""A TCP proxy that understands MySQL packets enough to cut a replication stream after a chosen event."""
import socket
import struct
import threading
import time

_DUMPS = (0x12, 0x1e)  # COM_BINLOG_DUMP, COM_BINLOG_DUMP_GTID
_GTIDS = (33, 34, 42, 162)  # of a group's first event: MySQL, anonymous, tagged, MariaDB
_QUERY = (2,)  # the same where there are no GTID events
_CONNECT_SECONDS = 30


class Proxy:
    """Listens on 127.0.0.1:port and forwards to `target()`, a function that gives the port of the moment.

    cut_after(n, torn) arms it: of the next group, n events pass (the GTID event is the first), then both ends are closed;
    torn lets half of the following event pass too. `cut` is set when it happened. on_cut runs just before closing.
    with_gtids=False: for MySQL 5.6 without GTIDs, where a QUERY is the first event of a group.
    slow_down(text, seconds): from now on a client's packet with that text reaches the server so much later; `slowed` counts them.
    dump_flags are set in every COM_BINLOG_DUMP that goes through: 2 makes MariaDB send ANNOTATE_ROWS.
    """

    def __init__(self, target, with_gtids=True, dump_flags=0):
        self.target = target
        self._group_start = _GTIDS if with_gtids else _QUERY
        self.dump_flags = dump_flags
        self.cut = threading.Event()
        self.on_cut = lambda: None
        self._lock = threading.Lock()
        self.slowed = 0
        self._slow = (b"", 0)
        self._left = None
        self._torn = False
        self._counting = False
        self._closed = False
        self._sockets = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, events, torn=False):
        with self._lock:
            self._left, self._torn, self._counting = events, torn, False
            self.cut.clear()

    def slow_down(self, text, seconds):
        self._slow = (text.encode(), seconds)

    def disarm(self):
        with self._lock:
            self._left = None

    def close(self):
        self._closed = True
        self._listener.close()
        self.drop_connections()

    def drop_connections(self):
        for each in list(self._sockets):
            _shut(each)
        self._sockets.clear()

    def _accept(self):
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        server = self._connect()
        if server is None:
            _shut(client)
            return
        self._sockets += [client, server]
        state = _Stream()
        threading.Thread(target=self._client_side, args=(client, server, state), daemon=True).start()
        try:
            self._server_side(server, client, state)
        except OSError:
            pass
        _shut(server)
        _shut(client)

    def _connect(self):
        # The target may be starting again just now: the client is kept waiting instead of being told so.
        end = time.monotonic() + _CONNECT_SECONDS
        while time.monotonic() < end and not self._closed:
            try:
                return socket.create_connection(("127.0.0.1", self.target()), timeout=None)
            except OSError:
                time.sleep(0.02)
        return None

    def _client_side(self, client, server, state):
        try:
            while packet := _read_packet(client):
                if packet[4:5] and packet[4] in _DUMPS and packet[3] == 0:
                    state.dumping = True
                text, seconds = self._slow
                if text and text in packet:
                    self.slowed += 1
                    time.sleep(seconds)
                if packet[4:5] == b"\x12" and packet[3] == 0:  # position(4) flags(2) ...
                    packet = packet[:9] + bytes([packet[9] | self.dump_flags]) + packet[10:]
                server.sendall(packet)
        except OSError:
            pass
        _shut(server)
        _shut(client)

    def _server_side(self, server, client, state):
        while packet := _read_packet(server):
            body = packet[4:]
            first = state.dumping and not state.continued
            state.continued = len(body) == 0xffffff
            is_event = first and len(body) > 19 and body[0] == 0
            if is_event and self._must_cut_before(body[5]):
                if self._torn:
                    client.sendall(packet[:len(packet) // 2])
                self.on_cut()
                _shut(client)
                _shut(server)
                self.cut.set()
                return
            client.sendall(packet)

    def _must_cut_before(self, event_type):
        with self._lock:
            if self._left is None:
                return False
            if not self._counting:
                if event_type not in self._group_start:
                    return False
                self._counting = True
            if self._left == 0:
                self._left = None
                return True
            self._left -= 1
            return False


class SlowLink:
    """A link to `target()`'s port that lets no more than so many bytes a second pass towards its clients."""

    _CHUNK = 1 << 14
    _BURST = 0.05  # seconds of the rate that may pass at once, where this process did not get to run for a while

    def __init__(self, target, bytes_per_second):
        self._target, self._rate = target, bytes_per_second
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target()))
            except OSError:
                return
            threading.Thread(target=self._pump, args=(client, server, None), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, self._rate), daemon=True).start()

    def _pump(self, source, target, rate):
        due = 0
        try:
            while data := source.recv(self._CHUNK):
                target.sendall(data)
                if rate:
                    now = time.monotonic()
                    due = max(due, now - self._BURST) + len(data) / rate
                    time.sleep(max(0, due - now))
        except OSError:
            pass
        _shut(source)
        _shut(target)


class _Stream:
    dumping = False
    continued = False


def _read_exactly(source, size):
    data = bytearray()
    while len(data) < size:
        chunk = source.recv(min(size - len(data), 1 << 20))
        if not chunk:
            return None
        data += chunk
    return bytes(data)


def _read_packet(source):
    head = _read_exactly(source, 4)
    if head is None:
        return None
    size = struct.unpack("<I", head[:3] + b"\0")[0]
    body = _read_exactly(source, size) if size else b""
    return None if body is None else head + body


def _shut(each):
    try:
        each.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    each.close()
