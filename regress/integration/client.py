"""Clients that do not behave, for the control socket of pm2d.

client.py socket kind [count]: kinds are below.  Prints what came back in
words where there is something to say; exits 0 when it could do its worst.
"""

import os
import random
import socket
import struct
import sys
import time

PROTOCOL = 3    # PM2D_PROTOCOL
HELLO = 100
LIST = 101
START = 102
RELOAD = 115
SCALE = 116
SAY = 117
EVENT = 153
RESULT = 156
OK, NOSUCH, INVALID, LIMIT, FAILED = 0, 1, 5, 6, 7
HEADER = struct.Struct("=IIII")  # struct imsg_hdr: type, len, peerid, pid


def message(kind, payload=b"", peerid=1, length=None):
    if length is None:
        length = HEADER.size + len(payload)
    return HEADER.pack(kind, length, peerid, 0) + payload


def hello(protocol=PROTOCOL):
    return message(HELLO, struct.pack("=IIII32s", protocol, os.getpid(), 0, 0,
                                      b"test"))


def connect(path):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(10)
    for _ in range(200):
        try:
            sock.connect(path)
            break
        except BlockingIOError:     # many are waiting to be accepted
            time.sleep(0.01)
    return sock


def closed(sock):
    """Wait until the other side has hung up; what it said before."""
    said = b""
    try:
        while True:
            data = sock.recv(65536)
            if not data:
                return said
            said += data
    except ConnectionError:
        return said


def send(sock, data):
    try:
        sock.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass


def greeted(path):
    """A connection that is past its hello."""
    sock = connect(path)
    send(sock, hello())
    said = b""
    while len(said) < HEADER.size + 48:
        data = sock.recv(HEADER.size + 48 - len(said))
        assert data, "no hello"
        said += data
    kind, _, _, _, protocol = struct.unpack_from("=IIIII", said)
    assert (kind, protocol) == (HELLO, PROTOCOL), "wrong protocol: %d" % protocol
    return sock


def messages(sock):
    """What comes, message by message, until the other side hangs up."""
    said = b""
    while True:
        while len(said) >= HEADER.size:
            kind, length, peerid, _ = HEADER.unpack_from(said)
            length &= 0x7fffffff
            if len(said) < length:
                break
            yield kind, peerid, said[HEADER.size:length]
            said = said[length:]
        try:
            data = sock.recv(65536)
        except ConnectionError:
            return
        if not data:
            return
        said += data


def result(sock, kind, payload, peerid=1):
    """The code of the answer to a request; None: the connection was closed."""
    send(sock, message(kind, payload, peerid=peerid))
    for kind, peer, body in messages(sock):
        if kind == RESULT and peer == peerid:
            code, _, _, _, _, _, text = struct.unpack("=IiIIII256s", body)
            return code, text.rstrip(b"\0").decode()
    return None


def start(speclen, flags=0, app=2**32 - 1, first=2**32 - 1, instance=0,
          restarts=0):
    """What announces a spec."""
    return struct.pack("=IIIIII", speclen, flags, app, first, instance,
                       restarts)


def reload_request(ids, nids=None, flags=0, parallel=1):
    return struct.pack("=IIII", flags, parallel, len(ids) if nids is None
                       else nids, 0) + struct.pack("=%dI" % len(ids), *ids)


def version(path, _count):
    """Of a protocol that is not spoken here: what does the daemon say?"""
    sock = connect(path)
    send(sock, hello(protocol=4711))
    said = closed(sock)
    kind, = struct.unpack_from("=I", said)
    assert kind == HELLO, said
    protocol, _, _, _, text = struct.unpack_from("=IIII32s", said, HEADER.size)
    print("protocol %d, version %s" % (protocol,
                                       text.rstrip(b"\0").decode()))


