/** Look-alikes of certificates (failure catalogue, section 22). */
import type { Group } from './group.ts';

export const TLS: readonly Group[] = [
  {
    row: 53,
    confused: 'default certificate: missing Secret / SAN mismatch / no SNI',
    sides: [
      ['no Secret', 'tls-secret-missing', 'tls-secret-missing'],
      ['a Secret without certificate', 'tls-secret-wrong-keys', 'tls-secret-wrong-type-or-keys'],
      ['a key of another certificate', 'tls-key-mismatch', 'tls-key-mismatch'],
      ['a certificate for another host', 'tls-host-mismatch', 'tls-host-mismatch'],
      ['a good one', 'healthy-tls', 'none'],
    ],
  },
  {
    row: 54,
    confused: 'TLS expired / not trusted / wrong host',
    sides: [
      ['the dates', 'tls-expired', 'tls-expired'],
      ['the chain', 'tls-chain-incomplete', 'tls-chain-incomplete'],
      ['the names', 'tls-host-mismatch-wildcard', 'tls-host-mismatch'],
    ],
  },
];
