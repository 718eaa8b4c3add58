import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'image.tag',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
