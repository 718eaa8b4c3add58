import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'image.name',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
