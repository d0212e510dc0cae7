/* A server for the live tests: port 8001 never closes, 8002 answers and closes, 8003 keeps connections open. Says "ready". */
import { createServer, type Socket } from 'node:net';

/** As a program that forgets its half: what its peer closes stays in CLOSE_WAIT. */
function leak(socket: Socket): void {
  socket.resume();
}

function answer(socket: Socket): void {
  socket.on('data', () => socket.write('world'));
  socket.on('end', () => socket.end());
}

const LISTENERS = [[8001, leak], [8002, answer], [8003, leak]] as const;
let waiting = LISTENERS.length;
for (const [port, handle] of LISTENERS) {
  createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    handle(socket);
  }).listen(port, '0.0.0.0', () => {
    waiting--;
    if (waiting === 0) process.stdout.write('ready\n');
  });
}
