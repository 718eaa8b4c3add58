import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'ing.class',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
