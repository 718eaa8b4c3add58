import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'ready.condition',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
