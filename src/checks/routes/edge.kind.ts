import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'edge.kind',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
