import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'ing.reach',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
