const OLDEST = '20.19';

/** @param {string} version "20.19.1" */
function orderOf(version) {
  const [major, minor] = version.split('.').map(Number);
  return major * 1000 + minor;
}

/** Ends the program under a Node.js that is too old, in words: what is missing in it would fail later, as if the fault were ours. */
export function refuseOldNode() {
  const { node } = process.versions;
  if (orderOf(node) >= orderOf(OLDEST)) return;
  process.stderr.write(`synoptic: Node.js ${OLDEST} or later is needed; this is ${node} (${process.execPath})\n`);
  process.exit(2);
}
