/*
 * Datagrams: the workers share one socket, whoever is free answers.
 * pm2ctl start udp.js -i 2
 */
const dgram = require('dgram');

const socket = dgram.createSocket('udp4');

socket.on('message', (message, from) => {
	socket.send(`${process.pid}: ${message}`, from.port, from.address);
});
socket.bind(process.env.PORT || 8000);
