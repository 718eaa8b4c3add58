import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'crash.killed-by',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
