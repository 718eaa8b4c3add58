import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'image.platform',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
