import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'start.create',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
