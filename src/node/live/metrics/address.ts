import { isIPv6 } from 'node:net';
import { MetricsError } from './error.ts';

/** Where the metrics are served. */
export interface ListenAddress {
  /** A name or an IP address, without brackets. */
  host: string;
  port: number;
}

/** Who reads the report learns who talks to whom: unless another address is asked for, only this machine may. */
const LOOPBACK = '127.0.0.1';

const SHAPE = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/;
const HOST = /^[A-Za-z0-9_.-]*$/;

/**
 * Reads `host:port`, `[v6]:port` or `:port` (of the loopback address); port 0 lets the system choose one.
 *
 * Throws `MetricsError`.
 */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, plain = '', digits] = SHAPE.exec(text) ?? [];
  if (digits === undefined) {
    const isBareIPv6 = isIPv6(text) || isIPv6(text.replace(/:\d+$/, ''));
    const hint = isBareIPv6 ? 'write an IPv6 address in brackets, such as [::1]:9469' : 'write it as HOST:PORT, such as 127.0.0.1:9469';
    throw new MetricsError(`--metrics ${text}: no address to listen on; ${hint}`);
  }
  const port = Number(digits);
  if (port > 65_535) throw new MetricsError(`--metrics ${text}: a port is a number up to 65535`);
  if (bracketed !== undefined) {
    if (!isIPv6(bracketed)) throw new MetricsError(`--metrics ${text}: only an IPv6 address stands in brackets, such as [::1]:9469`);
    return { host: bracketed, port };
  }
  if (!HOST.test(plain)) throw new MetricsError(`--metrics ${text}: ${plain} is neither an IP address nor the name of a host`);
  return { host: plain || LOOPBACK, port };
}

/** As in a URL: IPv6 in brackets. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
