import { describe, expect, test } from 'vitest';
import {
  artifactsOf,
  CLASSES,
  healthy,
  type IngressParts,
  ingress,
  ingressClass,
  judged,
  type Made,
  patches,
  traefik,
  withoutFields,
} from '../testing.ts';
import { check } from './ing.controller.ts';

const cluster = (parts: IngressParts, ...more: Made[]) => ({
  objects: [...healthy(), ...CLASSES, ingress({ address: false, ...parts }), ...more],
});

test('an address shows that a controller serves the Ingress: nobody is looked for', () => {
  const there = cluster({ address: true });
  expect(judged(check, there)).toEqual(['fine: A controller has given Ingress cart an address.']);
  expect(artifactsOf(check, there).list({ kind: 'Pod', labelSelector: 'app.kubernetes.io/name=traefik' })).toBeUndefined();
});

test('it runs', () => {
  expect(judged(check, cluster({}, traefik()))).toEqual(['fine: Traefik runs.']);
});

describe('ingress-controller-missing', () => {
  const missing = cluster({ className: 'nginx' }, traefik());
  test('no Pod bears its labels', () => {
    expect(judged(check, missing)).toEqual([
      'error ingress-controller-missing: no Pod of ingress-nginx, the controller of IngressClass nginx, runs in the cluster, so that nobody serves Ingress cart',
    ]);
  });
  test('the class of a controller that runs is the remedy; without one there is none', () => {
    expect(patches(check, missing)).toEqual(['[{"op":"add","path":"/spec/ingressClassName","value":"traefik"}]']);
    expect(patches(check, cluster({ className: 'nginx' }))).toEqual([]);
  });
  test('the Jobs that set up the webhook bear the same label, and are no controller', () => {
    const job: Made = {
      kind: 'Pod',
      metadata: {
        name: 'ingress-nginx-admission-create',
        namespace: 'ingress-nginx',
        labels: { 'app.kubernetes.io/name': 'ingress-nginx', 'app.kubernetes.io/component': 'admission-webhook' },
      },
      status: { phase: 'Succeeded' },
    };
    expect(judged(check, cluster({ className: 'nginx' }, job))).toEqual([expect.stringMatching(/^error ingress-controller-missing/)]);
  });
});

test('ingress-controller-down: its Pods are there, and none is ready', () => {
  expect(judged(check, cluster({}, traefik(false)))).toEqual([
    'error ingress-controller-down: no Pod of Traefik, the controller of IngressClass traefik, is ready in namespace traefik, so that nobody serves Ingress cart',
  ]);
});

test.each([
  [
    'a class that nobody knows',
    { className: 'own' },
    [ingressClass('own', 'example.com/own')],
    [],
    'couldNotLook: kdebug does not know the controller example.com/own of IngressClass own, and cannot tell whether it runs.',
  ],
  [
    'a controller outside the cluster',
    { className: 'alb' },
    [ingressClass('alb', 'eks.amazonaws.com/alb')],
    [],
    'fine: EKS Auto Mode has no Pods that could be looked at.',
  ],
  [
    'no right to read Pods elsewhere',
    {},
    [],
    ['Pod'],
    'couldNotLook: The Pods of other namespaces could not be read, so that it is not known whether traefik.io/ingress-controller runs.',
  ],
  [
    'no right to read classes',
    {},
    [],
    ['IngressClass'],
    'couldNotLook: The IngressClasses of the cluster could not be read, so that the controller is not known.',
  ],
  ['no class at all', { className: 'traefic' }, [], [], 'notApplicable: Without an IngressClass there is no controller to look for.'],
] as const)('%s', (_, parts, more, denied, says) => {
  expect(judged(check, { ...cluster(parts, ...more), denied })).toEqual([says]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, cluster({ className: 'nginx' }, traefik(false)))).not.toContain(undefined);
});
