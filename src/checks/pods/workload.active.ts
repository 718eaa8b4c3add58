import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'workload.active',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
