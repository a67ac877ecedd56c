/*
 * What a worker sees: pm2ctl start cluster.js -i 2; pm2ctl logs cluster
 * (A script that forks workers itself, "if (cluster.isPrimary) cluster.fork()",
 * runs its other branch here: pm2d does the forking.)
 */
const cluster = require('cluster');
const http = require('http');

const { NODE_APP_INSTANCE } = process.env;

console.log(cluster.isWorker ? `worker ${cluster.worker.id}` : 'no worker',
    `instance ${NODE_APP_INSTANCE}`);

http.createServer((req, res) => {
	res.end(`instance ${NODE_APP_INSTANCE} ${process.pid}\n`);
}).listen(process.env.PORT || 8000);
