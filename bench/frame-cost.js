// node --import ./bench/frame-cost.js ...: writes to the file FRAME_COST, when the program ends, what each frame of its screen took: when it was drawn (milliseconds since the
// epoch), and the processor time of reading, drawing and writing it (milliseconds, all threads). See bench/live-load.js.
import { tracingChannel } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';

/** @type {{time: number, cost: number}[]} */
const frames = [];
let before = process.cpuUsage();

tracingChannel('synoptic:frame').subscribe({
  start() {
    before = process.cpuUsage();
  },
  end() {
    const { user, system } = process.cpuUsage(before);
    frames.push({ time: Date.now(), cost: (user + system) / 1000 });
  },
});

process.on('exit', () => {
  // The programs that it starts are given the same environment, and draw nothing.
  if (frames.length > 0 && process.env['FRAME_COST'] !== undefined) writeFileSync(process.env['FRAME_COST'], JSON.stringify(frames));
});
