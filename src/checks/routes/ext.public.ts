import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'ext.public',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
