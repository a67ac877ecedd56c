/*
 * A small web server: pm2ctl start hello.js
 * It listens at 127.0.0.1, port 8000 or $PORT.
 */
const http = require('http');

const port = Number(process.env.PORT || 8000);

const server = http.createServer((req, res) => {
	console.log(`${req.method} ${req.url}`);
	res.writeHead(200, { 'Content-Type': 'text/plain' });
	res.end(`Hello from pid ${process.pid}\n`);
});

server.listen(port, '127.0.0.1', () => {
	console.log(`listening at http://127.0.0.1:${server.address().port}/`);
});

process.on('SIGINT', () => {
	console.log('told to stop: finishing what is under way');
	server.close(() => process.exit(0));
	server.closeIdleConnections?.();
});
