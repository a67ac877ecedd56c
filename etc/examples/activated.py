#!/usr/bin/env python3
# A web server in Python that is reloaded without a lost request:
#
#	pm2ctl start activated.py --listen tcp:8000
#	pm2ctl reload activated.py
#
# The listening socket is pm2d's and is passed on (LISTEN_FDS, as systemd
# does it).  It says when it is ready, and finishes its work at the signal.
import http.server
import os
import signal
import socket
import threading


def notify(text):
    name = os.environ.get("NOTIFY_SOCKET")
    if name:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.connect("\0" + name[1:] if name[0] == "@" else name)
            s.send(text.encode())


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"%d says hello\n" % os.getpid()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = False      # server_close() waits for those at work

    def __init__(self, sock):
        super().__init__(sock.getsockname(), Handler, False)
        self.socket.close()
        self.socket = sock


def leave(signum, frame):
    notify("STOPPING=1")
    threading.Thread(target=server.shutdown).start()


if os.environ.get("LISTEN_PID") != str(os.getpid()):
    raise SystemExit("no socket: start it with --listen")
listener = socket.socket(fileno=3)
listener.setblocking(False)     # another one may have been faster
server = Server(listener)
signal.signal(signal.SIGINT, leave)
signal.signal(signal.SIGTERM, leave)
notify("READY=1\nSTATUS=serving")
server.serve_forever(poll_interval=0.1)
server.server_close()
