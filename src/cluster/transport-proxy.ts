/**
 * Which proxy leads to a URL, by kubectl's rules (golang.org/x/net/http/httpproxy). The npm packages for this know no CIDR in NO_PROXY,
 * do not let `example.com` stand for its subdomains, and honour ALL_PROXY, which kubectl does not: with them kdebug would
 * take another way than kubectl.
 */
import { BlockList, isIP } from 'node:net';

type Env = Readonly<Record<string, string | undefined>>;

const variable = (env: Env, name: string) => env[name] || env[name.toLowerCase()] || '';

/**
 * @param url of the API server
 * @param env the process's environment: HTTPS_PROXY or HTTP_PROXY by the scheme of the URL, and NO_PROXY, in capitals or small letters
 * @returns the proxy's URL, or undefined for the direct way
 */
export function proxyFor(url: string, env: Env): string | undefined {
  const { protocol, hostname, port } = new URL(url);
  const proxy = variable(env, protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (!proxy || isDirect(host, port || (protocol === 'https:' ? '443' : '80'), variable(env, 'NO_PROXY'))) return undefined;
  return /^(https?|socks5h?):\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

function isDirect(host: string, port: string, noProxy: string): boolean {
  if (host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))) return true;
  return noProxy
    .toLowerCase()
    .split(',')
    .map((entry) => entry.trim())
    .some((entry) => entry === '*' || inNetwork(host, entry) || namesHost(host, port, entry));
}

function inNetwork(host: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  if (!isIP(host) || !isIP(network) || !/^\d{1,3}$/.test(bits) || Number(bits) > (isIP(network) === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family(network));
  return list.check(host, family(host));
}

/** `example.com` and `*.example.com`, `.example.com` with their subdomains (the last two without the name itself), an address; each may carry a port. */
function namesHost(host: string, port: string, entry: string): boolean {
  const [, bracketed, plain = '', entryPort] = /^(?:\[([^\]]*)\]|(.*?))(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  const name = (bracketed ?? plain).replace(/^\*(?=\.)/, '');
  if (!name || (entryPort && entryPort !== port)) return false;
  if (isIP(name) || isIP(host)) return host === name;
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}
