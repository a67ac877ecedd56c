/*
 * Takes a second to end in good order.  pm2ctl stop sends SIGINT and waits
 * for kill_timeout (4 s) before it sends SIGKILL.
 */
console.log('working');
const work = setInterval(() => {}, 60000);

process.on('SIGINT', () => {
	console.log('finishing');
	setTimeout(() => {
		console.log('finished');
		clearInterval(work);
		process.exit(0);
	}, 1000);
});
