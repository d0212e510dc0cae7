import type { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { formatListenAddress, type ListenAddress } from './address.ts';
import { MetricsError } from './error.ts';

/** The response for one path. */
export interface Page {
  status: number;
  contentType: string;
  body: string;
}

/** Makes a page for a request's `Accept` header. */
export type PageMaker = (accept: string | undefined) => Page | Promise<Page>;

/** How long a client may take to send a request, and again to fetch the response, before the connection is cut (milliseconds). */
const PATIENCE_MS = 10_000;
const IDLE_MS = 5_000;
const MOST_CONNECTIONS = 64;
const MOST_HEADER_BYTES = 8 * 1024;

const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** How `listen` can fail, and the remedies. */
const LISTEN_HINTS: { readonly [code: string]: string } = {
  EADDRINUSE: 'the port is in use, perhaps by another synoptic: choose another one',
  EADDRNOTAVAIL: 'this machine has no such address: ip address shows those it has',
  EACCES: 'ports below 1024 need a privilege: choose a higher one',
  ENOTFOUND: 'no such host is known',
  EAI_AGAIN: 'no such host is known',
};

/** An HTTP server with a few fixed pages. Paths are looked up, and never become file names. */
export class PageServer {
  readonly #server: Server;
  readonly #pages: ReadonlyMap<string, PageMaker>;

  private constructor(create: typeof createServer, pages: ReadonlyMap<string, PageMaker>) {
    this.#pages = pages;
    this.#server = create(
      {
        headersTimeout: PATIENCE_MS,
        requestTimeout: PATIENCE_MS,
        connectionsCheckingInterval: 1_000,
        keepAliveTimeout: IDLE_MS,
        maxHeaderSize: MOST_HEADER_BYTES,
        requireHostHeader: false,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.setTimeout(PATIENCE_MS);
  }

  /** Listens. Throws `MetricsError` when it cannot. @param pages by path ("/metrics") */
  static async listen(address: ListenAddress, pages: ReadonlyMap<string, PageMaker>): Promise<PageServer> {
    // Loaded only to serve: other commands start without it.
    const { createServer } = await import('node:http');
    const own = new PageServer(createServer, pages);
    await new Promise<void>((resolve, reject) => {
      own.#server.once('error', reject);
      own.#server.listen(address.port, address.host, () => {
        own.#server.off('error', reject);
        resolve();
      });
    }).catch((error: NodeJS.ErrnoException) => {
      const hint = LISTEN_HINTS[error.code ?? ''] ?? error.message;
      throw new MetricsError(`--metrics ${formatListenAddress(address)}: ${hint}`, { cause: error });
    });
    return own;
  }

  /** Where it listens, as a URL without a path. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') return '';
    return `http://${isIPv6(address.address) ? `[${address.address}]` : address.address}:${address.port}`;
  }

  /** Stops listening. Responses on their way have a moment to finish. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#server.closeAllConnections(), 1_000);
    await closed;
    clearTimeout(cut);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that fetches a byte now and then is never idle, so there is a limit for the whole response, too.
    const cut = setTimeout(() => request.socket.destroy(), PATIENCE_MS);
    response.once('close', () => clearTimeout(cut));
    // Request bodies are ignored; one that never ends is cut with the connection.
    request.resume();
    const page = await this.#page(request).catch((): Page => ({ status: 500, contentType: PLAIN_TEXT, body: 'internal error\n' }));
    const body = Buffer.from(page.body);
    response.writeHead(page.status, {
      'Content-Type': page.contentType,
      'Content-Length': body.length,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...(page.status === 405 && { Allow: 'GET, HEAD' }),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  async #page({ method, url = '', headers }: IncomingMessage): Promise<Page> {
    const maker = this.#pages.get(url.split('?', 1)[0]);
    if (maker === undefined) return { status: 404, contentType: PLAIN_TEXT, body: `not found; there is ${[...this.#pages.keys()].join(', ')}\n` };
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, contentType: PLAIN_TEXT, body: 'only GET and HEAD\n' };
    return maker(headers.accept);
  }
}
