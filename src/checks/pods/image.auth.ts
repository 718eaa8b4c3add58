import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'image.auth',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
