/*
 * Copyright (c) 2026 The pm2d contributors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * pm2d has node load this before a cluster app (--require; off: --no-drain).
 * When the worker is about to leave, each answer that is still to come says
 * Connection: close, so that clients open their next connection to another
 * worker instead of finding this one closed.  Until then it costs nothing; in
 * all other processes that load it (forks of the app, threads) it does
 * nothing.
 *
 *	pm2d to worker	{"cmd":"NODE_PM_DRAIN"}
 *	worker to pm2d	{"cmd":"NODE_PM_DRAINED"}	nothing is in work
 */
'use strict';

const LOOK_MS = 20;
const QUIET = 10;		/* looks without traffic: not waited for */

/* The app may put others in their place. */
const every = setInterval, once = setTimeout, stop = clearInterval;
const send = process.send;

/* Handles lead to plain sockets, not to those of TLS, nor to HTTP/2. */
const secure = new Set();
const sessions = new Set();
let draining = false, answered = false;

function follow() {
	const net = require('net');
	const known = new WeakSet();
	/* Those of 16 lose what they are sending when told to close. */
	const closes = parseInt(process.versions.node, 10) >= 18;
	const original = net.Server.prototype.listen;

	net.Server.prototype.listen = function listen() {
		if (!known.has(this)) {
			known.add(this);
			this.on('secureConnection', (s) => keep(secure, s));
			if (closes)
				this.on('session', (s) => joined(s));
		}
		return original.apply(this, arguments);
	};
}

function keep(set, it) {
	set.add(it);
	it.once('close', () => set.delete(it));
}

function joined(session) {
	keep(sessions, session);
	if (draining)
		once(goaway, QUIET * LOOK_MS, session).unref();
}

/* It takes no more requests, and closes with the last that it has. */
function goaway(session) {
	if (!session.closed && !session.destroyed)
		session.close();
}

/*
 * Where every answer's header is made, also of those requests that are in
 * work already, and whoever has wrapped writeHead().
 */
function sayClose(proto) {
	const original = proto._storeHeader;

	proto._storeHeader = function _storeHeader() {
		this.shouldKeepAlive = false;
		const r = original.apply(this, arguments);
		if (!this._last && typeof this._header === 'string' &&
		    /^connection: *keep-alive *$/im.test(this._header)) {
			/* The app itself has said so. */
			this._header = this._header.replace(
			    /^(keep-alive: .*\r\n)/im, '').replace(
			    /^connection: *keep-alive *$/im,
			    'Connection: close');
			this._last = true;
		}
		return r;
	};
}

/*
 * Told to disconnect, servers close what is idle; to some versions of Node a
 * connection that has just come, and whose request is on its way, is idle.
 */
function spareNew(proto) {
	const original = proto.closeIdleConnections;

	if (typeof original !== 'function')
		return;
	proto.closeIdleConnections = function closeIdleConnections() {
		const close = () => original.apply(this, arguments);
		let fresh = false;

		attempt(() => {
			fresh = connections().some((s) => s.bytesRead === 0);
		});
		if (fresh)
			once(close, QUIET * LOOK_MS).unref();
		else
			close();
	};
}

/* Connections of HTTP/1 servers: those have a parser. */
function connections() {
	const all = [], tls = new Set();

	for (const s of secure) {
		tls.add(s._parent);
		if (s.parser)
			all.push(s);
	}
	for (const h of process._getActiveHandles()) {
		/* With TLS the parser comes when hands have been shaken. */
		if (h && h.server && (h.parser ||
		    (h.server.addContext && !tls.has(h))))
			all.push(h);
	}
	return all;
}

function drain() {
	const seen = new WeakMap();
	const timer = every(() => attempt(look), LOOK_MS);

	timer.unref();
	sayClose(require('http').ServerResponse.prototype);
	spareNew(require('http').Server.prototype);
	if (process.versions.openssl)
		spareNew(require('https').Server.prototype);
	sessions.forEach(goaway);
	look();

	/* In work, or with traffic a moment ago: a request may be coming. */
	function busy(s) {
		const bytes = s.bytesRead + s.bytesWritten;
		const was = seen.get(s);

		if (was === undefined || was.bytes !== bytes) {
			seen.set(s, { bytes: bytes, looks: 0 });
			return true;
		}
		return s._httpMessage || ++was.looks < QUIET;
	}
	function look() {
		if (sessions.size > 0 || connections().filter(busy).length > 0)
			return;
		stop(timer);
		drained();
	}
}

function drained() {
	if (answered)
		return;
	answered = true;
	if (process.connected)
		send.call(process, { cmd: 'NODE_PM_DRAINED' }, () => {});
}

/* A Node that is not as we know it: the app must not suffer from that. */
function attempt(fn) {
	try {
		fn();
	} catch (e) {
		drained();
	}
}

if (process.connected && typeof send === 'function' &&
    typeof process._getActiveHandles === 'function' &&
    require('cluster').isWorker) {
	follow();
	process.on('internalMessage', (m) => {
		if (draining || !m || m.cmd !== 'NODE_PM_DRAIN')
			return;
		draining = true;
		attempt(drain);
	});
}
