import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'start.init',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
