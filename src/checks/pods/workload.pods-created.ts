import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'workload.pods-created',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
