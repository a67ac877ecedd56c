"""The preload of cluster workers (drain.cjs), seen from pm2d's side.

drain.py node drain.cjs case: a primary of a few lines starts a worker with
the preload and looks at what it does; exits 0 when it is as it should be.
"""

import array
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

NODE, PRELOAD = sys.argv[1:3]
TIMEOUT = 20

HTTP = """
const http = require('http');
const server = http.createServer((req, res) => {
	const ms = Number(req.url.slice(1)) || 0;
	if (req.headers['x-keep'])
		res.setHeader('Connection', 'keep-alive');
	if (req.headers['x-head'])
		res.writeHead(200, { 'connection': 'Keep-Alive',
		    'Keep-Alive': 'timeout=5', 'Content-Length': 2 });
	setTimeout(() => res.end('ok'), ms);
});
server.on('upgrade', (req, s) => {
	s.write('HTTP/1.1 101 x\\r\\nConnection: Upgrade\\r\\n\\r\\n');
	setInterval(() => s.write('tick'), 20);
});
server.listen(0, '127.0.0.1');
process.on('message', (m) => process.send({ got: m }));
"""


class Worker:
    """A worker and its primary: rr, every connection at once."""

    def __init__(self, script, cluster=True, args=()):
        self.lock = threading.Lock()
        self.wake = threading.Condition()
        self.seq = 0
        self.said = []          # all that is not between node and us
        self.ports = {}
        self.eof = False
        self.sock, theirs = socket.socketpair()
        self.dir = tempfile.TemporaryDirectory()
        app = os.path.join(self.dir.name, 'app.js')
        with open(app, 'w') as f:
            f.write(script)
        fd = theirs.fileno()
        env = {'PATH': os.environ['PATH'], 'NODE_CHANNEL_FD': str(fd),
               'NODE_CHANNEL_SERIALIZATION_MODE': 'json'}
        if cluster:
            env['NODE_UNIQUE_ID'] = '7'
        self.proc = subprocess.Popen(
            [NODE, '--require', PRELOAD, *args, app], env=env,
            pass_fds=[fd], cwd=self.dir.name, stdin=subprocess.DEVNULL)
        theirs.close()
        threading.Thread(target=self.read, daemon=True).start()

    def send(self, msg, fd=None):
        msg = dict(msg)
        if msg.get('cmd') == 'NODE_CLUSTER':
            with self.lock:
                self.seq += 1
                msg['seq'] = self.seq
        anc = []
        if fd is not None:
            msg = {'cmd': 'NODE_HANDLE', 'type': 'net.Native', 'msg': msg}
            anc = [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                    array.array('i', [fd]))]
        with self.lock:
            self.sock.sendmsg([json.dumps(msg).encode() + b'\n'], anc)

    def read(self):
        buf = b''
        while True:
            try:
                data = self.sock.recv(65536)
            except ConnectionResetError:
                data = b''
            if not data:
                break
            buf += data
            *lines, buf = buf.split(b'\n')
            for line in lines:
                self.got(json.loads(line))
        with self.wake:
            self.eof = True
            self.wake.notify_all()

    def got(self, msg):
        if isinstance(msg, dict) and msg.get('act') == 'queryServer':
            self.query(msg)
        elif isinstance(msg, dict) and (msg.get('act') == 'close' or
                                        'ack' in msg or
                                        msg.get('cmd') == 'NODE_HANDLE_ACK'):
            return
        with self.wake:
            self.said.append(msg)
            self.wake.notify_all()

    def query(self, q):
        lst = socket.create_server((q['address'] or '127.0.0.1', q['port']))
        port = lst.getsockname()[1]
        key = 'L%d' % len(self.ports)
        self.ports[key] = lst
        self.send({'cmd': 'NODE_CLUSTER', 'ack': q['seq'], 'errno': None,
                   'key': key, 'data': q['data'], 'sockname': {
                       'address': '127.0.0.1', 'family': 'IPv4',
                       'port': q['port'] or port}})
        self.port = port
        threading.Thread(target=self.accept, args=(lst, key),
                         daemon=True).start()

    def accept(self, lst, key):
        while True:
            try:
                c, _ = lst.accept()
            except OSError:
                return
            c.setblocking(False)
            self.send({'cmd': 'NODE_CLUSTER', 'act': 'newconn', 'key': key},
                      c.fileno())
            c.close()

    def wait(self, want, secs=TIMEOUT):
        """Until a message was said, or the end of the channel (None)."""
        end = time.monotonic() + secs
        with self.wake:
            while True:
                if want is None and self.eof:
                    return None
                for m in self.said:
                    if want is not None and want(m):
                        return m
                left = end - time.monotonic()
                check(left > 0 and not (self.eof and want is not None),
                      'said only %r' % self.said)
                self.wake.wait(left)

    def listening(self):
        self.wait(act('listening'))

    def count(self, want):
        with self.wake:
            return len([m for m in self.said if want(m)])

    def retire(self):
        for lst in self.ports.values():
            lst.shutdown(socket.SHUT_RDWR)

    def drain(self):
        self.send({'cmd': 'NODE_PM_DRAIN'})
        self.asked = time.monotonic()

    def drained(self):
        """How many ms it took."""
        self.wait(is_drained)
        return (time.monotonic() - self.asked) * 1000

    def leave(self):
        self.send({'cmd': 'NODE_CLUSTER', 'act': 'disconnect'})
        self.wait(None)
        check(self.proc.wait(TIMEOUT) == 0, 'status %d' %
              self.proc.returncode)

    def kill(self):
        self.proc.kill()
        self.proc.wait()


