import { describe, expect, it } from 'vitest';
import type { Scenario } from '../src/cluster/scenario.ts';
import type { Finding } from '../src/model.ts';
import { differences } from './expected.ts';

const finding = (cause: string, more: Partial<Finding> = {}): Finding =>
  ({ id: `${cause}:Pod/a`, cause, severity: 'error', message: 'm', consequenceOf: [], ...more }) as unknown as Finding;
const scenario = (more: Partial<Scenario>) =>
  ({ roots: [], consequences: [], notes: [], verdict: 'faulty', ...more }) as unknown as Scenario;
const root = (cause: string, container?: string) =>
  ({ cause, of: [], because: '', ...(container && { container }) }) as unknown as Scenario['roots'][number];
const follows = (cause: string, ...of: string[]) => ({ ...root(cause), of }) as unknown as Scenario['roots'][number];

const one = finding('config-key-not-found', { container: 'web' });
const other = finding('service-endpoints-not-ready', { consequenceOf: [one.id] });

describe('differences', () => {
  it('has none where all is as expected', () => {
    expect(
      differences(
        scenario({
          roots: [root('config-key-not-found', 'web')],
          consequences: [follows('service-endpoints-not-ready', 'config-key-not-found')],
        }),
        { verdict: 'faulty', findings: [one, other] },
      ),
    ).toEqual([]);
    expect(
      differences(scenario({ roots: [], verdict: 'healthy' }), {
        verdict: 'healthy',
        findings: [finding('replicas-zero', { severity: 'info' })],
      }),
    ).toEqual([]);
  });

  const wanted = scenario({
    roots: [root('config-key-not-found', 'web')],
    consequences: [follows('service-endpoints-not-ready', 'config-key-not-found')],
  });
  const cases: readonly [what: string, findings: Finding[], says: string][] = [
    ['a root that is missing', [other], 'config-key-not-found (container web) was not found'],
    [
      'a root of another container',
      [finding('config-key-not-found', { container: 'sidecar' }), other],
      'config-key-not-found (container web) was not found',
    ],
    ['a finding that is too much', [one, other, finding('oom-killed')], 'oom-killed was found and should not be: m'],
    [
      'a warning that is too much',
      [one, other, finding('oom-killed', { severity: 'warning' })],
      'oom-killed was found and should not be: m',
    ],
    ['the same finding twice', [one, { ...one, id: 'x' }, other], 'config-key-not-found (container web) was found and should not be: m'],
    [
      'a consequence that stands alone',
      [one, { ...other, consequenceOf: [] }],
      'service-endpoints-not-ready should follow from config-key-not-found, and stands alone',
    ],
    [
      'a root that follows from another',
      [{ ...one, consequenceOf: [other.id] }, other],
      'config-key-not-found (container web) should stand alone, and follows from service-endpoints-not-ready',
    ],
    ['a root that is only a note', [{ ...one, severity: 'info' }, other], 'config-key-not-found (container web) was not found'],
  ];
  for (const [what, findings, says] of cases)
    it(`sees ${what}`, () => expect(differences(wanted, { verdict: 'faulty', findings })).toContain(says));

  it('sees a note that is missing, and none that is too much', () => {
    const healthy = { verdict: 'healthy' as const, findings: [finding('min-ready-seconds', { severity: 'info' })] };
    const noted = (cause: string) => scenario({ notes: [root(cause)], verdict: 'healthy' });
    expect(differences(noted('min-ready-seconds'), healthy)).toEqual([]);
    expect(differences(scenario({ verdict: 'healthy' }), healthy)).toEqual([]);
    expect(differences(noted('replicas-zero'), healthy)).toEqual(['the note replicas-zero was not found']);
  });

  it('sees another verdict', () =>
    expect(differences(wanted, { verdict: 'unknown', findings: [one, other] })).toEqual(['the verdict is unknown instead of faulty']));
});
