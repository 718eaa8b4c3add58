import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'pod.gated',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
