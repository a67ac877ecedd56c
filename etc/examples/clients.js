/*
 * 50 clients for five seconds, half of them with keep-alive, who count what
 * goes wrong: node clients.js, while something happens to the server at port
 * 8000 or $PORT.
 */
const http = require('http');

const agents = [false, new http.Agent({ keepAlive: true })];
const port = process.env.PORT || 8000;
const end = Date.now() + 5000;
const servers = new Set();
let answers = 0;
let failed = 0;

function get(agent) {
	return new Promise((resolve, reject) => {
		http.get({ port, host: '127.0.0.1', agent }, (res) => {
			let text = '';
			res.on('data', (data) => { text += data; });
			res.on('end', () => resolve(text));
			res.on('error', reject);
		}).on('error', reject);
	});
}

async function client(n) {
	while (Date.now() < end) {
		try {
			servers.add((await get(agents[n % 2])).split(' ')[0]);
			answers++;
		} catch (e) {
			failed++;
			console.log(e.message);
		}
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

Promise.all(Array.from({ length: 50 }, (_, n) => client(n))).then(() => {
	console.log(`${answers} answers of ${servers.size} processes,`,
	    `${failed} failed`);
	process.exit(failed ? 1 : 0);
});
