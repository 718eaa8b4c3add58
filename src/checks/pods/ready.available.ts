import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'ready.available',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
