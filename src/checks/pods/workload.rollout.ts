import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'workload.rollout',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
