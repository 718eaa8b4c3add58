import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'ing.controller',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
