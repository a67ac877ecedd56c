/*
 * The same with TLS; sessions are resumed by whichever worker comes next.
 *
 *	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost \
 *	    -keyout key.pem -out cert.pem
 *	pm2ctl start https.js -i 2
 */
const fs = require('fs');
const https = require('https');

https.createServer({
	key: fs.readFileSync('key.pem'),
	cert: fs.readFileSync('cert.pem'),
}, (req, res) => {
	const how = req.socket.isSessionReused() ? 'resumed' : 'new';
	res.end(`${process.pid} says hello, ${how} session\n`);
}).listen(process.env.PORT || 8443);
