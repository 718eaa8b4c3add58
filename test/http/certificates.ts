/** Certificates made when a test needs them, by the openssl program: a stored one would expire. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Both in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * @param names as openssl spells subjectAltName, e.g. `DNS:localhost,IP:127.0.0.1`; '' for none
 * @param authority signs it; absent: it signs itself
 * @param days how long it is valid; negative: it has expired (not for one that signs itself)
 */
export function makeCertificate(commonName: string, names = '', authority?: Certificate, days = 2): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'kdebug-certificate-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const asked = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key', '-subj', `/CN=${commonName}`];
  if (names) asked.push('-addext', `subjectAltName=${names}`);
  try {
    if (authority) {
      writeFileSync(join(folder, 'ca'), authority.cert);
      writeFileSync(join(folder, 'ca-key'), authority.key);
      openssl('req', ...asked, '-out', 'request');
      openssl(
        'x509',
        '-req',
        '-in',
        'request',
        '-CA',
        'ca',
        '-CAkey',
        'ca-key',
        '-copy_extensions',
        'copy',
        '-days',
        String(days),
        '-out',
        'cert',
      );
    } else {
      openssl('req', '-x509', ...asked, '-days', String(days), '-out', 'cert');
    }
    return { cert: readFileSync(join(folder, 'cert'), 'utf8'), key: readFileSync(join(folder, 'key'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
