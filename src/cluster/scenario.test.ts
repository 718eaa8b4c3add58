import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Recording } from './recorded.ts';
import {
  loadRecorded,
  loadScenario,
  parseRecording,
  parseScenario,
  recordingText,
  ScenarioError,
  saveRecorded,
  targetIn,
} from './scenario.ts';

const GOOD = `
title: A key is missing
target: deployment/checkout
settle:
  - 'deployment checkout: .status.replicas == 1'
roots:
  - cause: config-key-not-found
    container: web
    because: the kubelet says so
consequences:
  - {cause: service-endpoints-not-ready, of: [config-key-not-found], because: the slice says so}
verdict: faulty
source: recorded
versions: [1.34]
needs: [traefik]
`;

const faultsOf = (content: string): string => {
  try {
    parseScenario('x', content);
    return 'none';
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    return (error as Error).message;
  }
};

describe('parseScenario', () => {
  it('reads all fields, and fills in what is left out', () => {
    const scenario = parseScenario('key-missing', GOOD);
    expect(scenario).toMatchObject({
      name: 'key-missing',
      title: 'A key is missing',
      target: { kind: 'Deployment', name: 'checkout' },
      verdict: 'faulty',
      versions: ['1.34'],
      needs: ['traefik'],
    });
    expect(scenario.roots).toEqual([{ cause: 'config-key-not-found', container: 'web', of: [], because: 'the kubelet says so' }]);
    expect(scenario.consequences).toEqual([
      { cause: 'service-endpoints-not-ready', of: ['config-key-not-found'], because: 'the slice says so' },
    ]);
    expect(scenario).toMatchObject({
      timeout: 90,
      exclusive: false,
      probe: false,
      phases: false,
      remedies: 'run',
      settleBefore: [],
      namespaceLabels: {},
      needsMore: false,
    });
    expect(scenario.as).toBeUndefined();
    expect(targetIn(scenario, { namespace: 'shop' })).toEqual({ kind: 'Deployment', namespace: 'shop', name: 'checkout' });
  });

  const bad: readonly [what: string, content: string, says: string][] = [
    [
      'an unknown cause',
      GOOD.replace('cause: config-key-not-found', 'cause: config-key-not-fuond'),
      'roots[0].cause there is no cause config-key-not-fuond; did you mean config-key-not-found?',
    ],
    [
      'a name that every object has',
      GOOD.replace('cause: config-key-not-found', 'cause: constructor'),
      'roots[0].cause there is no cause constructor',
    ],
    ['an unknown field', `${GOOD}reliable: true\n`, 'reliable is not known; known are title, target'],
    [
      'an unknown field of a root',
      GOOD.replace('container: web', 'pod: web'),
      'roots[0].pod is not known; known are cause, container, because',
    ],
    ['a missing field', GOOD.replace('verdict: faulty\n', ''), 'verdict is missing'],
    ['a missing reason of the expectation', GOOD.replace('    because: the kubelet says so\n', ''), 'roots[0].because is missing'],
    ['a consequence of nothing said', GOOD.replace('of: [config-key-not-found], ', ''), 'consequences[0].of is missing'],
    ['an unknown verdict', GOOD.replace('verdict: faulty', 'verdict: broken'), 'verdict must be faulty, unknown, progressing or healthy'],
    ['a target without a name', GOOD.replace('deployment/checkout', 'checkout'), 'target must be like deployment/checkout'],
    [
      'a target of a kind that nobody may name',
      GOOD.replace('deployment/checkout', 'configmap/a'),
      'target must be like deployment/checkout',
    ],
    ['an unknown addon', GOOD.replace('[traefik]', '[istio]'), 'needs[0] must be traefik, gateway-api, kwok, metrics or storage'],
    ['an authored one without a reason', GOOD.replace('source: recorded', 'source: authored'), 'reason is missing'],
    ['skipped remedies without a reason', `${GOOD}remedies: skip\n`, 'remediesWhy is missing'],
    ['a list that is none', GOOD.replace(/settle:\n.*\n/, 'settle: now\n'), 'settle must be a list'],
    ['a flag that is none', `${GOOD}phases: maybe\n`, 'phases must be true or false'],
    ['what is no YAML', 'title: "a\n', 'is not YAML'],
    ['nothing', '', 'it must have fields'],
  ];
  for (const [what, content, says] of bad) it(`refuses ${what}`, () => expect(faultsOf(content)).toContain(says));

  it('names the file and every fault at once', () => {
    const said = faultsOf(GOOD.replace('verdict: faulty', 'verdict: broken').replace('[traefik]', '[istio]'));
    expect(said).toMatch(/^x\/scenario.yaml: /);
    expect(said).toContain('verdict');
    expect(said).toContain('needs[0]');
  });
});

