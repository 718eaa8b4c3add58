import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'reach.pod-ip',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
