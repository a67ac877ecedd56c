/*
 * It listens early, but is of use only when its cache is warm.  With
 * --wait-ready it is online, and a reload takes the old one away, when it
 * says so: pm2ctl start ready.js --wait-ready --listen-timeout 5s
 */
const http = require('http');

let cache;

http.createServer((req, res) => {
	res.statusCode = cache ? 200 : 503;
	res.end(`${process.pid} ${cache || 'not ready'}\n`);
}).listen(process.env.PORT || 8000);

setTimeout(() => {
	cache = 'warm';
	if (process.send)
		process.send('ready');
}, 1000);
