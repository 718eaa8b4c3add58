import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'svc.reach',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
