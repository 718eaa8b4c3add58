import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'start.run',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
