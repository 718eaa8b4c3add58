import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'pod.terminating',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
