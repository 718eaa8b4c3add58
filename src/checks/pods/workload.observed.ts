import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'workload.observed',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
