import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'start.sandbox',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
