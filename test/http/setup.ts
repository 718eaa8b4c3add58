/** Import this in every test that uses nock: no request gets out, and every answer that was prepared must have been asked for. */
import nock from 'nock';
import { afterEach, beforeEach, expect } from 'vitest';

beforeEach(() => {
  nock.disableNetConnect();
});

afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});
