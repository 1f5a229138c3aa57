"""Networks of their own, and a line between two of them that can be made as bad as a test wants it."""
import collections
import concurrent.futures
import ctypes
import fcntl
import functools
import os
import random
import select
import struct
import subprocess
import threading
import time

from . import process

_CLONE_NEWNET = 0x40000000  # linux/sched.h
_TUNSETIFF, _IFF_TUN_NO_PI = 0x400454CA, 0x1001  # linux/if_tun.h
_TCP = 6
_libc = ctypes.CDLL(None, use_errno=True)


class Network:
    """A network namespace; it goes with this process. What is spawned in it has a loopback of its own."""

    def __init__(self):
        self._keeper = process.spawn(["unshare", "--net", "sleep", "infinity"])
        self._namespace = f"/proc/{self._keeper.pid}/ns/net"
        ours = os.stat("/proc/self/ns/net").st_ino
        process.wait_until(lambda: self._keeper.poll() is not None or os.stat(self._namespace).st_ino != ours, 10, "a new network")
        if self._keeper.poll() is not None:
            raise PermissionError("this account may not make a network")
        self.command("ip", "link", "set", "lo", "up")

    @property
    def prefix(self):
        """What stands before a command that is to run in it."""
        return ["nsenter", f"--net={self._namespace}", "--"]

    @property
    def pid(self):
        """Of a process in it, by which ip(8) finds it."""
        return self._keeper.pid

    def command(self, *arguments):
        return subprocess.run([*self.prefix, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout.decode()

    def call(self, function):
        """function(), with the sockets that it makes in this network: a thread may be in another one than its process."""
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            thread.submit(self._enter).result()
            return thread.submit(function).result()

    def _enter(self):
        with open(self._namespace, "rb") as namespace:
            if _libc.setns(namespace.fileno(), _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")

    def destroy(self):
        process.kill(self._keeper)


@functools.lru_cache(maxsize=None)
def missing():
    """Why such networks cannot be joined here, or None. It tries: permissions do not tell of a container's device rules, or of a kernel
    without TUN."""
    network = None
    try:
        network = Network()
        _Device(network, Line.NEAR).close()
        return None
    except (OSError, subprocess.CalledProcessError) as error:
        return f"not tested: no network with a TUN device can be made here: {error}"
    finally:
        if network is not None:
            network.destroy()


class Line:
    """Joins two networks by a TUN device in each: `near` has the address 10.0.0.1, `far` 10.0.0.2.

    A thread of this process hands the packets on, and does to them what the attributes say. tc's netem would do as much; not every
    kernel has it.
    """

    NEAR, FAR = "10.0.0.1", "10.0.0.2"
    _QUEUE = 0.5  # seconds of `rate` that wait at a narrow place before packets are dropped

    def __init__(self, near, far):
        self.silent = False  # drops everything, and neither end is told
        self.delay = 0.0  # seconds, each way
        self.loss = 0.0  # of the packets, each way
        self.rate = None  # bits per second, each way
        self.largest = None  # bytes of a packet; larger ones are dropped without a word
        self.lost = 0  # packets, by `loss`
        self._near_ports, self._forgotten = set(), set()
        self._ends = [_Device(near, self.NEAR), _Device(far, self.FAR)]
        self._queues = [collections.deque(), collections.deque()]  # (when, packet), towards each end
        self._free_at = [0.0, 0.0]
        self._random = random.Random(4711)
        self._closing, self._failure = False, None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def forget_connections(self):
        """As a firewall or NAT that has lost its table: what was connected gets nothing more through, new connections do."""
        self._forgotten = set(self._near_ports)

    def set_link(self, is_up):
        """Of the near end: its routes go with it, and the kernel there tells its programs."""
        self._ends[0].set_link(is_up)

    def set_mtu(self, size):
        for end in self._ends:
            end.set_mtu(size)

    def _run(self):
        try:
            self._carry()
        except Exception as error:  # destroy() raises it
            self._failure = error

    def _carry(self):
        poll = select.poll()
        for end in self._ends:
            poll.register(end.descriptor, select.POLLIN)
        while not self._closing:
            due = min((queue[0][0] for queue in self._queues if queue), default=None)
            wait = 50 if due is None else min(50, max(0, (due - time.monotonic()) * 1000))
            poll.poll(wait)
            for origin in (0, 1):
                self._take_in(origin)
            for target in (0, 1):
                self._hand_on(target)

    def _take_in(self, origin):
        for _ in range(64):  # and then the other direction has its turn
            packet = self._ends[origin].read()
            if packet is None:
                return
            if not self._is_dropped(origin, packet):
                self._put_in_queue(1 - origin, packet)

    def _is_dropped(self, origin, packet):
        if packet[0] >> 4 == 4 and packet[9] == _TCP:
            header = (packet[0] & 15) * 4
            source, target = struct.unpack_from("!HH", packet, header)
            near_port = (source, target)[origin]
            if near_port in self._forgotten:
                return True
            self._near_ports.add(near_port)
        if self.silent or (self.largest is not None and len(packet) > self.largest):
            return True
        is_lost = self._random.random() < self.loss
        self.lost += is_lost
        return is_lost

    def _put_in_queue(self, target, packet):
        now = time.monotonic()
        ready = now
        if self.rate:
            begin = max(now, self._free_at[target])
            if begin - now > self._QUEUE:
                return
            ready = self._free_at[target] = begin + len(packet) * 8 / self.rate
        self._queues[target].append((ready + self.delay, packet))

    def _hand_on(self, target):
        queue, now = self._queues[target], time.monotonic()
        while queue and queue[0][0] <= now:
            self._ends[target].write(queue.popleft()[1])

    def destroy(self):
        self._closing = True
        self._thread.join()
        for end in self._ends:
            end.close()
        if self._failure is not None:
            raise RuntimeError("the line had failed by itself") from self._failure


class _Device:
    """A TUN device in a network: what is sent there is read here, what is written here comes in there."""

    def __init__(self, network, address):
        self.network, self.name = network, "line"
        # It belongs to the network of the thread that opens it.
        self.descriptor = network.call(lambda: os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
        try:
            fcntl.ioctl(self.descriptor, _TUNSETIFF, struct.pack("16sH22x", self.name.encode(), _IFF_TUN_NO_PI))
            network.command("ip", "address", "add", f"{address}/30", "dev", self.name)
            self.set_link(True)
        except BaseException:
            self.close()
            raise

    def close(self):
        os.close(self.descriptor)

    def set_link(self, is_up):
        self.network.command("ip", "link", "set", self.name, "up" if is_up else "down")

    def set_mtu(self, size):
        self.network.command("ip", "link", "set", self.name, "mtu", str(size))

    def read(self):
        try:
            return os.read(self.descriptor, 65536)
        except BlockingIOError:
            return None

    def write(self, packet):
        try:
            os.write(self.descriptor, packet)
        except OSError:  # the device is down, or its queue is full: as on any line, the packet is lost
            pass
