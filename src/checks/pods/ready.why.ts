import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'ready.why',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
