import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'ing.tls',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
