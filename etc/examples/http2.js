/*
 * HTTP/2 in clear text, as behind a proxy: pm2ctl start http2.js -i 2
 * When it is to leave, it tells its clients to open a new session (GOAWAY)
 * and answers what they have asked already: pm2ctl gracefulReload http2
 */
const http2 = require('http2');

const sessions = new Set();
const server = http2.createServer();

server.on('session', (session) => {
	sessions.add(session);
	session.on('close', () => sessions.delete(session));
});
server.on('stream', (stream) => {
	stream.respond({ ':status': 200 });
	stream.end(`${process.pid} says hello\n`);
});
server.listen(process.env.PORT || 8000);

process.on('message', (message) => {
	if (message === 'shutdown') {
		sessions.forEach((session) => session.close());
		server.close(() => process.exit(0));
	}
});
