/* A line on each output every second: pm2ctl start echo.js; pm2ctl logs */
setInterval(() => {
	console.log('ok');
	console.error('thisnok');
}, 1000);
