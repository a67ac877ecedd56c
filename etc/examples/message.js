/*
 * Messages in both directions: pm2ctl start message.js
 * pm2ctl message message '{"say":"hello"}'
 */
process.on('message', (message) => {
	console.log('told', JSON.stringify(message));
	process.send({ heard: message, by: process.pid });
});
console.log('waiting');