class Client:
    """HTTP/1.1 of the simplest kind."""

    def __init__(self, w, tls=False):
        self.s = socket.create_connection(('127.0.0.1', w.port), TIMEOUT)
        self.s.settimeout(TIMEOUT)
        if tls:
            ctx = ssl.create_default_context()
            ctx.check_hostname = False
            ctx.verify_mode = ssl.CERT_NONE
            self.s = ctx.wrap_socket(self.s)

    def ask(self, path='/', *headers):
        self.s.sendall('\r\n'.join(['GET %s HTTP/1.1' % path, 'Host: x',
                                    *headers, '', '']).encode())

    def answer(self):
        """Does it say Connection: close?  None: there was no answer."""
        buf = b''
        while b'\r\n\r\n' not in buf:
            try:
                data = self.s.recv(65536)
            except ConnectionResetError:
                return None
            if not data:
                return None
            buf += data
        head, body = buf.split(b'\r\n\r\n', 1)
        head = head.decode().lower().split('\r\n')
        check(head[0].startswith('http/1.1 200'), head)
        close = 'connection: close' in head
        if close:
            check(not [h for h in head if 'keep-alive' in h], head)
        while not (body.endswith(b'ok') or body.endswith(b'0\r\n\r\n')):
            data = self.s.recv(65536)
            check(data, 'answer cut off: %r' % body)
            body += data
        return close

    def closed(self):
        try:
            return self.s.recv(1) == b''
        except ConnectionResetError:
            return False


def check(cond, why=''):
    if not cond:
        raise AssertionError(why)


def act(what):
    return lambda m: isinstance(m, dict) and m.get('act') == what


def is_drained(m):
    return isinstance(m, dict) and m.get('cmd') == 'NODE_PM_DRAINED'


def version():
    out = subprocess.run([NODE, '--version'], capture_output=True, text=True)
    return int(out.stdout.strip()[1:].split('.')[0])


def started(script, **kw):
    w = Worker(script, **kw)
    w.listening()
    return w


# ---- cases ----

def nothing_open():
    w = started(HTTP)
    w.drain()
    ms = w.drained()
    check(ms < 150, ms)
    w.drain()
    w.leave()
    check(w.count(is_drained) == 1)


def request_in_work():
    w = started(HTTP)
    c = Client(w)
    c.ask('/800')
    time.sleep(0.1)
    w.drain()
    check(c.answer() is True, 'answered without close')
    check(w.drained() >= 600, 'did not wait for it')
    check(c.closed(), 'closes unasked')
    w.leave()


