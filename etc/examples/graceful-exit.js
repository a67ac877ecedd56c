/*
 * Told before it is replaced: pm2ctl gracefulReload graceful-exit
 * The message comes when the successor has taken over; kill_timeout (4 s, or
 * PM2_GRACEFUL_TIMEOUT) later it would be killed.
 */
process.on('message', function(msg) {
	if (msg == 'shutdown') {
		console.log('Closing all connections...');
		setTimeout(function() {
			console.log('Finished closing connections');
			process.exit(0);
		}, 1500);
	}
});

var http = require('http');

http.createServer(function(req, res) {
	res.writeHead(200);
	res.end('hey');
}).listen(process.env.PORT || 8000, function() {
	console.log('listening');
});
