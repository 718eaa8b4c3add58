import { describe, expect, it } from 'vitest';
import type { RecordedObject } from '../src/cluster/recorded.ts';
import type { Ref } from '../src/model.ts';
import { follow, valueAt, without, wrongAddress } from './evidence.ts';

const pod: RecordedObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'shop', labels: { 'app.kubernetes.io/name': 'shop', app: 'web' } },
  spec: {
    containers: [{ name: 'side' }, { name: 'web', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }], command: ['a', 'b'] }],
  },
  status: { podIP: null },
};
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: 'shop' }, keys: ['user'] } as RecordedObject;
const ref: Ref = { kind: 'Pod', namespace: 'shop', name: 'web-1' };
const other = (kind: Ref['kind'], name: string): Ref => ({ kind, namespace: 'shop', name });

describe('follow', () => {
  const at = (path: string) => {
    const { keys, rest } = follow(pod, path);
    return rest === '' ? valueAt(pod, keys) : `no ${rest}`;
  };
  it('follows fields, items by name and index, and keys with dots', () => {
    expect(at('spec.containers[name=web].env[name=A].value')).toBe('1');
    expect(at('spec.containers[1].command[0]')).toBe('a');
    expect(at('spec.containers[name=web].ports[containerPort=80].containerPort')).toBe(80);
    expect(at('metadata.labels.app.kubernetes.io/name')).toBe('shop');
    expect(at('metadata.labels["app.kubernetes.io/name"]')).toBe('shop');
    expect(at('metadata.labels.app')).toBe('web');
    expect(at('spec.containers[name=web].command')).toEqual(['a', 'b']);
  });

  it('says what is not there', () => {
    expect(at('spec.containers[name=db].image')).toBe('no [name=db].image');
    expect(at('spec.containers[2].image')).toBe('no [2].image');
    expect(at('spec.volumes[name=x]')).toBe('no volumes[name=x]');
    expect(at('metadata.labels.toString')).toBe('no toString');
  });
});

describe('wrongAddress', () => {
  const wrong = (object: Ref, path: string, absent = false) =>
    wrongAddress([pod, secret], absent ? { object, path, absent } : { object, path, value: 'x' });
  it('is content with what is as it says', () => {
    expect(wrong(ref, 'spec.containers[name=web].env[name=A]')).toBeUndefined();
    expect(wrong(ref, 'spec.containers[name=web].env[name=B]', true)).toBeUndefined();
    expect(wrong(ref, 'status.podIP', true)).toBeUndefined();
    expect(wrong(other('ConfigMap', 'gone'), 'metadata.name', true)).toBeUndefined();
    expect(wrong(other('Secret', 'db'), 'data.user')).toBeUndefined();
    expect(wrong(other('Secret', 'db'), 'data.password', true)).toBeUndefined();
  });
  it('sees what is not', () => {
    expect(wrong(ref, 'spec.containers[name=web].image')).toContain('is said to be there, and is not');
    expect(wrong(ref, 'spec.containers[name=web].env', true)).toContain('is said to be absent, and is there');
    expect(wrong(other('Secret', 'db'), 'data.user', true)).toContain('is there');
    expect(wrong(other('Service', 'web'), 'spec')).toContain('is not');
    expect(wrong({ ...ref, namespace: 'other' }, 'spec')).toContain('is not');
  });
});

describe('without', () => {
  const change = (object: Ref, path: string, absent = false, standIn: unknown = 'x') =>
    without([pod, secret], absent ? { object, path, absent } : { object, path, value: '' }, standIn);
  it('takes fields and items away, and leaves the recording as it was', () => {
    const before = JSON.stringify(pod);
    expect(change(ref, 'spec.containers[name=web].env[name=A]')[0]).toMatchObject({
      spec: { containers: [{ name: 'side' }, { env: [] }] },
    });
    expect(change(ref, 'metadata.labels.app.kubernetes.io/name')[0]?.metadata?.labels).toEqual({ app: 'web' });
    expect(change(other('Secret', 'db'), 'data.user')[1]?.keys).toEqual([]);
    expect(JSON.stringify(pod)).toBe(before);
  });
  it('puts there what was absent', () => {
    const containers = (all: readonly RecordedObject[]) => (all[0] as unknown as { spec: { containers: unknown[] } }).spec.containers;
    expect(containers(change(ref, 'spec.containers[name=web].resources.limits.memory', true, '1Gi'))[1]).toMatchObject({
      resources: { limits: { memory: '1Gi' } },
    });
    expect(containers(change(ref, 'spec.containers[name=web].ports[name=http]', true))[1]).toMatchObject({
      ports: [{ containerPort: 80 }, { name: 'http' }],
    });
    expect(containers(change(ref, 'spec.containers[name=side].ports[name=http]', true))[0]).toMatchObject({ ports: [{ name: 'http' }] });
    expect(change(ref, 'metadata.labels.example.com/team', true)[0]?.metadata?.labels).toMatchObject({ 'example.com/team': 'x' });
    expect(change(ref, 'status.podIP', true)[0]).toMatchObject({ status: { podIP: 'x' } });
    expect(change(other('ConfigMap', 'gone'), 'metadata.name', true)[2]).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'gone', namespace: 'shop' },
    });
    expect(change(other('Secret', 'db'), 'data.password', true)[1]?.keys).toEqual(['user', 'password']);
  });
});
