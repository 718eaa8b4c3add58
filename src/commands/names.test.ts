import { describe, expect, test } from 'vitest';
import { CAUSES } from '../causes.ts';
import { NAMES } from './names.ts';

/** The errors that the guide lists, as the guide spells them. */
const GUIDE = [
  'ImagePullBackoff',
  'ImageInspectError',
  'ErrImagePull',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'InvalidImageName',
  'CrashLoopBackOff',
  'RunContainerError',
  'KillContainerError',
  'VerifyNonRootError',
  'RunInitContainerError',
  'CreatePodSandboxError',
  'ConfigPodSandboxError',
  'KillPodSandboxError',
  'SetupNetworkError',
  'TeardownNetworkError',
];
const KUBECTL = [
  'CreateContainerConfigError',
  'CreateContainerError',
  'ContainerCreating',
  'Init:CrashLoopBackOff',
  'OOMKilled',
  'Pending',
  'Evicted',
  'Completed',
  'Error',
  'Unschedulable',
  'FailedMount',
  'FailedScheduling',
];
const EXIT_CODES = ['0', '1', '126', '127', '128', '134', '137', '139', '143', '255'];

const words = Object.keys(NAMES);
/** As `kdebug explain` looks a word up. */
const found = (word: string) => Object.entries(NAMES).find(([one]) => one.toLowerCase() === word.toLowerCase())?.[1];

test.each([...GUIDE, ...KUBECTL, ...EXIT_CODES])('%s is explained', (word) => {
  expect(found(word)?.causes.length).toBeGreaterThan(0);
});

describe.each(words)('%s', (word) => {
  test('says one sentence, and names each cause once', () => {
    const { says, causes } = NAMES[word] ?? { says: '', causes: [] };
    expect(says).toMatch(/^[A-Z][^.]*(\d\.\d[^.]*)*\.$/);
    expect(causes.length).toBeGreaterThan(0);
    expect(new Set(causes).size).toBe(causes.length);
  });
});

test('no word hides another one or a cause', () => {
  const lower = words.map((word) => word.toLowerCase());
  expect(new Set(lower).size).toBe(lower.length);
  expect(lower.filter((word) => word in CAUSES)).toEqual([]);
});

// What each word must lead to, from the failure catalogue; a state is no answer to itself.
test.each([
  ['VerifyNonRootError', 'run-as-non-root-root-image'],
  ['SetupNetworkError', 'sandbox-cni-error'],
  ['CreatePodSandboxError', 'sandbox-cni-error'],
  ['RegistryUnavailable', 'registry-connection-refused'],
  ['InvalidImageName', 'image-invalid-name'],
  ['ErrImageNeverPull', 'image-never-pull'],
  ['RunContainerError', 'run-executable-not-found'],
  ['CreateContainerConfigError', 'config-key-not-found'],
  ['ContainerCreating', 'mount-configmap-not-found'],
  ['Evicted', 'pod-evicted-node-pressure'],
  ['Completed', 'exit-0-completed'],
  ['137', 'oom-killed'],
  ['127', 'exit-127-command-not-found'],
  ['255', 'exec-format-error'],
] as const)('%s leads to %s', (word, cause) => {
  expect(found(word)?.causes).toContain(cause);
});

test('CrashLoopBackOff does not lead to itself', () => {
  expect(found('CrashLoopBackOff')?.causes).not.toContain('crash-loop-back-off');
});
