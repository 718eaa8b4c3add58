import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'crash.exit-code',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
