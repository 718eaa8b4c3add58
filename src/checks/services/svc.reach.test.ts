import { expect, test } from 'vitest';
import type { ProbeRequest } from '../../model.ts';
import { artifactsOf, type Cluster, healthy, type Made, NOW, judged as of, service, withoutFields } from '../testing.ts';
import { check } from './svc.reach.ts';

const asked = (how: 'refused' | 'timeout' | 'reset') => ({ objects: healthy(), probe: { answered: false as const, how, message: '' } });

test('only with a yes, and only where an endpoint is ready', () => {
  expect(of(check, { objects: healthy() })).toEqual(['notApplicable: Only asked with --probe.']);
  expect(of(check, { ...asked('refused'), objects: healthy('cart', false) })).toEqual([
    'notApplicable: There is no Service with a ready endpoint to ask.',
  ]);
});

test.each([200, 404, 500])('any answer (%s) shows that the port leads somewhere', (status) => {
  expect(of(check, { objects: healthy(), probe: { answered: true, status, body: '' } })).toEqual([
    'fine: Service cart leads to something that answers.',
  ]);
});

test('refused, and no answer', () => {
  expect(of(check, asked('refused'))).toEqual([
    'error endpoint-ready-but-refused: port http of Service cart has a ready endpoint, and the endpoint refuses the connection',
  ]);
  const inside = {
    ...asked('timeout'),
    probe: ({ via }: ProbeRequest) =>
      via === 'portForward' ? ({ answered: true, status: 200, body: '' } as const) : asked('timeout').probe,
  };
  expect(of(check, inside)).toEqual([
    'warning endpoint-ready-but-timeout: port http of Service cart has a ready endpoint, and the API server gets no answer from it: a NetworkPolicy, or no way from the control plane to the Pods',
  ]);
  // An application that accepts and never answers looks the same on every way.
  expect(of(check, asked('timeout'))).toEqual(['couldNotLook: What stands behind port 80 gave no answer that could be judged.']);
  expect(of(check, asked('reset'))).toEqual(['fine: Service cart leads to something that answers.']);
});

test.each(['noEndpoints', 'other'] as const)('what is no answer (%s) is not taken for one', (how) => {
  expect(of(check, { objects: healthy(), probe: { answered: false, how, message: '' } })).toEqual([
    'couldNotLook: What stands behind port 80 gave no answer that could be judged.',
  ]);
});

/** The relation along which the first report may fold, and what it must hold of. */
const because = (cluster: Cluster) => {
  const given = check.judge(artifactsOf(check, cluster));
  const [report] = given.outcome === 'wrong' ? given.reports : [];
  return [report?.because?.relation, ...(report?.because?.objects ?? []).map(({ kind, name }) => `${kind}/${name}`)];
};
/** The Service leads to a number that the Pods do not declare. */
const undeclared = healthy().map((one): Made => {
  if (one.kind === 'Service') return service('cart', { ports: [{ name: 'http', port: 80, targetPort: 3000 }] });
  return one.kind === 'Pod' ? { ...one, spec: { containers: [{ name: 'web' }] } } : one;
});

test("the fault is the Pod's, or the Service's own where its port leads nowhere", () => {
  expect(because(asked('refused'))).toEqual(['selects', 'Pod/cart-1-a']);
  expect(because({ ...asked('refused'), objects: undeclared })).toEqual(['same', 'Service/cart']);
});

test('an application that has only just started is given its time', () => {
  const objects = healthy().map((one): Made => {
    const containerStatuses = [{ name: 'web', ready: true, state: { running: { startedAt: NOW } } }];
    return one.kind === 'Pod' ? { ...one, status: { ...(one.status as object), containerStatuses } } : one;
  });
  expect(of(check, { ...asked('refused'), objects })).toEqual(['fine (in progress): Nothing listens behind it yet.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, asked('refused'))).toContain('wrong');
});
