/*
 * TypeScript, by Node 24 and later as it is: pm2ctl start types.ts -i 2
 * By others: pm2ctl start types.ts --node-args "--import tsx"
 */
import http from 'node:http';

interface Hello {
	pid: number;
	text: string;
}

const hello: Hello = { pid: process.pid, text: 'says hello' };

http.createServer((req: http.IncomingMessage, res: http.ServerResponse) => {
	res.end(`${hello.pid} ${hello.text}\n`);
}).listen(process.env.PORT || 8000);
