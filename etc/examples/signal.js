/* pm2ctl start signal.js; pm2ctl sendSignal SIGUSR2 signal */
process.on('SIGUSR2', () => console.log('SIGUSR2'));
console.log('waiting for SIGUSR2');
setInterval(() => {}, 60000);
