import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'node.healthy',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
