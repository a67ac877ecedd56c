/* Dies at once, each time: after 15 times pm2d gives up and says errored. */
console.error('this app cannot work');
process.exit(1);
