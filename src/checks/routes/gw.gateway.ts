import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'gw.gateway',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
