import { describe, expect, test } from 'vitest';
import { judged, patches, withoutFields } from '../testing.ts';
import { check } from './start.create.ts';
import { starting } from './testing-start.ts';

const cluster = (message: string, reason = 'CreateContainerError', container: object = {}) =>
  starting({ web: { state: { waiting: { reason, message } } }, container });
const FINE = ['fine: Every container could be created.'];

describe('no-command', () => {
  test.each([
    ['containerd', 'failed to generate container "0f5c1d2e3a4b5c6d" spec: failed to generate spec: no command specified'],
    ['CRI-O', 'no command specified'],
  ])('in the words of %s', (_, message) => {
    expect(judged(check, cluster(message))).toEqual([
      'error no-command: image nginx:1.27 of container web names no command, and the Pod names none either',
    ]);
    expect(patches(check, cluster(message))).toEqual([
      '[{"op":"add","path":"/spec/template/spec/containers/0/command","value":["<program>"]}]',
    ]);
  });
});

describe('create-error-unclassified', () => {
  test.each([
    [
      'a profile that the node lacks, without the id of the try',
      'failed to create containerd container: failed to generate apparmor spec opts: apparmor profile not found cart-profile',
      'failed to create containerd container: failed to generate apparmor spec opts: apparmor profile not found cart-profile',
    ],
    [
      'a name that an earlier try holds',
      'failed to reserve container name "web_cart-1-a_shop_1_0": name "web_cart-1-a_shop_1_0" is reserved for "0f5c1d2e3a4b5c6d"',
      'the runtime is still busy with an earlier try',
    ],
    ['a runtime that is too slow', 'context deadline exceeded', 'the runtime is still busy with an earlier try'],
    ['no words', '', 'the runtime gives no reason'],
  ])('%s', (_, message, says) => {
    expect(judged(check, cluster(message))).toEqual([`error create-error-unclassified: container web cannot be created: ${says}`]);
  });
  test("the kubelet's own resource managers", () => {
    expect(judged(check, cluster('not enough cpus available to satisfy request', 'PreCreateHookError'))).toEqual([
      'error create-error-unclassified: container web cannot be created: not enough cpus available to satisfy request',
    ]);
  });
});

test('with CRI-O a command that cannot be run fails here, and is told at start.run', () => {
  expect(judged(check, cluster('container create failed: executable file `cart-server` not found in $PATH: No such file'))).toEqual(FINE);
});

test('other reasons are not asked about', () => {
  expect(judged(check, cluster('no command specified', 'RunContainerError'))).toEqual(FINE);
  expect(judged(check, starting({ status: { containerStatuses: [] } }))).toEqual(['notApplicable: No container has come this far.']);
});

test('fields that are missing do no harm', () => {
  const outcomes = withoutFields(check, cluster('no command specified'));
  expect(outcomes.length).toBeGreaterThan(40);
  expect(outcomes).not.toContain(undefined);
});
