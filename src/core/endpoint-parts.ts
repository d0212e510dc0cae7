/** Address (IPv6 without its brackets) and port of the name of an endpoint: "192.0.2.1:443", "[2001:db8::1]:443". */
export function endpointParts(name: string): { host: string; port: string } {
  const colon = name.lastIndexOf(':');
  return { host: name.slice(0, colon).replace(/^\[|\]$/g, ''), port: name.slice(colon + 1) };
}
