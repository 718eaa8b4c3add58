import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'start.image',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
