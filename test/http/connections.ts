/** A kubeconfig of one context, written to a file and opened as kdebug opens one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type ConnectionOptions, type LoadedConnection, loadConnection } from '../../src/cluster/kubeconfig.ts';
import type { ClusterEntry, UserEntry } from '../../src/cluster/kubeconfig-files.ts';
import type { OpenOptions } from '../../src/cluster/live.ts';
import type { ClusterReader } from '../../src/model.ts';

/** @returns a new folder, gone when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kdebug-http-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What differs from `https://k8s.test:6443` and an anonymous user. */
export interface Differences extends Partial<ConnectionOptions>, Partial<Pick<OpenOptions, 'trace' | 'stderr' | 'interactive'>> {
  readonly server?: string;
  readonly clusterEntry?: ClusterEntry;
  readonly userEntry?: UserEntry;
}

/** @returns the connection to a cluster `c` through a context `ctx`; without `userEntry` the context names no user. */
export function connectionTo({
  server = 'https://k8s.test:6443',
  clusterEntry,
  userEntry,
  ...options
}: Differences = {}): LoadedConnection {
  const file = join(temporaryFolder(), 'config');
  const content = {
    'current-context': 'ctx',
    contexts: [{ name: 'ctx', context: { cluster: 'c', ...(userEntry && { user: 'u' }) } }],
    clusters: [{ name: 'c', cluster: { server, ...clusterEntry } }],
    users: userEntry ? [{ name: 'u', user: userEntry }] : [],
  };
  writeFileSync(file, JSON.stringify(content));
  return loadConnection({ env: {}, homedir: '/nowhere', kubeconfig: file, ...options });
}

/** @returns an open reader, closed when the test ends. */
export async function readerOf(differences: Differences = {}): Promise<ClusterReader> {
  const { trace, stderr, interactive } = differences;
  const reader = await connectionTo(differences).open({
    version: '1.2.3',
    trace,
    stderr,
    ...(interactive !== undefined && { interactive }),
  });
  onTestFinished(() => reader.close());
  return reader;
}
