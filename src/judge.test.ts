import { expect, test } from 'vitest';
import { createArtifacts } from './artifacts.ts';
import { answer, defineCheck, fine, inProgress, notApplicable } from './checks/answers.ts';
import { judge, sentence } from './judge.ts';
import type { Artifacts, Check, ReadRequest, Ref, Report, Target } from './model.ts';

const target: Target = { kind: 'Deployment', namespace: 'shop', name: 'web' };
const pod = (name: string): Ref => ({ kind: 'Pod', namespace: 'shop', name });
const service: Ref = { kind: 'Service', namespace: 'shop', name: 'web' };
const pods: ReadRequest = { verb: 'list', kind: 'Pod', namespace: 'shop' };

const crash = (name: string, container = 'app'): Report<'exit-1-app-error'> => ({
  cause: 'exit-1-app-error',
  severity: 'error',
  confidence: 'certain',
  object: pod(name),
  container,
  message: `container ${container} exits with 1`,
  evidence: [{ object: pod(name), path: 'status.phase', value: 'Running' }],
  remedies: [{ argv: ['kubectl', 'exec', name, '-n', 'shop', '--', 'sh'], changes: 'Nothing.', complete: true }],
});

const noEndpoints = (...names: string[]): Report<'service-endpoints-not-ready'> => ({
  cause: 'service-endpoints-not-ready',
  severity: 'error',
  confidence: 'certain',
  object: service,
  message: 'no Pod behind Service web is ready',
  evidence: [],
  because: { relation: 'selects', objects: names.map(pod) },
});

const crashes = (...reports: Report<'exit-1-app-error'>[]) =>
  defineCheck({
    question: 'crash.exit-code',
    causes: ['exit-1-app-error'],
    reads: () => [],
    judge: () => answer(reports, 'No container ended.'),
  });
const endpoints = (...reports: Report<'service-endpoints-not-ready'>[]) =>
  defineCheck({
    question: 'svc.endpoints',
    causes: ['service-endpoints-not-ready'],
    reads: () => [],
    judge: () => answer(reports, 'Ready.'),
  });

const over = (checks: readonly unknown[], fill: (a: ReturnType<typeof createArtifacts>) => void = () => {}, flags: string[] = []) => {
  const artifacts = createArtifacts(target, '2026-01-01T00:00:00Z');
  fill(artifacts);
  return judge(artifacts, flags, checks as Check[]);
};

test('the same fault of several Pods is one finding; another container is another', () => {
  const { findings } = over([crashes(crash('a'), crash('b'), crash('a', 'proxy'))]);
  expect(findings.map(({ container, count }) => [container, count])).toEqual([
    ['app', 2],
    ['proxy', 1],
  ]);
});

test('a consequence hangs under its cause only if every Pod concerned carries one', () => {
  const folded = over([crashes(crash('a'), crash('b')), endpoints(noEndpoints('a', 'b'))]);
  expect(folded.findings.map(({ cause, consequenceOf }) => [cause, consequenceOf])).toEqual([
    ['exit-1-app-error', []],
    ['service-endpoints-not-ready', ['exit-1-app-error:Pod/a/app']],
  ]);
  const independent = over([crashes(crash('a')), endpoints(noEndpoints('a', 'b'))]);
  expect(independent.findings.map(({ consequenceOf }) => consequenceOf)).toEqual([[], []]);
});

test('a relation that no edge allows explains nothing', () => {
  const odd = { ...noEndpoints('a'), because: { relation: 'mounts' as const, objects: [pod('a')] } };
  expect(over([crashes(crash('a')), endpoints(odd)]).findings.every(({ consequenceOf }) => consequenceOf.length === 0)).toBe(true);
});

test('connection flags are put into every command, before what belongs to another program', () => {
  const { findings } = over([crashes(crash('a'))], undefined, ['--context', 'prod']);
  expect(findings[0]!.remedies[0]!.argv).toEqual(['kubectl', 'exec', 'a', '-n', 'shop', '--context', 'prod', '--', 'sh']);
});

const reading = (extra: Partial<ReadRequest>, says = fine('All well.')): Check =>
  ({ question: 'pod.assigned', causes: [], reads: () => [{ ...pods, ...extra } as ReadRequest], judge: () => says }) as unknown as Check;
const forbidden = { ok: false, reason: 'forbidden', message: 'pods is forbidden' } as const;

test('a forbidden read that was needed is "could not look", with the rule that would allow it', () => {
  const { verdict, ledger, unread } = over([reading({})], (a) => a.add(pods, forbidden));
  expect(verdict).toBe('unknown');
  expect(ledger[0]).toMatchObject({ outcome: 'couldNotLook', blocks: true });
  expect(unread).toEqual([
    {
      verb: 'list',
      group: '',
      resource: 'pods',
      namespace: 'shop',
      reason: 'forbidden',
      message: 'pods is forbidden',
      questions: ['pod.assigned'],
      rule: { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    },
  ]);
});

test('an optional read that failed is listed and not held against the workload', () => {
  const { verdict, unread } = over([reading({ optional: true })], (a) => a.add(pods, forbidden));
  expect([verdict, unread.length]).toEqual(['healthy', 1]);
});

test.each(['notFound', 'noSuchApi'] as const)('%s is an answer', (reason) => {
  const { verdict, unread } = over([reading({})], (a) => a.add(pods, { ok: false, reason, message: '' }));
  expect([verdict, unread]).toEqual(['healthy', []]);
});

test('what nobody came to read is not "nothing wrong"', () => {
  expect(over([reading({})]).verdict).toBe('unknown');
});

test('a fault outweighs what could not be read', () => {
  expect(over([crashes(crash('a')), reading({})], (a) => a.add(pods, forbidden)).verdict).toBe('faulty');
});

test('progressing, healthy, and what did not apply', () => {
  expect(
    over([reading({}, inProgress('Two Pods are starting.'))], (a) => a.add(pods, { ok: true, value: { items: [], complete: true } })),
  ).toMatchObject({
    verdict: 'progressing',
    summary: 'Two Pods are starting.',
  });
  const none = over([reading({}, notApplicable('No Pods.'))], (a) => a.add(pods, { ok: true, value: { items: [], complete: true } }));
  expect([none.verdict, none.path]).toEqual(['healthy', []]);
});

test('a check that throws is a bug in kdebug, and the others still count', () => {
  const broken = {
    question: 'pod.assigned',
    causes: [],
    reads: () => [],
    judge: (_: Artifacts) => {
      throw new TypeError('x is undefined');
    },
  } as unknown as Check;
  expect(over([broken]).verdict).toBe('unknown');
  const { ledger, findings } = over([broken, crashes(crash('a'))]);
  expect(ledger[0]).toMatchObject({ outcome: 'couldNotLook' });
  expect(ledger[0]!.says).toContain('a bug in kdebug');
  expect(findings).toHaveLength(1);
});

test('sentences get a capital and a full stop, names keep their case', () => {
  expect([sentence('no Pod is ready'), sentence('ConfigMap a has no key b'), sentence('Why?'), sentence('checkout-api exits')]).toEqual([
    'No Pod is ready.',
    'ConfigMap a has no key b.',
    'Why?',
    'checkout-api exits.',
  ]);
});

test('a message of the API server that does not end is cut; its evidence is not', () => {
  const text = 'x'.repeat(10_000);
  const { findings, summary } = over([
    crashes({ ...crash('a'), message: text, evidence: [{ object: pod('a'), path: 'status.message', value: text }] }),
  ]);
  expect([findings[0]?.message.length, summary.length < 1100, findings[0]?.evidence[0]]).toMatchObject([1000, true, { value: text }]);
});
