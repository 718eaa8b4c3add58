import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'svc.endpoints',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
