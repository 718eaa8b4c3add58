import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'crash.loop',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
