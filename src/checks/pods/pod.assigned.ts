import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'pod.assigned',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
