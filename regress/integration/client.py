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


# ---- specs ----

KEY_NAME, KEY_SCRIPT, KEY_INTERPRETER, KEY_CWD, KEY_USER = 1, 2, 3, 6, 8
DENIED = 2


def spec(fields):
    """A spec of strings: (key, bytes) each."""
    return b"".join(struct.pack("=HHI", key, 0, len(value) + 1) + value + b"\0"
                    for key, value in fields)


def good_spec(**others):
    fields = {KEY_NAME: b"evil", KEY_SCRIPT: b"/bin/sleep", KEY_CWD: b"/"}
    fields.update(others.get("fields", {}))
    return spec(sorted((k, v) for k, v in fields.items() if v is not None))


def send_start(sock, block, peerid=1, announced=None, **args):
    send(sock, message(START, start(len(block) if announced is None
                                    else announced, **args), peerid=peerid))
    for off in range(0, len(block), 16000):
        send(sock, message(151, block[off:off + 16000], peerid=peerid))


def answer(sock, peerid=1):
    for kind, peer, body in messages(sock):
        if kind == RESULT and peer == peerid:
            return struct.unpack_from("=I", body)[0]
    return None


def spec_nonsense(path, count):
    """Whole specs of anything, up to 1 MiB: each is refused in words."""
    seed = random.randrange(1 << 30)
    print("seed", seed)
    rand = random.Random(seed)
    for i in range(count):
        size = rand.choice([1, 7, 8, 9, 100, 4096, 1 << 16, 1 << 20])
        block = rand.randbytes(size)
        if i % 4 == 1:      # a good beginning, then anything
            block = (good_spec() + block)[:1 << 20]
        if i % 4 == 2:      # well formed records of keys that are none
            block = spec([(rand.randrange(200, 65536), b"x" * 30)] * 50)
        if i % 4 == 3:      # the same one over and over
            block = spec([(KEY_NAME, b"x" * 100)] * 9000)
        sock = greeted(path)
        send_start(sock, block)
        code = answer(sock)
        assert code == INVALID, (seed, i, code)
        sock.close()


def spec_parts(path, count):
    """Parts that do not fit what was announced, or that never end."""
    block = good_spec()
    open_ones = []
    for i in range(count):
        sock = greeted(path)
        kind = i % 6
        if kind == 0:       # more than announced
            send_start(sock, block, announced=len(block) - 1)
        elif kind == 1:     # of another request
            send(sock, message(START, start(len(block))))
            send(sock, message(151, block, peerid=2))
        elif kind == 2:     # a start within a start
            send(sock, message(START, start(len(block))))
            send(sock, message(START, start(len(block)), peerid=2))
        elif kind == 3:     # nothing was announced
            send(sock, message(151, block))
        elif kind == 4:     # nothing at all, and too much
            send(sock, message(START, start(0 if i % 2 else (1 << 20) + 1)))
        else:               # never the end
            send(sock, message(START, start(len(block))))
            send(sock, message(151, block[:-1]))
            open_ones.append(sock)
            continue
        assert answer(sock) is None, (i, "answered")
        sock.close()
    sock = greeted(path)
    assert result(sock, 112, b"") is not None
    print(len(open_ones), "never end")


def others_ids(path, victim):
    """By number, whatever may be asked of an app of somebody else."""
    sock = greeted(path)
    peerid = 1
    for who in (victim, victim + 1, 2**32 - 2):
        for kind, arg in ((103, 0), (104, 0), (105, 0), (106, 0), (107, 9),
                          (108, 0), (109, 0)):
            peerid += 1
            got = result(sock, kind, struct.pack("=II", who, arg), peerid)
            assert got is not None and got[0] == NOSUCH, (kind, who, got)
        for kind, payload in (
                (RELOAD, reload_request([who])),
                (SCALE, struct.pack("=II", who, 1)),
                (SAY, struct.pack("=II", who, 0) + b"1"),
                (LIST, struct.pack("=II", who, 7)),
                (110, struct.pack("=IIIII", 3, 10, 1, 0, who))):
            peerid += 1
            got = result(sock, kind, payload, peerid)
            assert got is not None and got[0] == NOSUCH, (kind, who, got)
    # another spec for it
    send(sock, message(118, struct.pack("=II", victim, len(good_spec())),
                       peerid=9000))
    send(sock, message(151, good_spec(), peerid=9000))
    code = answer(sock, 9000)
    assert code == NOSUCH, code
    # an instance of it
    send_start(sock, good_spec(), peerid=9001, flags=4, app=4711,
               first=victim, instance=7)
    code = answer(sock, 9001)
    assert code in (INVALID, NOSUCH), code
    print("asked for")


def crowd(path, count):
    """All connections there are, and each waits for something; in each as
    much of a spec as is taken."""
    socks = []
    for _ in range(count):
        sock = connect(path)
        sock.settimeout(2)
        send(sock, hello() + message(112 - 1))      # subscribes
        socks.append(sock)
    print(len(socks), "connections")
    part = b"x" * 16000
    for sock in socks:
        send(sock, message(START, start(1 << 20), peerid=7))
        for _ in range(65):
            send(sock, message(151, part, peerid=7))
    print("specs")
    sys.stdout.flush()
    time.sleep(20)


def group_race(path, app):
    """More of an app while one's groups are asked for again: the limit of a
    group holds meanwhile."""
    sock = greeted(path)
    assert result(sock, SCALE, struct.pack("=II", app, 1))[0] == LIMIT
    for turn in range(1, 3):
        time.sleep(10.2)    # so long they are believed
        other = connect(path)
        send(other, hello())
        for i in range(200):
            got = result(sock, SCALE, struct.pack("=II", app, 1),
                         turn * 1000 + i)
            assert got[0] == LIMIT, (turn, i, got)
        other.close()
    print("held")


def spec_names(path, _count):
    """Names, paths and users that mean something else somewhere."""
    bad = [{KEY_NAME: name} for name in (
        b"../../etc/x", b"a/b", b"..", b".", b"a\nb", b"\x1b]0;x\x07",
        b"", b"x" * 128, b"-x", b"\xc2\x9b31m")]
    bad += [{KEY_SCRIPT: script} for script in (
        b"relative", b"", b"x" * 4096)]
    bad += [{KEY_CWD: cwd} for cwd in (b"relative", b"")]
    bad += [{20: b"relative.log"}, {22: b"/tmp/\0x"}]
    users = (b"root", b"0", b"#0", b"-1", b"4294967295", b"4294967296",
             b"0x0", b" root", b"root ", b"+0", b"root\n", b"root:x",
             b"../root", b"", b"\x1b[31m", b"no-such-user-here")
    sock = greeted(path)
    peerid = 0
    for fields in bad + [{KEY_USER: user} for user in users]:
        peerid += 1
        send_start(sock, good_spec(fields=fields), peerid=peerid)
        code = answer(sock, peerid)
        assert code in (INVALID, DENIED), (fields, code)
    # who one is, is not what one says
    other = connect(path)
    send(other, message(HELLO, struct.pack("=IIII32s", PROTOCOL, 1, 0, 0,
                                           b"root")))
    send_start(other, good_spec(fields={KEY_USER: b"root"}))
    assert answer(other) in (INVALID, DENIED)
    print(peerid, "refused")


if __name__ == "__main__":
    globals()[sys.argv[2]](
        sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 1)
