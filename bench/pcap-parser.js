// Counts the packets of a capture with the pcap-parser package: node bench/pcap-parser.js FILE
import pcapParser from 'pcap-parser';

let packets = 0;
const parser = pcapParser.parse(process.argv[2]);
parser.on('packet', () => {
  packets++;
});
parser.on('end', () => process.stdout.write(`${packets}\n`));
parser.on('error', (/** @type {Error} */ error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
