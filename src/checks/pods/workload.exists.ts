import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'workload.exists',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
