/*
 * client.js ADDRESS: 20 connections that it closes and the server (8001) does not, 15 that both close, 5 that stay open, and one to
 * a port that nobody listens on. Says "done" when all of it has happened, and stays, so that its sockets do.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LEAKED = 20;
const CLOSED = 15;
const OPEN = 5;
const address = process.argv[2];

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: address, port, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

for (let index = 0; index < LEAKED; index++) {
  const socket = await open(8001);
  socket.resume().write('hello');
  socket.end();
  await once(socket, 'finish');
}
for (let index = 0; index < CLOSED; index++) {
  const socket = await open(8002);
  socket.write('hello');
  await once(socket, 'data');
  socket.end();
  await once(socket.resume(), 'close');
}
for (let index = 0; index < OPEN; index++) (await open(8003)).write('hello');
// The rule that tells leaks does not count sockets that have waited for less than two seconds.
await sleep(2500);
await open(8004).catch(() => undefined);
process.stdout.write('done\n');
setInterval(() => undefined, 60_000);
