import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'ing.backend',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
