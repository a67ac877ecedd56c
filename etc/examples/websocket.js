/*
 * Websockets by hand (RFC 6455), to show that connections stay with their
 * worker: each message comes back with its pid.
 *
 *	pm2ctl start websocket.js -i 2
 *	pm2ctl gracefulReload websocket
 *
 * At the message "shutdown" it says goodbye to its clients (close frame 1001,
 * going away), who connect anew and find another worker.
 */
const crypto = require('crypto');
const http = require('http');

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const clients = new Set();

function frame(opcode, payload) {
	return Buffer.concat([
		Buffer.from([0x80 | opcode, payload.length]), payload]);
}

/* One short frame of a client, which is masked; undefined: not there yet. */
function parse(buf) {
	if (buf.length < 6 || buf.length < 6 + (buf[1] & 0x7f))
		return undefined;
	const end = 6 + (buf[1] & 0x7f);
	const payload = buf.subarray(6, end).map((b, i) => b ^ buf[2 + i % 4]);
	return { opcode: buf[0] & 0x0f, payload, rest: buf.subarray(end) };
}

function serve(socket) {
	let buf = Buffer.alloc(0);

	clients.add(socket);
	socket.on('close', () => clients.delete(socket));
	socket.on('error', () => socket.destroy());
	socket.on('data', (data) => {
		buf = Buffer.concat([buf, data]);
		for (let f; (f = parse(buf)) !== undefined; buf = f.rest) {
			if (f.opcode === 8)
				return socket.end(frame(8, f.payload));
			socket.write(frame(1, Buffer.from(
			    `${process.pid}: ${f.payload}`.slice(0, 125))));
		}
	});
}

const server = http.createServer((req, res) => res.end('a websocket\n'));

server.on('upgrade', (req, socket) => {
	const accept = crypto.createHash('sha1')
	    .update(req.headers['sec-websocket-key'] + GUID).digest('base64');
	socket.write('HTTP/1.1 101 Switching Protocols\r\n' +
	    'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
	    `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
	serve(socket);
});
server.listen(process.env.PORT || 8000);

process.on('message', (message) => {
	if (message === 'shutdown') {
		clients.forEach((s) => s.end(frame(8, Buffer.from([3, 233]))));
		server.close(() => process.exit(0));
	}
});
