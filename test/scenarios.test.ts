import { expect, test } from 'vitest';
import { clusterWideObjects, namespaceFor, scenarioNames } from './scenarios.ts';

test('scenarios that run side by side share nothing: neither a namespace nor an object outside of it', () => {
  const owners = new Map<string, string[]>();
  for (const name of scenarioNames())
    for (const object of [`Namespace/${namespaceFor(name)}`, ...clusterWideObjects(name)])
      owners.set(object, [...(owners.get(object) ?? []), name]);
  expect([...owners].filter(([, names]) => names.length > 1)).toEqual([]);
});
