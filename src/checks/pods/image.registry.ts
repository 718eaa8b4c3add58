import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'image.registry',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
