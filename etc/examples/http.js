/*
 * One port, all CPUs: pm2ctl start http.js -i max
 * Then, while clients come: pm2ctl reload http
 * It listens at port 8000 or $PORT.
 */
const http = require('http');

http.createServer((req, res) => {
	res.end(`${process.pid} says hello\n`);
}).listen(process.env.PORT || 8000);
