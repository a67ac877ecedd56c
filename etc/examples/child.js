/* An app with a child of its own, which ends with it: pm2ctl start child.js */
const { spawn } = require('child_process');

const child = spawn('sleep', ['100000']);
console.log(`my child is ${child.pid}`);
