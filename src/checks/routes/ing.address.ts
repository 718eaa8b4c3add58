import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'ing.address',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
