import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'gw.class',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
