import { describe, expect, test } from 'vitest';
import {
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
import { check } from './ing.class.ts';

const CLASS = 'kubernetes.io/ingress.class';
const cluster = (parts: IngressParts, ...more: Made[]) => ({
  objects: [...healthy(), ...CLASSES, traefik(), ingress({ address: false, ...parts }), ...more],
});
const of = (parts: IngressParts) => judged(check, cluster(parts));

test('the class is there', () => {
  expect(of({})).toEqual(['fine: Ingress cart is of class traefik.']);
  expect(of({ className: '', annotations: { [CLASS]: 'traefik' } })).toEqual(['fine: Ingress cart is of class traefik.']);
});

describe('ingress-class-not-found', () => {
  test('names the classes that are there, and takes the near one', () => {
    expect(of({ className: 'traefic' })).toEqual([
      'error ingress-class-not-found: Ingress cart names IngressClass traefic, which does not exist; there are nginx and traefik',
    ]);
    expect(patches(check, cluster({ className: 'traefic' }))).toEqual(['[{"op":"add","path":"/spec/ingressClassName","value":"traefik"}]']);
  });
  test('a near class whose controller does not run is no remedy', () => {
    expect(patches(check, cluster({ className: 'ngnix' }))).toEqual(['[{"op":"add","path":"/spec/ingressClassName","value":"traefik"}]']);
  });
  test('without any class a person must choose', () => {
    const none = { objects: [...healthy(), ingress({ address: false, className: 'traefic' })] };
    expect(judged(check, none)).toEqual([
      'error ingress-class-not-found: Ingress cart names IngressClass traefic, which does not exist; there is none',
    ]);
    expect(patches(check, none)).toEqual(['[{"op":"add","path":"/spec/ingressClassName","value":"<class>"}]']);
  });
  test('an address may be left over from the right class, or from a controller that goes by names', () => {
    expect(of({ className: 'traefic', address: true })).toEqual([expect.stringMatching(/^error ingress-class-not-found/)]);
    expect(of({ className: 'contour', address: true })).toEqual([expect.stringMatching(/^warning ingress-class-not-found/)]);
  });
  test('the annotation names a class of its own', () => {
    expect(of({ className: '', annotations: { [CLASS]: 'traefic' } })).toEqual([
      'error ingress-class-annotation-conflict: Ingress cart names class traefic by the old annotation only, no controller has taken it, and there is no IngressClass of that name; there are nginx and traefik',
    ]);
    expect(patches(check, cluster({ className: '', annotations: { [CLASS]: 'traefic' } }))).toEqual([
      '[{"op":"remove","path":"/metadata/annotations/kubernetes.io~1ingress.class"},{"op":"add","path":"/spec/ingressClassName","value":"traefik"}]',
    ]);
    expect(of({ className: '', annotations: { [CLASS]: 'own' }, address: true })).toEqual(['fine: Ingress cart is of class own.']);
    expect(of({ className: '', annotations: { [CLASS]: 'gce' } })).toEqual(['fine: Ingress cart is of class gce.']);
  });
});

describe('ingress-class-none-no-default', () => {
  test('takes the class whose controller runs', () => {
    expect(of({ className: '' })).toEqual([
      'error ingress-class-none-no-default: Ingress cart names no IngressClass, and no IngressClass is the default',
    ]);
    expect(patches(check, cluster({ className: '' }))).toEqual(['[{"op":"add","path":"/spec/ingressClassName","value":"traefik"}]']);
  });
  test('a default that came after the Ingress does not count for it', () => {
    const later = ingressClass('haproxy', 'haproxy.org/ingress-controller', { 'ingressclass.kubernetes.io/is-default-class': 'true' });
    expect(judged(check, cluster({ className: '' }, later))).toEqual([
      'error ingress-class-none-no-default: Ingress cart names no IngressClass, and the default one, haproxy, only counts for Ingresses that are made after it',
    ]);
    expect(patches(check, cluster({ className: '' }, later))).toEqual(['[{"op":"add","path":"/spec/ingressClassName","value":"haproxy"}]']);
  });
  test('some controllers serve an Ingress without a class: the address shows it', () => {
    expect(of({ className: '', address: true })).toEqual(['fine: Ingress cart names no class, and has an address all the same.']);
  });
});

describe('ingress-class-annotation-conflict', () => {
  test('the annotation and the field differ', () => {
    const parts = { annotations: { [CLASS]: 'nginx' }, address: true };
    expect(of(parts)).toEqual([
      'warning ingress-class-annotation-conflict: Ingress cart names class nginx in the old annotation and class traefik in spec.ingressClassName; which of them counts differs from controller to controller',
    ]);
    expect(patches(check, cluster(parts))).toEqual(['[{"op":"remove","path":"/metadata/annotations/kubernetes.io~1ingress.class"}]']);
    expect(of({ annotations: { [CLASS]: 'traefik' } })).toEqual(['fine: Ingress cart is of class traefik.']);
  });
});

describe('ingress-class-controller-unknown', () => {
  const edge = (controller: string) => ingressClass('edge', controller);
  test('a slip in the name of the controller, or nobody that kdebug knows', () => {
    expect(judged(check, cluster({ className: 'edge' }, edge('traefik.io/ingres-controller')))).toEqual([
      'error ingress-class-controller-unknown: IngressClass edge of Ingress cart is for the controller traefik.io/ingres-controller, which is none that kdebug knows, and no controller has given the Ingress an address; Traefik goes by traefik.io/ingress-controller',
    ]);
    expect(judged(check, cluster({ className: 'edge' }, edge('example.org/own')))).toEqual([
      expect.stringMatching(/^warning ingress-class-controller-unknown/),
    ]);
  });
  test('an address shows that there is one', () => {
    expect(judged(check, cluster({ className: 'edge', address: true }, edge('example.org/own')))).toEqual([
      'fine: Ingress cart is of class edge.',
    ]);
  });
});

describe('ingress-class-multiple-defaults', () => {
  const asDefault = (name: string, made: string): Made => {
    const one = ingressClass(name, 'haproxy.org/ingress-controller', { 'ingressclass.kubernetes.io/is-default-class': 'true' });
    return { ...one, metadata: { ...one.metadata, creationTimestamp: made } };
  };
  const [old, young] = [asDefault('old', '2026-11-20T09:00:00Z'), asDefault('young', '2026-11-21T09:00:00Z')];
  test('the newest is given to who names none; at the same age the first by name', () => {
    const says = (...made: Made[]) => judged(check, cluster({ className: 'old', address: true }, ...made));
    expect(says(old, young)).toEqual([
      'fine: Ingress cart is of class old.',
      'info ingress-class-multiple-defaults: 2 IngressClasses are the default, old and young: an Ingress that names none gets young, the newest',
    ]);
    expect(says(old, asDefault('young', '2026-11-20T09:00:00Z'))[1]).toMatch(/gets old$/);
    expect(says(old)).toEqual(['fine: Ingress cart is of class old.']);
  });
  test('nothing to say of an Ingress of another class', () => {
    expect(judged(check, cluster({ address: true }, old, young))).toEqual(['fine: Ingress cart is of class traefik.']);
  });
});

test('without the right to read classes: fine with an address, open without', () => {
  expect(judged(check, { ...cluster({ address: true }), denied: ['IngressClass'] })).toEqual([
    'fine: Ingress cart has an address, so that a controller has claimed it.',
  ]);
  expect(judged(check, { ...cluster({}), denied: ['IngressClass'] })).toEqual([
    'couldNotLook: The IngressClasses of the cluster could not be read, and Ingress cart has no address.',
  ]);
});

test('no Ingress', () => {
  expect(judged(check, { objects: healthy() })).toEqual(['notApplicable: No Ingress leads to these Pods.']);
  expect(judged(check, { objects: healthy(), denied: ['Ingress'] })).toEqual([
    'notApplicable: The Ingresses of the namespace could not be read.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, cluster({ className: 'traefic' }))).not.toContain(undefined);
});