def keepalive_clients():
    """Each is told to go elsewhere, and none finds it closed."""
    w = started(HTTP)
    bad, told = [], []

    def client(n):
        c = Client(w)
        for i in range(10000):
            c.ask('/%d' % (n % 3))
            close = c.answer()
            if close is None:
                bad.append(n)
                return
            if close:
                told.append(n)
                check(c.closed())
                return
            time.sleep(0.02 * (n % 4))

    ts = [threading.Thread(target=client, args=(n,)) for n in range(20)]
    for t in ts:
        t.start()
    time.sleep(0.5)
    check(not told, 'before it was asked to')
    w.retire()
    w.drain()
    ms = w.drained()
    w.leave()
    for t in ts:
        t.join()
    check(not bad and len(told) == 20, (bad, told))
    check(ms < 2000, ms)


def silent_connections():
    w = started(HTTP)
    cs = [Client(w) for i in range(5)]
    cs[0].ask()
    check(cs[0].answer() is False)
    cs[1].s.sendall(b'GET / HT')
    time.sleep(0.3)
    w.drain()
    ms = w.drained()
    check(100 < ms < 1000, ms)
    cs[0].ask()                 # nobody closed it yet
    check(cs[0].answer() is True)
    w.kill()


def first_request_late():
    w = started(HTTP)
    c = Client(w)
    time.sleep(0.1)             # until it is the worker's
    w.retire()
    w.drain()
    time.sleep(0.1)
    c.ask('/300')
    check(c.answer() is True)
    check(w.drained() >= 300)
    w.leave()


def app_says_keepalive():
    w = started(HTTP)
    a, b = Client(w), Client(w)
    for c, h in (a, 'X-Keep: 1'), (b, 'X-Head: 1'):
        c.ask('/', h)
        check(c.answer() is False)
        c.ask('/300', h)
    time.sleep(0.1)
    w.drain()
    check(a.answer() is True)   # its header was not made yet
    check(b.answer() is False)  # it was
    b.ask('/', 'X-Head: 1')
    check(b.answer() is True)
    check(b.closed())
    w.drained()
    w.leave()


def upgraded():
    w = started(HTTP)
    c = Client(w)
    c.ask('/', 'Connection: Upgrade', 'Upgrade: x')
    check(b' 101 ' in c.s.recv(15))
    w.drain()
    ms = w.drained()
    check(ms < 1000, ms)
    for i in range(3):
        check(c.s.recv(65536))
    w.kill()


def pipelined():
    w = started(HTTP)
    c = Client(w)
    c.ask('/200')
    c.ask('/')
    time.sleep(0.1)
    w.drain()
    check(c.answer() is True)
    w.drained()
    w.leave()


def messages_of_the_app():
    w = started(HTTP)
    w.drain()
    w.drained()
    w.send({'cmd': 'shutdown'})
    w.wait(lambda m: m == {'got': {'cmd': 'shutdown'}})
    check(w.count(lambda m: isinstance(m, dict) and 'got' in m) == 1)
    w.leave()


def no_server():
    w = Worker("setTimeout(() => {}, 300)")
    w.wait(act('online'))
    w.drain()
    check(w.drained() < TIMEOUT * 1000)
    w.leave()


UNTOUCHED = """
function untouched() {
	return process.listeners('internalMessage').every((fn) =>
	    !String(fn).includes('NODE_PM')) && !String(
	    require('net').Server.prototype.listen).includes('known');
}
"""


def fork_mode():
    """No cluster worker: it ends by itself, as without the preload."""
    w = Worker(UNTOUCHED + "process.send(untouched())", cluster=False)
    w.wait(lambda m: m is True)
    w.wait(None)
    check(w.proc.wait(TIMEOUT) == 0)


