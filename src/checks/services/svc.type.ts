import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'svc.type',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
