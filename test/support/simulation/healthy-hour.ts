import type { Conversation, Ending, Fate, Plan } from './conversations.ts';
import { converse } from './conversations.ts';
import { randomNumbers } from '../mutate.ts';

const MILLISECOND = 1e6;
const SECOND = 1e9;
const HOUR = 3_600;
/** Shares of the segments that the network loses, and delivers late. */
const LOST = 0.004;
const LATE = 0.001;

const WEB = '198.51.100.1:443';
const DATABASE = '198.51.100.2:5432';
const CLOSED_PORT = '198.51.100.1:8443';
const BALANCER = '198.51.100.9';

/** How one kind of traffic goes; times in milliseconds after a connection's start. */
interface Traffic {
  connections: number;
  server: string;
  /** Client of the n-th connection. */
  client(index: number, random: Random): string;
  plan(random: Random): Pick<Plan, 'clientWrites' | 'serverWrites' | 'ending' | 'endsAt'> & Partial<Pick<Plan, 'keepAlives' | 'followed'>>;
  /** Round trip to the client, milliseconds, at least and at most. */
  distance: readonly [number, number];
}

type Random = () => number;
type Write = readonly [number, number];

function between(random: Random, least: number, most: number): number {
  return Math.floor(least + random() * (most - least));
}

/** Addresses of the whole benchmarking block, and ports that come again after some thousand connections. */
function visitor(index: number, random: Random): string {
  return `198.18.${between(random, 0, 8)}.${between(random, 1, 250)}:${32_768 + (index % 5_000)}`;
}

/** Requests and their answers: a second or so apart. */
function exchange(random: Random, requests: number): { clientWrites: Write[]; serverWrites: Write[]; endsAt: number } {
  const clientWrites: Write[] = [];
  const serverWrites: Write[] = [];
  // The first one follows the handshake.
  let at = 1;
  for (let request = 0; request < requests; request += 1) {
    clientWrites.push([at, between(random, 80, 900)]);
    serverWrites.push([at + between(random, 120, 300), between(random, 100, 1_500)]);
    at += between(random, 400, 2_000);
  }
  return { clientWrites, serverWrites, endsAt: at + 400 };
}

const TRAFFIC: readonly Traffic[] = [
  {
    // Browsers. Most close, the server closes what idles, one in thirty is closed in the user's face.
    connections: 7_000,
    server: WEB,
    client: visitor,
    distance: [4, 120],
    plan(random) {
      const kind = random();
      const ending: Ending = kind < 0.6 ? 'client-closes' : kind < 0.93 ? 'server-closes' : kind < 0.965 ? 'client-aborts' : 'both-close';
      return { ...exchange(random, between(random, 1, 3)), ending };
    },
  },
  {
    // Uploads that end with the client's FIN, and are answered after it: half-closes in use.
    connections: 300,
    server: WEB,
    client: visitor,
    distance: [4, 60],
    plan: (random) => ({ clientWrites: [[1, between(random, 1_000, 9_000)]], serverWrites: [[1_300, 900], [1_500, 300]], ending: 'server-closes-late', endsAt: 900 }),
  },
  {
    // A load balancer looks every few seconds whether the server is there: it connects and closes, or resets.
    connections: 2_200,
    server: WEB,
    client: (index) => `${BALANCER}:${20_000 + index}`,
    distance: [1, 2],
    plan: (random) => ({ clientWrites: [], serverWrites: [], ending: random() < 0.5 ? 'client-closes' : 'client-aborts', endsAt: 5 }),
  },
  {
    // Connection pools: queries, then quiet with keep-alives; still open in the end.
    connections: 60,
    server: DATABASE,
    client: (index) => `198.51.100.${20 + (index % 4)}:${50_000 + index}`,
    distance: [1, 2],
    plan(random) {
      const quiet = Array.from({ length: 20 }, (_, at) => 30_000 + at * 45_000);
      return { ...exchange(random, 8), ending: 'stays-open', endsAt: 0, keepAlives: quiet, followed: 1_000 * SECOND };
    },
  },
  {
    // Notices pushed now and then over connections that stay.
    connections: 40,
    server: WEB,
    client: visitor,
    distance: [20, 90],
    plan(random) {
      const notices = Array.from({ length: 40 }, (_, at): Write => [1_000 + at * between(random, 9_000, 11_000), between(random, 20, 90)]);
      return { clientWrites: [[1, 400]], serverWrites: notices, ending: 'client-closes', endsAt: 450_000, followed: 500 * SECOND };
    },
  },
  {
    // Somebody tries the port of yesterday.
    connections: 6,
    server: CLOSED_PORT,
    client: visitor,
    distance: [10, 60],
    plan: () => ({ clientWrites: [], serverWrites: [], ending: 'refused', endsAt: 0 }),
  },
  {
    // Visitors whom a filter before the server knows too well.
    connections: 12,
    server: WEB,
    client: visitor,
    distance: [40, 120],
    plan: () => ({ clientWrites: [], serverWrites: [], ending: 'unanswered', endsAt: 0 }),
  },
];

/** An hour of the traffic of servers with which nothing is wrong, seen before them: some ten thousand connections. */
export function healthyHour(): Conversation[] {
  const random = randomNumbers(20_260_101);
  return TRAFFIC.flatMap((traffic) =>
    Array.from({ length: traffic.connections }, (_, index) => {
      const [least, most] = traffic.distance;
      const shape = traffic.plan(random);
      // All have ended, or have gone quiet, when the hour has.
      const start = ((index + random()) / traffic.connections) * ((HOUR - 20) * SECOND - (shape.followed ?? 0));
      const plan = {
        clientDelay: ((least + random() * (most - least)) / 2) * MILLISECOND,
        serverDelay: 0.03 * MILLISECOND,
        clientIss: between(random, 0, 2 ** 32),
        serverIss: between(random, 0, 2 ** 32),
        start,
        fates: Array.from({ length: 60 }, () => fate(random)),
        ends: [traffic.client(index, random), traffic.server] as const,
        ...shape,
      };
      return converse(plan, index);
    }),
  );
}

function fate(random: Random): Fate {
  const drawn = random();
  if (drawn < LOST) return 'lost-at-client';
  return drawn < LOST + LATE ? 'late' : 'arrives';
}
