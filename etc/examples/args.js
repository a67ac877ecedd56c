/* What follows -- comes here: pm2ctl start args.js -- -a 23 */
console.log(JSON.stringify(process.argv.slice(2)));
setInterval(() => {}, 60000);
