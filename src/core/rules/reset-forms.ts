/** What the form of a RST says of the code that sent it, in a sentence each. */
const WORDS: { [form: string]: string } = {
  unknown: 'Its form fits none of the usual ones.',
  'no-socket': 'A bare RST whose number is the acknowledgment of what it answers comes from a host that has no such socket (any more): it had closed in full, timed out or restarted.',
  'closed-port': 'A RST that acknowledges a SYN comes from a port on which nothing listens, or from a firewall that rejects in its name.',
  abort: 'A RST with ACK at the exact next number comes from a live socket that was aborted: closed with unread data, closed with SO_LINGER 0, or its process killed.',
  middlebox: "Its IP header does not fit the end's other segments: a device on the path made it.",
  'answers-challenge': 'It answers a challenge ACK: the host really has no such connection any more.',
};

export function formWords(form: string): string {
  return WORDS[form] ?? '';
}
