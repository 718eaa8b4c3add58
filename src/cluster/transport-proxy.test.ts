import { expect, test } from 'vitest';
import { proxyFor } from './transport-proxy.ts';

const proxy = 'http://proxy:3128';

test.each([
  ['https://api.shop.io:6443', { HTTPS_PROXY: proxy }, proxy],
  ['https://api.shop.io:6443', { https_proxy: proxy }, proxy],
  ['https://api.shop.io:6443', { HTTPS_PROXY: 'proxy:3128' }, proxy],
  ['https://api.shop.io:6443', { HTTPS_PROXY: 'socks5://proxy:1080' }, 'socks5://proxy:1080'],
  ['http://api.shop.io', { HTTP_PROXY: proxy }, proxy],
  ['https://api.shop.io', { HTTP_PROXY: proxy }, undefined],
  ['https://api.shop.io', { ALL_PROXY: proxy }, undefined],
  ['https://api.shop.io', {}, undefined],
])('%s with %o goes through %s', (url, env, expected) => {
  expect(proxyFor(url, env)).toBe(expected);
});

test.each([
  ['https://localhost:6443', ''],
  ['https://127.0.0.9:6443', ''],
  ['https://[::1]:6443', ''],
  ['https://api.shop.io', '*'],
  ['https://api.shop.io', 'shop.io'],
  ['https://shop.io', 'shop.io'],
  ['https://API.shop.io', 'a.b, .Shop.io'],
  ['https://api.shop.io', '*.shop.io'],
  ['https://api.shop.io:6443', 'shop.io:6443'],
  ['https://api.shop.io', 'shop.io:443'],
  ['https://10.1.2.3:6443', '10.0.0.0/8'],
  ['https://10.1.2.3:6443', '10.1.2.3'],
  ['https://10.1.2.3:6443', '10.1.2.3:6443'],
  ['https://[fd00::5]:6443', 'fd00::/64'],
  ['https://[fd00::5]:6443', 'fd00::5'],
])('%s goes directly with NO_PROXY=%s', (url, noProxy) => {
  expect(proxyFor(url, { HTTPS_PROXY: proxy, NO_PROXY: noProxy })).toBeUndefined();
});

test.each([
  ['https://shop.io', '.shop.io'],
  ['https://shop.io', '*.shop.io'],
  ['https://myshop.io', 'shop.io'],
  ['https://api.shop.io:6443', 'shop.io:443'],
  ['https://192.168.1.1:6443', '10.0.0.0/8'],
  ['https://10.1.2.3:6443', '10.0.0.0/99'],
  ['https://10.1.2.30:6443', '10.1.2.3'],
  ['https://10.1.2.3:6443', '2.3'],
  ['https://api.shop.io', 'fd00::/64,,'],
])('%s goes through the proxy with NO_PROXY=%s', (url, noProxy) => {
  expect(proxyFor(url, { HTTPS_PROXY: proxy, NO_PROXY: noProxy })).toBe(proxy);
});
