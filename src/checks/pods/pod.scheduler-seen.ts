import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'pod.scheduler-seen',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
