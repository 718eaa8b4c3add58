import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'pod.terminal',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