def server(path, _count):
    """A daemon of another protocol, for one client."""
    if os.path.exists(path):
        os.unlink(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(10)
    sock.bind(path)
    sock.listen()
    client, _ = sock.accept()
    client.recv(4096)
    send(client, hello(protocol=4711))
    client.close()


def garbage(path, count):
    seed = random.randrange(1 << 30)
    print("seed", seed)
    rand = random.Random(seed)
    for _ in range(count):
        sock = connect(path)
        send(sock, rand.randbytes(rand.randrange(1, 3000)))
        sock.close()


def after_hello(path, count):
    """A good hello, then messages with random types, lengths, payloads."""
    greeted(path).close()
    seed = random.randrange(1 << 30)
    print("seed", seed)
    rand = random.Random(seed)
    for _ in range(count):
        sock = connect(path)
        send(sock, hello())
        for _ in range(rand.randrange(1, 6)):
            kind = rand.choice([rand.randrange(90, 320), LIST, START, 103,
                                104, 105, 107, 108, 110, 151, RELOAD, SCALE,
                                SAY, 2**32 - 1])
            payload = rand.randbytes(rand.choice([0, 1, 7, 8, 12, 16, 300]))
            length = None
            if rand.random() < 0.2:
                length = rand.choice([0, 1, 15, 16, 17, 16384, 65535, 2**31])
            # 113 is kill: that would be obeyed
            if kind in (113,):
                continue
            # the harm that is the owner's to do is not the point here
            if kind in (103, 104, 105, SCALE) and len(payload) >= 8:
                payload = payload[:7]
            send(sock, message(kind, payload, length=length))
        sock.close()


def half(path, count):
    """Half a message each, kept open; then all of them go away."""
    socks = []
    for i in range(count):
        try:
            sock = connect(path)
        except (ConnectionError, TimeoutError):
            continue
        send(sock, hello()[:1 + i % 40])
        socks.append(sock)
    print(len(socks), "open")
    sys.stdout.flush()
    time.sleep(2)


def never_reads(path, count):
    """Ask for the list over and over and read nothing."""
    sock = connect(path)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    request = hello() + message(LIST, struct.pack("=II", 0xffffffff, 2))
    sent = 0
    end = time.time() + 3
    while time.time() < end and sent < count:
        try:
            sock.send(request if sent == 0 else message(
                LIST, struct.pack("=II", 0xffffffff, 2), peerid=sent))
            sent += 1
        except BlockingIOError:
            time.sleep(0.05)
        except (BrokenPipeError, ConnectionResetError):
            break
    print("sent", sent)


def half_spec(path, count):
    """Announce a spec of 1 MiB, send a part of it, hang up."""
    for _ in range(count):
        sock = connect(path)
        send(sock, hello() + message(START, start(1 << 20)) +
             message(151, b"x" * 8000))
        sock.close()
    sock = connect(path)
    send(sock, hello() + message(START, start(2**32 - 1)))
    closed(sock)


def descriptors(path, count):
    """Messages with descriptors that nobody asked for."""
    for _ in range(count):
        sock = connect(path)
        with open("/dev/null", "rb") as null:
            for _ in range(3):
                try:
                    socket.send_fds(sock, [hello()], [null.fileno()] * 20)
                except OSError:
                    break
        sock.close()


def jobs_lie(path, victim):
    """Lengths and counts that do not fit: each costs the connection."""
    one = [victim]
    lies = [
        (RELOAD, b""), (RELOAD, b"x" * 15),
        (RELOAD, reload_request([])),
        (RELOAD, reload_request(one, nids=0)),
        (RELOAD, reload_request(one, nids=2)),
        (RELOAD, reload_request(one, nids=2**32 - 1)),
        (RELOAD, reload_request(one, nids=0x40000001)),
        (RELOAD, reload_request(one) + b"x"),
        (RELOAD, reload_request(one)[:-1]),
        (RELOAD, reload_request(one * 3073)),
        (RELOAD, reload_request(one * 3000, nids=3001)),
        (SCALE, b""), (SCALE, struct.pack("=I", victim)),
        (SCALE, struct.pack("=III", victim, 1, 1)),
        (SAY, b""), (SAY, struct.pack("=II", victim, 0)),
        (SAY, struct.pack("=II", victim, 0) + b"1" * 8193),
    ]
    for i, (kind, payload) in enumerate(lies):
        answer = result(greeted(path), kind, payload)
        assert answer is None, "lie %d: %s" % (i, answer)
    print(len(lies), "lies")


def jobs_refused(path, victim):
    """Requests that are well formed and not to be: each is answered."""
    none = [victim + 1, 4711, 2**32 - 2, 2**32 - 1]
    wishes = [
        (RELOAD, reload_request([victim], flags=2), INVALID),
        (RELOAD, reload_request([victim], flags=2**31), INVALID),
        (SCALE, struct.pack("=II", victim, 0), INVALID),
        (SCALE, struct.pack("=II", victim, 4096), LIMIT),
        (SCALE, struct.pack("=II", victim, 2**31), LIMIT),
        (SCALE, struct.pack("=II", victim, 2**32 - 1), LIMIT),
        (SAY, struct.pack("=II", victim, 0) + b'"x"', FAILED),
        (SAY, struct.pack("=II", victim, 0) + b"\0" * 8192, FAILED),
    ]
    for who in none:
        wishes += [
            (RELOAD, reload_request([who]), NOSUCH),
            (RELOAD, reload_request([victim] * 3000 + [who]), NOSUCH),
            (SCALE, struct.pack("=II", who, 1), NOSUCH),
            (SAY, struct.pack("=II", who, 0) + b"1", NOSUCH),
        ]
    sock = greeted(path)
    for i, (kind, payload, want) in enumerate(wishes):
        answer = result(sock, kind, payload, peerid=i + 1)
        assert answer is not None and answer[0] == want, (i, want, answer)
    print(len(wishes), "refused")


def jobs_crowd(path, app):
    """Thousands ask for one reload; half of them hang up at once.  Whoever is
    let in is answered."""
    socks = [greeted(path) for _ in range(20)]
    for sock in socks:
        send(sock, b"".join(message(RELOAD, reload_request([app] * 50),
                                    peerid=n) for n in range(1, 101)))
    for sock in socks[10:]:
        sock.close()
    for sock in socks[:10]:
        left = set(range(1, 101))
        for kind, peer, body in messages(sock):
            if kind != RESULT:
                assert kind == EVENT, kind
                continue
            code, = struct.unpack_from("=I", body)
            assert code in (OK, LIMIT), code
            left.remove(peer)
            if not left:
                break
        assert not left, left
        sock.close()


if __name__ == "__main__":
    globals()[sys.argv[2]](
        sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 1)
