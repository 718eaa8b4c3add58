/** The audit log of the API server: what it was really asked. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface Audited {
  readonly verb: string;
  readonly uri: string;
  /** `pods`, `pods/log`; undefined for requests that name no resource (`/apis/...`). */
  readonly resource: string | undefined;
  readonly namespace: string | undefined;
  readonly userAgent: string | undefined;
}

/** As written by audit.k8s.io/v1, one JSON object a line. */
interface AuditEvent {
  readonly requestReceivedTimestamp: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly namespace?: string };
}

/**
 * @param file the log; what was rotated away from it stands beside it as `audit-<time>.log`
 * @returns the requests since then
 */
export function auditedSince(since: Date, file: string): Audited[] {
  const name = basename(file, '.log');
  const files = readdirSync(dirname(file)).filter((one) => one.startsWith(name) && one.endsWith('.log'));
  const lines = files
    .map((one) => join(dirname(file), one))
    .filter(existsSync)
    .flatMap((one) => readFileSync(one, 'utf8').split('\n'));
  return lines.flatMap((line): Audited[] => {
    if (!line.includes('kdebug')) return [];
    const { requestReceivedTimestamp, verb, requestURI, userAgent, objectRef } = JSON.parse(line) as AuditEvent;
    if (Date.parse(requestReceivedTimestamp) < since.getTime()) return [];
    const resource = objectRef?.resource && [objectRef.resource, objectRef.subresource].filter(Boolean).join('/');
    return [{ verb, uri: requestURI, resource, namespace: objectRef?.namespace, userAgent }];
  });
}