def children_and_threads():
    w = Worker(UNTOUCHED + """
const cp = require('child_process');
if (process.argv[2] === 'child') {
	process.send({ ok: untouched(), argv: process.execArgv.length });
	process.disconnect();
} else {
	const c = cp.fork(__filename, ['child']);
	c.on('message', (m) => process.send({ child: m }));
	c.on('exit', (code) => process.send({ code: code }));
	let t = null;
	try { t = require('worker_threads'); } catch (e) {}
	if (t === null)
		process.send({ thread: 0 });
	else
		new t.Worker(untouched + "process.exit(untouched() ? 0 : 1)",
		    { eval: true }).on('exit',
		    (n) => process.send({ thread: n }));
}
""")
    m = w.wait(lambda m: isinstance(m, dict) and 'child' in m)
    check(m['child'] == {'ok': True, 'argv': 2}, m)
    m = w.wait(lambda m: isinstance(m, dict) and 'code' in m)
    check(m['code'] == 0, m)
    m = w.wait(lambda m: isinstance(m, dict) and 'thread' in m)
    check(m['thread'] == 0, m)
    w.leave()


def no_trace_in_globals():
    w = Worker("process.send(['draining', 'send', 'sessions', 'follow']"
               ".filter((n) => n in globalThis || n in global))"
               if version() >= 12 else "process.send([])")
    w.wait(lambda m: m == [])
    w.leave()


CERT = """
const fs = require('fs');
const pair = { key: fs.readFileSync('KEY'), cert: fs.readFileSync('CERT') };
"""


def with_cert(script):
    d = tempfile.mkdtemp()
    key, cert = os.path.join(d, 'key'), os.path.join(d, 'cert')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048',
                    '-nodes', '-keyout', key, '-out', cert, '-days', '2',
                    '-subj', '/CN=x'], check=True, capture_output=True)
    return CERT.replace('KEY', key).replace('CERT', cert) + script


def https():
    w = started(with_cert(HTTP.replace("require('http')", "require('https')")
                          .replace('createServer(', 'createServer(pair, ')))
    c, idle = Client(w, tls=True), Client(w, tls=True)
    Client(w)                   # never shakes hands
    idle.ask()
    check(idle.answer() is False)
    c.ask('/700')
    time.sleep(0.1)
    w.drain()
    check(c.answer() is True)
    ms = w.drained()
    check(500 <= ms < 3000, ms)
    check(c.closed())
    w.kill()


def https_upgraded():
    w = started(with_cert(HTTP.replace("require('http')", "require('https')")
                          .replace('createServer(', 'createServer(pair, ')))
    c = Client(w, tls=True)
    c.ask('/', 'Connection: Upgrade', 'Upgrade: x')
    check(b' 101 ' in c.s.recv(15))
    w.drain()
    ms = w.drained()
    check(ms < 1000, ms)
    w.kill()


H2 = """
const http2 = require('http2');
const server = http2.CREATE;
server.on('stream', (s, h) => setTimeout(() => {
	s.respond();
	s.end('ok');
}, Number(h[':path'].slice(1))));
server.listen(0, '127.0.0.1');
"""

H2CLIENT = """
const http2 = require('http2');
const c = http2.connect(process.argv[2], { rejectUnauthorized: false });
const get = (path, fn) => {
	const r = c.request({ ':path': path });
	let body = '';
	r.setEncoding('utf8').on('data', (d) => body += d);
	r.on('end', () => fn(body));
};
c.on('goaway', (code) => console.log('goaway', code));
c.on('close', () => console.log('close'));
get('/0', (b) => {
	console.log('first', b);
	get('/700', (b) => console.log('second', b));
});
"""


def http2_session(tls):
    if version() < 18:
        return
    script = H2.replace('CREATE', 'createSecureServer(pair)' if tls else
                        'createServer()')
    w = started(with_cert(script) if tls else script)
    path = os.path.join(w.dir.name, 'client.js')
    with open(path, 'w') as f:
        f.write(H2CLIENT)
    p = subprocess.Popen([NODE, '--no-warnings', path, '%s://127.0.0.1:%d' %
                          ('https' if tls else 'http', w.port)],
                         stdout=subprocess.PIPE, text=True)
    check(p.stdout.readline() == 'first ok\n')
    time.sleep(0.2)
    w.drain()
    ms = w.drained()
    check(300 <= ms < 3000, ms)
    out = p.communicate(timeout=TIMEOUT)[0].split('\n')
    check('second ok' in out and 'close' in out and 'goaway 0' in out, out)
    w.leave()


def http2():
    http2_session(False)


def https2():
    http2_session(True)


if __name__ == '__main__':
    globals()[sys.argv[3]]()
