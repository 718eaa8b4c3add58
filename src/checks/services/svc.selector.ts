import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'svc.selector',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