const RECORDING: Recording = {
  apiVersion: 'kdebug/v1alpha1',
  kind: 'Recording',
  now: '2026-01-31T12:00:00Z',
  server: { version: 'v1.34.4' },
  namespace: 'shop',
  notServed: [],
  denied: [{ verb: 'get', group: '', resource: 'nodes', message: 'nodes is forbidden: User "u"' }],
  covers: [{ kind: 'Pod', namespace: 'shop' }],
  items: [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-1', namespace: 'shop' },
      spec: { when: '2026-01-31T12:00:00Z', text: 'no', number: '1.30', control: 'a\u001b[31m\r\nb\u0000', same: ['x'], again: ['x'] },
    },
  ],
};

describe('a recording in a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kdebug-scenario-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('comes back as it was saved, with its logs, for each phase', () => {
    const logs = new Map([
      ['web-1.app', 'a\u001b[31m\r\nb'],
      ['web-1.app.previous', ''],
    ]);
    saveRecorded(folder, { recording: RECORDING, logs });
    saveRecorded(folder, { recording: { ...RECORDING, namespace: 'after' }, logs: new Map() }, 'after');
    expect(loadRecorded(folder)).toEqual({ recording: RECORDING, logs });
    expect(loadRecorded(folder, 'after')?.recording.namespace).toBe('after');
    expect(loadRecorded(folder, 'terminated')).toBeUndefined();
    expect(readdirSync(folder).sort()).toEqual(['logs', 'objects.after.yaml', 'objects.yaml']);
  });

  it('forgets the logs of the recording before', () => {
    saveRecorded(folder, { recording: RECORDING, logs: new Map([['web-2.app', 'new']]) });
    expect(readdirSync(join(folder, 'logs'))).toEqual(['web-2.app.txt']);
  });

  it('writes no file for a name that leads out of the folder', () => {
    saveRecorded(folder, {
      recording: RECORDING,
      logs: new Map([
        ['../../evil', 'x'],
        ['a/b', 'x'],
      ]),
    });
    expect(readdirSync(join(folder, 'logs'))).toEqual([]);
  });

  it('writes texts that look like dates, numbers and booleans as texts', () => {
    fc.assert(
      fc.property(
        fc.json().map((text) => JSON.parse(text) as unknown),
        fc.string({ unit: 'binary' }),
        (json, text) => {
          const recording = { ...RECORDING, items: [{ ...RECORDING.items[0]!, json, text, spec: RECORDING.items[0]!.spec }] };
          expect(parseRecording(recordingText(recording), 'x')).toEqual(recording);
        },
      ),
      { seed: 3, numRuns: 200 },
    );
  });

  it('says what is wrong with a file from elsewhere', () => {
    const says = (change: object) => () => parseRecording(recordingText({ ...RECORDING, ...change } as Recording), 'bug/objects.yaml');
    expect(says({ items: [{ kind: 'Rocket' }] })).toThrow('bug/objects.yaml: items[0].kind kdebug does not know the kind Rocket');
    expect(says({ items: [{ kind: 'toString' }] })).toThrow('does not know the kind toString');
    expect(says({ now: 'yesterday' })).toThrow('now must be a date');
    expect(says({ items: {} })).toThrow('items must be a list');
    expect(says({ kind: 'List' })).toThrow('kind must be Recording');
    expect(says({ covers: undefined })).toThrow('covers is missing');
    expect(() => parseRecording('[]', 'x')).toThrow('x: it must have fields');
  });

  it('is no scenario without scenario.yaml', () => {
    expect(() => loadScenario(folder)).toThrow(`${join(folder, 'scenario.yaml')}: there is no such file`);
    expect(readFileSync(join(folder, 'objects.yaml'), 'utf8')).toContain('kind: Recording');
  });
});
