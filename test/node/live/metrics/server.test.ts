import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { PageServer, type PageMaker } from '../../../../src/node/live/metrics/server.ts';

const PAGES = new Map<string, PageMaker>([
  ['/metrics', (accept) => ({ status: 200, contentType: 'text/plain; charset=utf-8', body: `é ${accept ?? ''}\n` })],
  ['/broken', () => Promise.reject(new Error('no'))],
]);

describe('The server of pages', () => {
  let server: PageServer;
  let port = 0;

  before(async () => {
    server = await PageServer.listen({ host: '127.0.0.1', port: 0 }, PAGES);
    port = Number(new URL(server.url).port);
  });

  after(() => server.close());

  /** Sends bytes as they are, and gives all that comes until the server closes. */
  async function raw(request: string): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    socket.write(request);
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    await once(socket, 'close');
    return answer;
  }

  it('listens where it was told only', () => {
    expect(server.url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('gives a page, its length in bytes', async () => {
    const answer = await fetch(`${server.url}/metrics`, { headers: { accept: 'x/y' } });
    expect(answer.status).to.equal(200);
    expect(answer.headers.get('content-type')).to.equal('text/plain; charset=utf-8');
    expect(answer.headers.get('content-length')).to.equal('7');
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    expect(await answer.text()).to.equal('é x/y\n');
  });

  it('takes a query for nothing', async () => {
    expect((await fetch(`${server.url}/metrics?name[]=up`)).status).to.equal(200);
  });

  it('gives no body to HEAD', async () => {
    const answer = await fetch(`${server.url}/metrics`, { method: 'HEAD', headers: { accept: 'x/y' } });
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).to.deep.equal([200, '7', '']);
  });

  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    it(`refuses ${method}`, async () => {
      const answer = await fetch(`${server.url}/metrics`, { method });
      expect([answer.status, answer.headers.get('allow')]).to.deep.equal([405, 'GET, HEAD']);
    });
  }

  for (const path of ['/', '/metric', '/metrics/', '/metrics/../../etc/passwd', '/..%2f..%2fetc%2fpasswd', '//metrics', '/%6detrics', '/constructor', '/__proto__']) {
    it(`knows no ${path}`, async () => {
      expect(await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).to.match(/^HTTP\/1\.1 404 /).and.to.include('there is /metrics');
    });
  }

  it('does not care for the host that is asked for', async () => {
    for (const host of ['Host: evil.example\r\n', 'Host: \r\n', '']) {
      expect(await raw(`GET /metrics HTTP/1.1\r\n${host}Connection: close\r\n\r\n`), host).to.match(/^HTTP\/1\.1 200 /);
    }
  });

  it('answers what is not HTTP, or too long, with an error, and goes on', async () => {
    expect(await raw('\x16\x03\x01 hello\r\n\r\n')).to.match(/^HTTP\/1\.1 400 /);
    expect(await raw(`GET /metrics HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(10_000)}\r\n\r\n`)).to.match(/^HTTP\/1\.1 431 /);
    expect((await fetch(`${server.url}/metrics`)).status).to.equal(200);
  });

  it('says 500 and no more when a page cannot be made', async () => {
    const answer = await fetch(`${server.url}/broken`);
    expect([answer.status, await answer.text()]).to.deep.equal([500, 'internal error\n']);
  });

  it('answers others while some ask slowly, and refuses too many at once', async () => {
    const slow: Socket[] = Array.from({ length: 50 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    await Promise.all(slow.map((socket) => once(socket, 'connect')));
    for (const socket of slow) socket.write('GET /metrics HTTP/1.1\r\nHost: ');
    expect(await raw('GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).to.match(/^HTTP\/1\.1 200 /);
    const more = Array.from({ length: 15 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    await Promise.race(more.map((socket) => once(socket, 'close')));
    for (const socket of [...slow, ...more]) socket.destroy();
  });

  it('says in one line that a port is in use, or an address not of this machine', async () => {
    const failure = (host: string): Promise<string> =>
      PageServer.listen({ host, port }, PAGES).then(() => 'listens', (error: Error) => error.message);
    expect(await failure('127.0.0.1')).to.equal(`--metrics 127.0.0.1:${port}: the port is in use, perhaps by another synoptic: choose another one`);
    // Of a network for documentation (RFC 5737).
    expect(await failure('192.0.2.1')).to.equal(`--metrics 192.0.2.1:${port}: this machine has no such address: ip address shows those it has`);
  });

  it('closes although somebody has a connection open', async () => {
    const other = await PageServer.listen({ host: '127.0.0.1', port: 0 }, PAGES);
    const socket = connect(Number(new URL(other.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => undefined).write('GET /met');
    const closed = once(socket, 'close');
    await other.close();
    await closed;
    expect(other.url).to.equal('');
  });
});
