import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'crash.logs',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
